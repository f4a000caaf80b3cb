import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, pathIn, remove, scene, upload, uploaded } from "./rows.ts";
import {
  age,
  claim,
  claimNext,
  cleaned,
  complete,
  expireLease,
  fail,
  heartbeat,
  inputs,
  makeDue,
  newToken,
  release,
  save,
  summaryRow,
  sweep,
} from "./worker_calls.ts";

async function claimed(sql: postgres.Sql, at?: { clinic: string }) {
  const file = await uploaded(sql, at ?? { clinic: await clinic(sql) });
  const token = newToken();
  await claim(sql, file.summary, token);
  return { ...file, token };
}

const activeOf = async (sql: postgres.Sql, consultation: string) =>
  (await sql`select id from public.summaries
    where consultation_id = ${consultation} and status in ('queued', 'processing')`).map(({ id }) =>
    id
  );

Deno.test("what may pass is tried again later, until the attempts are used up", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, ...file } = await claimed(sql);
    let token = file.token;
    for (let attempt = 1; attempt < 5; attempt++) {
      const { outcome, run_after } = await fail(sql, summary, token);
      assertEquals(outcome, "queued");
      const row = await summaryRow(sql, summary);
      assertEquals([row.status, row.attempts, row.stage], ["queued", attempt, null]);
      assertEquals(
        row.run_after.getTime(),
        new Date(run_after!).setMilliseconds(row.run_after.getMilliseconds()),
      );
      assertEquals(row.error_code, "model_unavailable");
      await makeDue(sql, summary);
      assertEquals((await claim(sql, summary, token = newToken())).job.attempt, attempt + 1);
    }
    assertEquals(await fail(sql, summary, token), { outcome: "failed" });
    const row = await summaryRow(sql, summary);
    assertEquals([row.status, row.error_code, row.run_after], [
      "failed",
      "model_unavailable",
      null,
    ]);
    assertEquals(await claim(sql, summary), { outcome: "nothing", status: "failed" });
  } finally {
    await db.close();
  }
});

Deno.test("the wait doubles up to ten minutes, with half of it left to chance and a given floor", async () => {
  const db = await database();
  try {
    const seconds = await db.sql`
      select a as attempts, min(w)::float as least, max(w)::float as most
      from (select a, summaries_private.backoff_seconds(a, null) as w
        from generate_series(1, 9) a, generate_series(1, 2000)) drawn
      group by a order by a`;
    for (const { attempts, least, most } of seconds) {
      const full = Math.min(10 * 2 ** (attempts - 1), 600);
      assert(least >= full / 2 && most <= full, `${attempts}: ${least} to ${most}`);
      assert(most - least > full / 3, "no chance in it");
    }
    const [{ floor }] = await db
      .sql`select summaries_private.backoff_seconds(1, 90)::float as floor`;
    assertEquals(floor, 90);
  } finally {
    await db.close();
  }
});

Deno.test("a given delay is the least to wait", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token } = await claimed(sql);
    await fail(sql, summary, token, { retryAfter: 3600 });
    const [{ early }] = await sql`
      select run_after < now() + interval '59 minutes' as early from summaries_private.summary_jobs`;
    assertEquals(early, false);
  } finally {
    await db.close();
  }
});

Deno.test("what will not pass fails at once, with the files that were looked at", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token, recording, version } = await claimed(sql);
    const used = [{
      recording_id: recording,
      object_version: version,
      outcome: "failed" as const,
      code: "file_type",
    }];
    const failing = () => fail(sql, summary, token, { retryable: false, used });
    assertEquals(await failing(), { outcome: "failed" });
    assertEquals(
      [...await sql`select recording_id, outcome, code from public.summary_recordings`],
      [
        { recording_id: recording, outcome: "failed", code: "file_type" },
      ],
    );
    assertEquals(await failing(), { outcome: "failed" });
  } finally {
    await db.close();
  }
});

