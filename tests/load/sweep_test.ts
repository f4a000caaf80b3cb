/** What a sweep costs where much waits: measured and printed, not asserted. */
import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "../database/harness.ts";
import { clinic, queued } from "../database/rows.ts";
import { sweep } from "../database/worker_calls.ts";

const CLINICS = 200;
const EACH = 500;
/** Seconds that a sweep may take there. */
const GOAL = 0.5;

async function seconds(of: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await of();
  return (performance.now() - started) / 1000;
}

/** Each of them alone, beside the sweep as a whole. */
const STEPS = [
  "keep_to_budgets",
  "note_turns",
  "tell_what_waits",
  "wake_for_free_slots",
  "wake_for_cleanup",
  "prune",
];

async function measure(sql: postgres.Sql, what: string) {
  const whole = await seconds(() => sweep(sql));
  const steps: string[] = [];
  for (const step of STEPS) {
    const took = await seconds(() => sql.unsafe(`select summaries_private.${step}()`));
    steps.push(`${step} ${took.toFixed(3)}`);
  }
  console.log(
    `${what}: ${whole.toFixed(2)} s${whole > GOAL ? `, more than ${GOAL} s` : ""} ` +
      `(again, by steps: ${steps.join(", ")})`,
  );
}

Deno.test("a sweep over 100,000 queued summaries, each with files to delete afterwards", async () => {
  const db = await database();
  try {
    const { sql } = db;
    for (let n = 0; n < CLINICS; n++) await queued(sql, await clinic(sql), EACH);
    await sql`update summaries_private.summary_jobs set cleanup = true where true`;
    await sql`vacuum analyze summaries_private.summary_jobs`;
    await sql`vacuum analyze public.summaries`;
    await sql`select vault.create_secret('http://host:1', 'project_url'),
      vault.create_secret('k', 'hint_key')`;
    await measure(sql, "first");
    await measure(sql, "again");
    await sql`update summaries_private.turns set next_due = 'infinity' where true`;
    await measure(sql, "with every note wrong");
    await sql`update summaries_private.summary_jobs
      set run_after = run_after - interval '10 minutes' where true`;
    await sql`update summaries_private.breaker set reason = 'provider',
      paused_until = now() + interval '1 hour' where only_row`;
    for (let n = 1; n <= 3; n++) await measure(sql, `held, thousand number ${n * 6 - 5}`);
    const told = await sql`select from public.summaries where waiting_for = 'provider'`;
    assertEquals(told.count, 6000);
    await sql`delete from net.http_request_queue where true`;
  } finally {
    await db.close();
  }
});
