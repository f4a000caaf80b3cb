import { assertEquals } from "@std/assert";
import { database } from "./harness.ts";
import { clinic, uploaded } from "./rows.ts";
import { claim, complete, expireLease, fail, newToken, release, sweep } from "./worker_calls.ts";
import type postgres from "postgres";

const DRAFT: { [key: string]: postgres.JSONValue } = {
  input: "hash",
  value: { sections: [] },
  model: "model",
};

const keep = async (sql: postgres.Sql, id: string, token: string, draft = DRAFT) =>
  (await sql`select public.save_draft(${id}, ${token}, ${sql.json(draft)}) as kept`)[0].kept
    .outcome;

const draft = async (sql: postgres.Sql, id: string) =>
  (await sql`select draft from summaries_private.summary_jobs where summary_id = ${id}`)[0].draft;

Deno.test("a draft is kept for the next attempt, which isn't counted, and told as a stage", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    const token = newToken();
    assertEquals((await claim(sql, summary, token)).job.draft, null);
    assertEquals(await keep(sql, summary, token), "saved");
    const [{ stage }] = await sql`select stage from public.summaries where id = ${summary}`;
    assertEquals(stage, "checking");
    assertEquals(await keep(sql, summary, token, { ...DRAFT, settled: true }), "saved");
    const [settled] = await sql`select stage from public.summaries where id = ${summary}`;
    assertEquals(settled.stage, "verifying");
    assertEquals(await keep(sql, summary, token), "saved");
    await release(sql, summary, token, true);
    const { job } = await claim(sql, summary);
    assertEquals([job.draft, job.tries_left], [DRAFT, 5]);
  } finally {
    await db.close();
  }
});

for (
  const [what, used] of [
    ["attempts", { fruitless: 4, ages_from: new Date() }],
    ["time", { fruitless: 0, ages_from: new Date(Date.now() - 25 * 3_600_000) }],
  ] as const
) {
  Deno.test(`one whose ${what} are used up as its worker dies is tried once more for its draft`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
      const dies = async () => {
        await expireLease(sql, summary);
        await sweep(sql);
        return (await sql`select status from public.summaries where id = ${summary}`)[0].status;
      };
      const token = newToken();
      await claim(sql, summary, token);
      await keep(sql, summary, token);
      await sql`update summaries_private.summary_jobs
        set progressed = false, fruitless = ${used.fruitless}, ages_from = ${used.ages_from}
        where summary_id = ${summary}`;
      assertEquals(await dies(), "queued");
      const { job } = await claim(sql, summary);
      assertEquals([job.draft, job.tries_left], [DRAFT, 0]);
      assertEquals(await dies(), "failed");
      assertEquals(await draft(sql, summary), null);
    } finally {
      await db.close();
    }
  });
}

Deno.test("who has lost the lease keeps no draft", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    await claim(sql, summary);
    assertEquals(await keep(sql, summary, newToken()), "lost");
    assertEquals(await draft(sql, summary), null);
  } finally {
    await db.close();
  }
});

Deno.test("however a summary ends, its draft is gone", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const ends: Record<string, (id: string, token: string) => Promise<unknown>> = {
      completed: (id, token) => complete(sql, id, token),
      failed: (id, token) => fail(sql, id, token, { fault: "final" }),
      cancelled: (id) => sql`update public.summaries set status = 'cancelled' where id = ${id}`,
    };
    for (const [status, end] of Object.entries(ends)) {
      const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
      const token = newToken();
      await claim(sql, summary, token);
      await keep(sql, summary, token);
      assertEquals(await draft(sql, summary), DRAFT);
      await end(summary, token);
      const [row] = await sql`select status from public.summaries where id = ${summary}`;
      assertEquals([row.status, await draft(sql, summary)], [status, null]);
    }
  } finally {
    await db.close();
  }
});
