/** The queue with a thousand and with a million finished summaries behind it: plans and times. */
import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import { type Database, database } from "../database/harness.ts";
import { pathIn, upload, uploaded } from "../database/rows.ts";
import {
  claimNext,
  complete,
  completeAndNext,
  heartbeat,
  newToken,
  sweep,
} from "../database/worker_calls.ts";

const SIZES = [1000, 1_000_000];
const ROUNDS = 200;
/** A table or an index that is read as a whole makes it fifty and more. */
const MOST = 2;

/** Finished ones, as years of use leave them: five of each consultation, of fifty clinics. */
async function fill(db: Database, count: number): Promise<void> {
  const sql = postgres(db.url("supabase_admin"), { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`
      set session_replication_role = replica;
      set synchronous_commit = off;
      insert into public.clinics (name) select 'Clinic' from generate_series(1, 50);
      insert into public.consultations (clinic_id)
        select id from public.clinics, generate_series(1, ${count / 250});
      insert into public.recordings (clinic_id, consultation_id, bucket_id, object_path, object_id,
          object_version, kind)
        select clinic_id, id, 'consultations', clinic_id || '/' || id || '/a.webm', id, 'v', 'audio'
        from public.consultations;
      insert into public.summaries (clinic_id, consultation_id, submitted_by, status, summary,
          sections, created_at, started_at, updated_at, ended_at, completed_at, is_current)
        select clinic_id, id, 'doctor', case when n = 1 then 'failed' else 'completed' end,
          'Text', '[]', at, at, at, at, case when n > 1 then at end, n = 5
        from public.consultations, generate_series(1, 5) n,
          lateral (select clock_timestamp() - random() * interval '1000 days' - interval '3 days'
            + n * interval '1 hour' as at) as t;
      insert into summaries_private.summary_jobs (summary_id, clinic_id, attempts, lease_token)
        select id, clinic_id, 1, gen_random_uuid() from public.summaries;
      insert into public.summary_events (clinic_id, consultation_id, summary_id, event, detail)
        select clinic_id, consultation_id, id, 'status', '{"to": "completed"}' from public.summaries;
      insert into public.summary_recordings
          (summary_id, recording_id, clinic_id, object_version, outcome)
        select s.id, r.id, s.clinic_id, 'v', 'used'
        from public.summaries s join public.recordings r using (consultation_id);
      set session_replication_role = origin;
    `);
    for (
      const table of [
        "public.summaries",
        "public.consultations",
        "public.recordings",
        "public.summary_events",
        "public.summary_recordings",
        "summaries_private.summary_jobs",
      ]
    ) await sql.unsafe(`vacuum analyze ${table}`);
  } finally {
    await sql.end();
  }
}

interface Side {
  db: Database;
  sql: postgres.Sql;
  clinic: string;
  times: Record<string, number[]>;
}

async function open(count: number): Promise<Side> {
  const db = await database();
  await fill(db, count);
  const sql = postgres(db.url(), { max: 1, onnotice: () => {} });
  const [{ id: clinic }] = await sql`select id from public.clinics limit 1`;
  return { db, sql, clinic, times: {} };
}

/** One turn of everything that a run needs of the queue. */
async function turn({ sql, clinic, times }: Side): Promise<void> {
  const timed = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await run();
    (times[what] ??= []).push(performance.now() - began);
    return result;
  };
  const [first, second] = [newToken(), newToken()];
  const file = await uploaded(sql, { clinic });
  const next = await uploaded(sql, { clinic });
  // Into an active summary, and one that starts none.
  await timed("upload", () => upload(sql, pathIn({ clinic, consultation: file.consultation })));
  const { job } = await timed("claim_next", () => claimNext(sql, first));
  assertEquals(job.summary_id, file.summary);
  await timed("heartbeat", () => heartbeat(sql, file.summary, first, "extracting"));
  const answer = await timed(
    "complete and claim",
    () => completeAndNext(sql, file.summary, first, second),
  );
  assertEquals(answer.next.job.summary_id, next.summary);
  await complete(sql, next.summary, second);
  await timed("sweep", () => sweep(sql));
  await timed("health", () => sql`select public.queue_health()`);
}

/** The nodes that read tables, of every plan that runs inside `run`. */
async function plansOf(db: Database, run: (sql: postgres.Sql) => Promise<unknown>) {
  const nodes = new Set<string>();
  const sql = postgres(db.url("supabase_admin"), {
    max: 1,
    onnotice: ({ message }) => {
      for (
        const [, node] of message!.matchAll(
          /((?:Seq|Index|Index Only|Bitmap \w+) Scan[^(]*) {2}\(/g,
        )
      ) {
        nodes.add(node.trim().replace(/ (\w+)_1?$/, " $1"));
      }
    },
  });
  try {
    await sql.unsafe(`
      load 'auto_explain';
      set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on;
      set client_min_messages = log;`);
    await run(sql);
  } finally {
    await sql.end();
  }
  return [...nodes].sort();
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

Deno.test("a million finished summaries make the queue no slower than a thousand", async () => {
  const sides: Side[] = [];
  try {
    for (const size of SIZES) sides.push(await open(size));
    for (let round = 0; round < ROUNDS + 10; round++) {
      // The first ones fill caches.
      if (round === 10) sides.forEach((side) => side.times = {});
      for (const side of sides) await turn(side);
    }
    const ratios: Record<string, number> = {};
    console.log(
      `median ms of ${ROUNDS}`.padEnd(20),
      ...SIZES.map((n) => `${n}`.padStart(9)),
      "    ratio",
    );
    for (const what of Object.keys(sides[0].times)) {
      const [few, many] = sides.map(({ times }) => median(times[what]));
      ratios[what] = many / few;
      const figures = [few, many, many / few].map((value) => value.toFixed(2).padStart(9));
      console.log(what.padEnd(20), ...figures);
    }

    for (const what of ["claim_next", "sweep"]) {
      const [few, many] = await Promise.all(sides.map(async ({ db, clinic }) => {
        await uploaded(db.sql, { clinic });
        return await plansOf(db, (sql) => what === "sweep" ? sweep(sql) : claimNext(sql));
      }));
      console.log(`\n${what}: reads of tables, ${SIZES.join(" | ")} finished`);
      for (let n = 0; n < Math.max(few.length, many.length); n++) {
        console.log(`  ${(few[n] ?? "").padEnd(66)} | ${many[n] ?? ""}`);
      }
      const whole = many.filter((node) =>
        /^Seq Scan on (summaries|summary_jobs|summary_events_\d|summary_recordings|recordings|consultations)/
          .test(node)
      );
      assert(many.length > 0, "no plan was seen");
      assertEquals(whole, [], what);
    }
    // An upload is no call of the queue: its ratio is printed alone.
    delete ratios.upload;
    const slower = Object.entries(ratios).filter(([, ratio]) => ratio > MOST);
    assertEquals(slower, []);
  } finally {
    for (const { db, sql } of sides) {
      await sql.end();
      await db.close();
    }
  }
});
