import { assertEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { clinic, uploaded } from "./rows.ts";
import { claim, complete, newToken, paidCall, save, sweep } from "./worker_calls.ts";

const call = (changes: object = {}) =>
  paidCall({ purpose: "compose", input_tokens: 1_000_000, ...changes });

async function claimed(db: Database) {
  const at = await clinic(db.sql);
  const file = await uploaded(db.sql, { clinic: at });
  const token = newToken();
  await claim(db.sql, file.summary, token);
  return { at, file, token };
}

const rows = (db: Database) =>
  db.sql`select clinic_id, summary_id, outcome, dollars::float from summaries_private.model_calls
    order by at, dollars`;

Deno.test("a call that was paid for is written down once, however often it is told", async () => {
  const db = await database();
  try {
    const { at, file, token } = await claimed(db);
    const calls = [call({ outcome: "truncated" })];
    for (let time = 0; time < 2; time++) {
      await save(db.sql, file.summary, token, file, 0, null, { calls });
    }
    assertEquals([...await rows(db)], [
      { clinic_id: at, summary_id: file.summary, outcome: "truncated", dollars: 0.75 },
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("it is written down for whoever paid for it, with or without the lease", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { file } = await claimed(db);
    const lost = newToken();
    const told = () => JSON.stringify([call()]);
    assertEquals(
      await save(sql, file.summary, lost, file, 0, null, { calls: [call()] }),
      "lost",
    );
    await sql`select public.release_summary(${file.summary}, ${lost}, false, ${told()}::text::jsonb)`;
    await sql`select public.save_draft(${file.summary}, ${lost}, '{}', ${told()}::text::jsonb)`;
    await sql`select public.fail_summary(${file.summary}, ${lost}, 'internal', '', 'own',
      p_calls => ${told()}::text::jsonb)`;
    await sql`select public.complete_summary(${file.summary}, ${lost}, '[]', '{}',
      p_calls => ${told()}::text::jsonb)`;
    assertEquals((await rows(db)).length, 5);
    const [{ status }] = await sql`select status from public.summaries where id = ${file.summary}`;
    assertEquals(status, "processing");
  } finally {
    await db.close();
  }
});

Deno.test("a call costs what the day's prices say, what was cached less, an unknown model most", async () => {
  const db = await database();
  try {
    const { file, token } = await claimed(db);
    const calls = [
      call({ cached_tokens: 400_000, output_tokens: 100_000 }),
      call({ at: "2026-12-31T23:59:00Z" }),
      call({ at: "2027-01-01T00:00:00Z" }),
      call({ at: "2027-01-02T00:00:00Z", model: "of tomorrow" }),
    ];
    await save(db.sql, file.summary, token, file, 0, null, { calls });
    assertEquals((await rows(db)).map(({ dollars }) => dollars), [
      0.6 * 0.75 + 0.4 * 0.075 + 0.1 * 3.75,
      0.75,
      1.5,
      1.5,
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("calls are kept as long as it is set, and outlive the summary", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { file, token } = await claimed(db);
    const calls = [call({ at: new Date().toISOString() }), call({ at: "2020-01-01T00:00:00Z" })];
    await save(sql, file.summary, token, file, 0, null, { calls });
    await complete(sql, file.summary, token);
    await sql`delete from public.consultations where id = ${file.consultation}`;
    assertEquals((await rows(db)).length, 2);
    await sweep(sql);
    assertEquals((await rows(db)).length, 1);
  } finally {
    await db.close();
  }
});
