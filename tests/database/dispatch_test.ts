import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, scene, upload, uploaded } from "./rows.ts";
import {
  claim,
  claimNext,
  complete,
  expireLease,
  fail,
  heartbeat,
  makeDue,
  newToken,
  release,
  save,
  summaryRow,
  sweep,
} from "./worker_calls.ts";

const withSecrets = (sql: postgres.Sql) =>
  sql`select vault.create_secret('http://host:1', 'project_url'),
    vault.create_secret('sb_secret_x', 'secret_key')`;

/** Summaries hinted at since the last look. */
async function hints(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    with taken as (delete from net.http_request_queue where true returning *)
    select convert_from(body, 'utf8')::jsonb ->> 'summary_id' as id from taken order by taken.id`;
  return rows.map(({ id }) => id);
}

Deno.test("a hint carries the id alone, with the key in apikey", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await withSecrets(sql);
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    const requests = await sql`
      select method, url, headers, convert_from(body, 'utf8')::jsonb as body, timeout_milliseconds
      from net.http_request_queue`;
    assertEquals([...requests], [{
      method: "POST",
      url: "http://host:1/functions/v1/generate-summary",
      headers: { "Content-Type": "application/json", apikey: "sb_secret_x" },
      body: { summary_id: summary },
      timeout_milliseconds: 5000,
    }]);
  } finally {
    await db.close();
  }
});

Deno.test("without secrets there are no hints", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await uploaded(sql, { clinic: await clinic(sql) });
    await sweep(sql);
    assertEquals(await hints(sql), []);
  } finally {
    await db.close();
  }
});

Deno.test("whoever inserts a summary starts it; a request that was claimed needs no hint", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await withSecrets(sql);
    const at = await scene(sql, { autoSummarize: false });
    const { consultation } = await uploaded(sql, at);
    for (const who of ["authenticated", "service_role"] as const) {
      const [{ id }] = await db.as(
        who,
        { sub: at.doctor },
        (tx) =>
          tx`insert into public.summaries (consultation_id) values (${consultation}) returning id`,
      );
      assertEquals(await hints(sql), [id]);
      await sql`update public.summaries set status = 'cancelled' where id = ${id}`;
    }
    await sql`select public.request_summary(${consultation}, ${at.doctor}, ${newToken()})`;
    assertEquals(await hints(sql), []);
  } finally {
    await db.close();
  }
});

Deno.test("when no slot is free nothing is hinted; each slot that gets free is one hint, in fair order", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await withSecrets(sql);
    await sql`update summaries_private.settings set max_in_flight = 1 where only_row`;
    const [big, small] = [await clinic(sql), await clinic(sql)];
    const working = (await uploaded(sql, { clinic: big })).summary;
    const token = newToken();
    await claim(sql, working, token);
    await hints(sql);
    const waiting = (await uploaded(sql, { clinic: big })).summary;
    const other = (await uploaded(sql, { clinic: small })).summary;
    await sweep(sql);
    assertEquals(await hints(sql), []);

    await complete(sql, working, token);
    assertEquals(await hints(sql), [other]);
    const next = newToken();
    await claim(sql, other, next);
    await fail(sql, other, next);
    assertEquals(await hints(sql), [waiting]);
    await claim(sql, waiting, token);
    await release(sql, waiting, token);
    assertEquals(await hints(sql), [waiting]);
    await claim(sql, waiting);
    await sql`update public.summaries set status = 'cancelled' where id = ${waiting}`;
    assertEquals(await hints(sql), []);
    await makeDue(sql, other);
    await sweep(sql);
    assertEquals(await hints(sql), [other]);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep hints as many as there are slots, clinic by clinic", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await sql`update summaries_private.settings set max_in_flight = 4 where only_row`;
    const clinics = [await clinic(sql), await clinic(sql), await clinic(sql)];
    for (const count of [5, 1, 2]) {
      for (let n = 0; n < count; n++) {
        await uploaded(sql, { clinic: clinics[[5, 1, 2].indexOf(count)] });
      }
    }
    await withSecrets(sql);
    await sweep(sql);
    const hinted = await hints(sql);
    const rows = await sql`select clinic_id from public.summaries where id = any (${hinted})`;
    assertEquals(hinted.length, 4);
    assertEquals(new Set(rows.map(({ clinic_id }) => clinic_id)).size, 3);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep asks for cleanup once a lease, and not while it would do harm", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    await claim(sql, summary);
    await withSecrets(sql);
    await sql`update public.summaries set status = 'cancelled' where true`;
    await sweep(sql);
    assertEquals(await hints(sql), []);
    await expireLease(sql, summary);
    await sweep(sql);
    assertEquals(await hints(sql), [summary]);
    await claim(sql, summary);
    await sweep(sql);
    assertEquals(await hints(sql), []);
  } finally {
    await db.close();
  }
});

Deno.test("a transaction that is rolled back hints nothing and tells nobody", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await withSecrets(sql);
    const at = { clinic: await clinic(sql) };
    await sql.begin(async (tx) => {
      const [{ id }] = await tx`
        insert into public.consultations (clinic_id) values (${at.clinic}) returning id`;
      await upload(tx, `${at.clinic}/${id}/${crypto.randomUUID()}.webm`);
      throw new Error("undo");
    }).catch(() => {});
    assertEquals(await hints(sql), []);
    assertEquals((await sql`select from realtime.messages`).count, 0);
  } finally {
    await db.close();
  }
});

Deno.test("each change is told to the clinic's topic: ids and states, nothing else", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at);
    const token = newToken();
    await claim(sql, file.summary, token);
    await heartbeat(sql, file.summary, token, "extracting");
    await heartbeat(sql, file.summary, token, "composing");
    await complete(sql, file.summary, token);
    await db.as(
      "authenticated",
      { sub: at.doctor },
      (tx) => tx`update public.summaries set review_status = 'approved', version = 2 where true`,
    );
    const messages = await sql`
      select topic, event, extension, private, payload from realtime.messages order by inserted_at`;
    const told = (status: string, stage: string | null, review_status = "draft") => ({
      topic: `clinic:${at.clinic}`,
      event: "summary",
      extension: "broadcast",
      private: true,
      payload: {
        id: file.summary,
        consultation_id: file.consultation,
        status,
        stage,
        review_status,
      },
    });
    assertEquals([...messages], [
      told("queued", null),
      told("processing", "extracting"),
      told("processing", "composing"),
      told("completed", null),
      told("completed", null, "approved"),
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("events tell a run's story", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.nurse);
    const id = file.summary;
    let token = newToken();
    await claim(sql, id, token);
    await heartbeat(sql, id, token, "composing");
    await fail(sql, id, token);
    await makeDue(sql, id);
    await claim(sql, id, token = newToken());
    await expireLease(sql, id);
    await claim(sql, id, token = newToken());
    await complete(sql, id, token);
    const events = await sql`
      select actor, event, detail from public.summary_events where event = 'status' order by id`;
    const machine = (detail: unknown) => ({ actor: null, event: "status", detail });
    assertEquals([...events], [
      { actor: at.nurse, event: "status", detail: { to: "queued" } },
      machine({ from: "queued", to: "processing", attempt: 1 }),
      machine({ from: "processing", to: "queued", attempt: 1, code: "model_unavailable" }),
      machine({ from: "queued", to: "processing", attempt: 2 }),
      machine({ from: "processing", to: "processing", attempt: 3 }),
      machine({ from: "processing", to: "completed", attempt: 3 }),
    ]);
    const stages = await sql`
      select detail from public.summary_events where event = 'stage' order by id`;
    assertEquals(stages.map(({ detail }) => detail.to), ["extracting", "composing", "extracting"]);
  } finally {
    await db.close();
  }
});

Deno.test("the worker reads templates and what is kept of each recording's present version", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    await sql`update public.clinics set template_config = '{"tone": "plain"}' where id = ${at.clinic}`;
    const file = await uploaded(sql, at);
    await sql`update public.consultations set template_config = '{"language": "Hindi"}'
      where id = ${file.consultation}`;
    const token = newToken();
    await claim(sql, file.summary, token);
    for (const part of [1, 0]) await save(sql, file.summary, token, file, part);
    await save(sql, file.summary, token, { ...file, version: "older" });
    const [{ inputs }] = await sql`select public.summary_inputs(${file.summary}) as inputs`;
    assertEquals(inputs.templates, {
      clinic: { tone: "plain" },
      consultation: { language: "Hindi" },
      summary: null,
    });
    const [recording] = inputs.recordings;
    assertEquals(Object.keys(inputs).sort(), [
      "clinic_id",
      "consultation_id",
      "recordings",
      "submitted_by",
      "summary_id",
      "templates",
    ]);
    assertEquals(Object.keys(recording).sort(), [
      "bucket_id",
      "created_at",
      "declared_type",
      "etag",
      "excluded",
      "extractions",
      "kind",
      "object_id",
      "object_path",
      "object_version",
      "recording_id",
      "size_bytes",
    ]);
    assertEquals(
      recording.extractions,
      [0, 1].map((part) => ({
        part,
        from_seconds: part * 600,
        to_seconds: null,
        is_last: true,
        segments: [{ kind: "speech", text: "…" }],
        found: { content: true },
        model: "model",
        prompt_version: "1",
        usage: {},
      })),
    );
    assertEquals(
      [...await sql`select public.summary_inputs(${newToken()}) as inputs`],
      [{ inputs: null }],
    );
  } finally {
    await db.close();
  }
});

Deno.test("an operator sees depth, age and failures", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const [due, waiting, working, failed] = [
      await uploaded(sql, at),
      await uploaded(sql, at),
      await uploaded(sql, at),
      await uploaded(sql, at),
    ];
    for (const { summary } of [waiting, failed]) {
      const token = newToken();
      await claim(sql, summary, token);
      await fail(sql, summary, token, { retryable: summary === waiting.summary });
    }
    await claim(sql, working.summary);
    await sql`update summaries_private.summary_jobs set run_after = now() - interval '100 seconds'
      where summary_id = ${due.summary}`;
    await upload(sql, "malformed");
    const health = async () => (await sql`select public.queue_health() as health`)[0].health;
    const { oldest_due_seconds, ...counts } = await health();
    assertEquals(counts, {
      queued: 2,
      processing: 1,
      last_sweep_at: null,
      upload_trigger: true,
      failed_last_hour: 1,
    });
    assert(oldest_due_seconds >= 100);
    await sweep(sql);
    assert((await health()).last_sweep_at !== null);
    const rows = await sql`
      select status, state, error_code, summaries, most_attempts from summaries_private.queue order by 1, 2`;
    assertEquals(rows.map((row) => Object.values(row)), [
      ["failed", "last day", "model_unavailable", "1", 1],
      ["missed upload", "given up", "malformed_path", "1", 0],
      ["processing", "extracting", null, "1", 1],
      ["queued", "due", null, "1", 0],
      ["queued", "waits after an error", "model_unavailable", "1", 1],
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep is scheduled, and prunes the traces of its runs", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [job] = await sql`select jobid, schedule, command, username from cron.job`;
    assertEquals([job.schedule, job.command, job.username], [
      "15 seconds",
      "select summaries_private.sweep_summaries()",
      "postgres",
    ]);
    const administrator = db.connect("supabase_admin");
    await administrator`insert into cron.job_run_details (jobid, username, end_time) values
      (${job.jobid}, 'postgres', now() - interval '2 days'), (${job.jobid}, 'postgres', now())`;
    await sql.unsafe(job.command);
    assertEquals((await administrator`select from cron.job_run_details`).count, 1);
  } finally {
    await db.close();
  }
});

Deno.test("the next in line is found through indexes however many have ended, and heartbeats stay HOT", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    await sql`insert into public.consultations (clinic_id)
      select ${at.clinic} from generate_series(1, 3000)`;
    await sql`insert into public.summaries (clinic_id, consultation_id, status, started_at)
      select clinic_id, id, 'failed', now() from public.consultations`;
    const { summary } = await uploaded(sql, at);
    await sql`vacuum analyze public.summaries`;
    await sql`vacuum analyze summaries_private.summary_jobs`;
    const pages = await sql.begin(async (tx) => {
      const look = () =>
        tx`explain (analyze, buffers, format json) select * from summaries_private.next_in_line(1)`;
      // The first one reads the catalog, too.
      await look();
      const [{ "QUERY PLAN": [{ Plan: plan }] }] = await look();
      return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    });
    assert(pages < 20, `${pages} pages`);
    assertEquals((await claimNext(sql)).job.summary_id, summary);

    const { lease_token } = await summaryRow(sql, summary);
    const updates = await sql.begin(async (tx) => {
      const counted = async () =>
        (await tx`select n_tup_upd::int as updated, n_tup_hot_upd::int as hot
          from pg_stat_xact_user_tables where relname = 'summary_jobs'`)[0];
      const before = await counted();
      for (let beat = 0; beat < 10; beat++) await heartbeat(tx, summary, lease_token, "extracting");
      const after = await counted();
      return [after.updated - before.updated, after.hot - before.hot];
    });
    assertEquals(updates, [10, 10]);
  } finally {
    await db.close();
  }
});