Deno.test("the same failure told again, because the answer was lost, is one failure", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token } = await claimed(sql);
    const first = await fail(sql, summary, token);
    assertEquals(await fail(sql, summary, token), first);
    assertEquals((await summaryRow(sql, summary)).attempts, 1);
  } finally {
    await db.close();
  }
});

Deno.test("a released summary is due at once; the attempt counts unless it saved something", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token, ...file } = await claimed(sql);
    assertEquals(await release(sql, summary, token), true);
    assertEquals(await release(sql, summary, token), false);
    const again = newToken();
    assertEquals((await claim(sql, summary, again)).job.attempt, 2);
    assertEquals(await save(sql, summary, again, file), "saved");
    assertEquals(await save(sql, summary, again, file), "exists");
    assertEquals(await release(sql, summary, again), true);
    // Only what was saved since is progress.
    const last = newToken();
    assertEquals((await claim(sql, summary, last)).job.attempt, 2);
    assertEquals(await save(sql, summary, last, file), "exists");
    await release(sql, summary, last);
    assertEquals((await claim(sql, summary)).job.attempt, 3);
  } finally {
    await db.close();
  }
});

Deno.test("releases without progress come to an end, those with progress go on", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token, ...file } = await claimed(sql);
    const giveBack = [
      (token: string) => release(sql, summary, token),
      async () => {
        await expireLease(sql, summary);
        await sweep(sql);
      },
    ];
    let current = token;
    for (let part = 0; part < 12; part++) {
      assertEquals(await save(sql, summary, current, file, part), "saved");
      await giveBack[part % 2](current);
      assertEquals((await claim(sql, summary, current = newToken())).job.attempt, 1);
    }
    for (let attempt = 1; attempt <= 5; attempt++) {
      await giveBack[attempt % 2](current);
      await makeDue(sql, summary);
      await claim(sql, summary, current = newToken());
    }
    const row = await summaryRow(sql, summary);
    assertEquals([row.status, row.error_code, row.attempts], ["failed", "out_of_time", 5]);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep takes back leases that ran out, and no others", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [lives, dead] = [await claimed(sql), await claimed(sql)];
    await expireLease(sql, dead.summary);
    await sweep(sql);
    const row = await summaryRow(sql, dead.summary);
    assertEquals([row.status, row.attempts, row.lease_token], ["queued", 1, null]);
    assertEquals((await summaryRow(sql, lives.summary)).status, "processing");
    assertEquals(await heartbeat(sql, dead.summary, dead.token), false);
    assertEquals(await heartbeat(sql, lives.summary, lives.token), true);
    assertEquals((await claim(sql, dead.summary)).job.attempt, 2);
  } finally {
    await db.close();
  }
});

Deno.test("a lease that ran out holds until somebody takes the summary back", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token } = await claimed(sql);
    await expireLease(sql, summary);
    assertEquals(await heartbeat(sql, summary, token), true);
    await sweep(sql);
    assertEquals((await summaryRow(sql, summary)).status, "processing");
  } finally {
    await db.close();
  }
});

Deno.test("a job that kills its worker each time fails with the last code, and stops no other", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const poisoned = (await uploaded(sql, at)).summary;
    const good = (await uploaded(sql, at)).summary;
    const first = newToken();
    await claim(sql, poisoned, first);
    await fail(sql, poisoned, first);
    await makeDue(sql, poisoned);
    for (let attempt = 2; attempt <= 5; attempt++) {
      assertEquals((await claim(sql, poisoned)).job.attempt, attempt);
      await expireLease(sql, poisoned);
      if (attempt === 5) continue;
      await sweep(sql);
      // Not at once: it would meet the same others in its worker again.
      assert((await summaryRow(sql, poisoned)).run_after.getTime() > Date.now() + 5000);
      await makeDue(sql, poisoned);
    }
    // Used up: neither by id nor by turn, and left to the sweep.
    assertEquals((await claim(sql, poisoned)).outcome, "nothing");
    assertEquals((await claimNext(sql)).job.summary_id, good);
    await sweep(sql);
    const row = await summaryRow(sql, poisoned);
    assertEquals([row.status, row.error_code], ["failed", "model_unavailable"]);
  } finally {
    await db.close();
  }
});

