import { assert, assertEquals } from "@std/assert";
import { database } from "./harness.ts";
import { clinic, setSlots, upload, uploaded } from "./rows.ts";
import { claim, expireLease, fail, newToken, sweep } from "./worker_calls.ts";

Deno.test("an operator sees depth, age, waits and failures", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const [due, waiting, working, lost, failed] = [
      await uploaded(sql, at),
      await uploaded(sql, at),
      await uploaded(sql, at),
      await uploaded(sql, at),
      await uploaded(sql, at),
    ].map(({ summary }) => summary);
    for (const [id, fault] of [[waiting, "own"], [failed, "final"]] as const) {
      const token = newToken();
      await claim(sql, id, token);
      await fail(sql, id, token, { fault });
    }
    for (const id of [working, lost]) await claim(sql, id);
    await expireLease(sql, lost);
    await setSlots(sql, 2);
    await uploaded(sql, at);
    await sql`update summaries_private.summary_jobs set run_after = now() - interval '100 seconds'
      where summary_id = ${due}`;
    await upload(sql, "malformed");
    const health = async () => (await sql`select public.queue_health() as health`)[0].health;
    const { oldest_due_seconds, ...counts } = await health();
    assertEquals(counts, {
      queued: 3,
      processing: 2,
      held_by: null,
      paused_until: null,
      dollars_a_day: null,
      dollars_spent: 0,
      dollars_reserved: 0,
      last_sweep_at: null,
      upload_trigger: true,
      failed_last_hour: 1,
    });
    assert(oldest_due_seconds >= 100);
    const rows = await sql`
      select status, state, error_code, summaries, most_attempts from summaries_private.queue order by 1, 2`;
    assertEquals(rows.map((row) => Object.values(row)), [
      ["failed", "last day", "model_unavailable", "1", 1],
      ["missed upload", "given up", "malformed_path", "1", 0],
      ["processing", "extracting", null, "1", 1],
      ["processing", "lease ran out", null, "1", 1],
      ["queued", "waits for a worker", null, "1", 0],
      ["queued", "waits for retry", "model_unavailable", "1", 1],
      ["queued", "waits for slot", null, "1", 0],
    ]);
    await sweep(sql);
    assert((await health()).last_sweep_at !== null);
  } finally {
    await db.close();
  }
});

Deno.test("failures are counted for an hour and for a day", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    const token = newToken();
    await claim(sql, summary, token);
    await fail(sql, summary, token, { fault: "final" });
    const counts = async (hours: number) => {
      await sql`update summaries_private.summary_jobs
        set ended_at = now() - make_interval(hours => ${hours}) where true`;
      const [{ health }] = await sql`select public.queue_health() as health`;
      const shown = await sql`select from summaries_private.queue where status = 'failed'`;
      return [health.failed_last_hour, shown.count];
    };
    assertEquals([await counts(0), await counts(2), await counts(25)], [[1, 1], [0, 1], [0, 0]]);
  } finally {
    await db.close();
  }
});