Deno.test("a sweep passes over what is locked, and two sweeps at once are one", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [held, other] = [await claimed(sql), await claimed(sql)];
    await expireLease(sql, held.summary);
    await expireLease(sql, other.summary);
    const holder = await db.connect().reserve();
    await holder`begin`;
    await holder`select from public.summaries where id = ${held.summary} for update`;
    await sweep(sql);
    assertEquals((await summaryRow(sql, other.summary)).status, "queued");
    assertEquals((await summaryRow(sql, held.summary)).status, "processing");
    await holder`commit`;

    await holder`begin`;
    await holder`select summaries_private.sweep_summaries()`;
    const [{ last_sweep_at }] = await sql`select last_sweep_at from summaries_private.settings`;
    await sweep(sql);
    const [after] = await sql`select last_sweep_at from summaries_private.settings`;
    assertEquals(after.last_sweep_at, last_sweep_at);
    await holder`commit`;
    holder.release();
    assertEquals((await summaryRow(sql, held.summary)).status, "queued");
  } finally {
    await db.close();
  }
});

Deno.test("a cancelled summary is worked on no more, and nothing is stored", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const queued = await uploaded(sql, at);
    const working = await claimed(sql, at);
    const cancel = (id: string) =>
      db.as(
        "authenticated",
        { sub: at.receptionist },
        (tx) => tx`update public.summaries set status = 'cancelled' where id = ${id}`,
      );
    await cancel(queued.summary);
    await cancel(working.summary);
    assertEquals(await claim(sql, queued.summary), { outcome: "nothing", status: "cancelled" });
    assertEquals(await claimNext(sql), { outcome: "nothing", status: null });
    const { summary, token } = working;
    assertEquals(await heartbeat(sql, summary, token), false);
    assertEquals(await save(sql, summary, token, working), "lost");
    assertEquals(await complete(sql, summary, token), "lost");
    assertEquals(await fail(sql, summary, token), { outcome: "lost" });
    assertEquals(await release(sql, summary, token), false);
    assertEquals((await sql`select from public.extractions`).count, 0);
  } finally {
    await db.close();
  }
});

Deno.test("what a cancelled summary left at Gemini is cleaned up when its worker is surely gone", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token, ...file } = await claimed(sql);
    await save(sql, summary, token, file);
    const version = await upload(sql, file.path);
    await sql`update public.summaries set status = 'cancelled' where true`;
    assertEquals(await claim(sql, summary), { outcome: "nothing", status: "cancelled" });
    await expireLease(sql, summary);
    const cleaner = newToken();
    const cleanup = await claim(sql, summary, cleaner);
    assertEquals([cleanup.outcome, cleanup.summary_id], ["cleanup", summary]);
    assertEquals(
      cleanup.files.map(({ object_version }: { object_version: string }) => object_version).sort(),
      [file.version, version].sort(),
    );
    // One at a time; and one that died is followed by another.
    assertEquals((await claim(sql, summary)).outcome, "nothing");
    await sql`update summaries_private.summary_jobs set cleanup_expires_at = now() where true`;
    const next = newToken();
    assertEquals((await claim(sql, summary, next)).outcome, "cleanup");
    assertEquals(await cleaned(sql, summary, cleaner), false);
    assertEquals(await cleaned(sql, summary, next), true);
    assertEquals((await claim(sql, summary)).outcome, "nothing");
  } finally {
    await db.close();
  }
});

Deno.test("nothing is cleaned up while another summary uses the same files", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token, consultation } = await claimed(sql);
    assertEquals(await complete(sql, summary, token, undefined, true), "completed");
    const [{ id }] =
      await sql`insert into public.summaries (consultation_id) values (${consultation}) returning id`;
    const other = newToken();
    await claim(sql, id, other);
    assertEquals((await claim(sql, summary)).outcome, "nothing");
    await complete(sql, id, other);
    assertEquals((await claim(sql, id)).outcome, "nothing");
    assertEquals((await claim(sql, summary)).outcome, "cleanup");
    // The worker's own answer may come late.
    assertEquals(await complete(sql, summary, token), "completed");
  } finally {
    await db.close();
  }
});

Deno.test("cleanup is asked for until 48 hours have passed", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token } = await claimed(sql);
    await fail(sql, summary, token, { retryable: false, leftFiles: true });
    await sweep(sql);
    assertEquals((await summaryRow(sql, summary)).cleanup, true);
    await age(sql, 49 * 60);
    await sweep(sql);
    assertEquals((await summaryRow(sql, summary)).cleanup, false);
  } finally {
    await db.close();
  }
});

Deno.test("a file that comes while the work is failing gets a summary of its own", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const late = await claimed(sql);
    const used = await inputs(sql, late.summary);
    await upload(sql, pathIn({ clinic: late.path.split("/")[0], consultation: late.consultation }));
    await fail(sql, late.summary, late.token, { retryable: false, used });
    const [next, ...more] = await activeOf(sql, late.consultation);
    assertEquals(more, []);
    assertNotEquals(next, undefined);

    // Not when it was looked at, and not when nothing came.
    const seen = await claimed(sql);
    await upload(sql, pathIn({ clinic: seen.path.split("/")[0], consultation: seen.consultation }));
    await fail(sql, seen.summary, seen.token, {
      retryable: false,
      used: await inputs(sql, seen.summary),
    });
    assertEquals(await activeOf(sql, seen.consultation), []);
    const blind = await claimed(sql);
    await fail(sql, blind.summary, blind.token, { retryable: false });
    assertEquals(await activeOf(sql, blind.consultation), []);
  } finally {
    await db.close();
  }
});

Deno.test("complete is stale when a file came, changed or went since it was looked at", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token, path, consultation, ...file } = await claimed(sql);
    const at = { clinic: path.split("/")[0], consultation };
    const stale = async (used: Awaited<ReturnType<typeof inputs>>) =>
      assertEquals(await complete(sql, summary, token, used), "stale");
    await stale([]);
    let used = await inputs(sql, summary);
    const second = pathIn(at);
    await upload(sql, second);
    await stale(used);

    used = await inputs(sql, summary);
    await upload(sql, second);
    await stale(used);

    used = await inputs(sql, summary);
    await remove(sql, second);
    await stale(used);
    assertEquals((await sql`select from public.summary_recordings`).count, 0);

    // One that could not be used may be gone.
    const failed = used.map((entry) => (
      entry.recording_id === file.recording ? entry : { ...entry, outcome: "failed" as const }
    ));
    assertEquals(await complete(sql, summary, token, failed), "completed");
    assertEquals((await sql`select from public.summary_recordings`).count, 2);
  } finally {
    await db.close();
  }
});

Deno.test("an upload that races complete is in the summary or gets another", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    for (const uploadFirst of [true, false]) {
      const { summary, token, consultation } = await claimed(sql, at);
      const used = await inputs(sql, summary);
      const [uploader, worker] = [await db.connect().reserve(), await db.connect().reserve()];
      const path = pathIn({ ...at, consultation });
      const first = uploadFirst ? uploader : worker;
      await first`begin`;
      let completing, uploading;
      if (uploadFirst) {
        await upload(uploader, path);
        completing = complete(worker, summary, token, used);
      } else {
        completing = complete(worker, summary, token, used);
        await completing;
        uploading = upload(uploader, path);
      }
      // The second waits for the first's commit.
      for (let waiting = 0; waiting === 0;) {
        [{ waiting }] = await sql`select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
      }
      await first`commit`;
      await uploading;
      assertEquals(await completing, uploadFirst ? "stale" : "completed");
      assertEquals((await activeOf(sql, consultation)).length, 1);
      uploader.release();
      worker.release();
    }
  } finally {
    await db.close();
  }
});
