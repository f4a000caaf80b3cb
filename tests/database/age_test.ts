/** How long a summary is tried. */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, uploaded } from "./rows.ts";
import { claim, expireLease, fail, newToken, release, summaryRow, sweep } from "./worker_calls.ts";

async function waiting(sql: postgres.Sql): Promise<string> {
  return (await uploaded(sql, { clinic: await clinic(sql) })).summary;
}

/** As if it had been at what it does now since then. */
const since = (sql: postgres.Sql, id: string, hours: number) =>
  sql`update summaries_private.summary_jobs
    set ages_from = ages_from - make_interval(hours => ${hours}) where summary_id = ${id}`;

const hoursOf = async (sql: postgres.Sql, id: string) =>
  (await sql`select round(extract(epoch from age + coalesce(clock_timestamp() - ages_from, '0')) / 3600)::int
    as hours from summaries_private.summary_jobs where summary_id = ${id}`)[0].hours;

Deno.test("a summary older than max_age has failed with its next error, whoever's fault it was", async () => {
  const db = await database();
  try {
    const { sql } = db;
    for (const fault of ["own", "limit", "provider", "account"] as const) {
      for (const [hours, outcome] of [[23, "queued"], [24, "failed"]] as const) {
        const id = await waiting(sql);
        const token = newToken();
        await claim(sql, id, token);
        await since(sql, id, hours);
        assertEquals([fault, (await fail(sql, id, token, { fault })).outcome], [fault, outcome]);
        await sql`update summaries_private.breaker
          set reason = null, paused_until = null, failed_at = null where only_row`;
      }
    }
  } finally {
    await db.close();
  }
});

Deno.test("one that is released or taken back for longer than max_age has failed, too", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [released, killed] = [await waiting(sql), await waiting(sql)];
    const token = newToken();
    await claim(sql, released, token);
    await since(sql, released, 25);
    await release(sql, released, token);
    await claim(sql, killed);
    await since(sql, killed, 25);
    await expireLease(sql, killed);
    await sweep(sql);
    for (const id of [released, killed]) {
      const row = await summaryRow(sql, id);
      assertEquals([row.status, row.error_code], ["failed", "out_of_time"]);
    }
  } finally {
    await db.close();
  }
});

Deno.test("work and waits after its own errors count, over all attempts", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const id = await waiting(sql);
    const token = newToken();
    await claim(sql, id, token);
    await since(sql, id, 2);
    await fail(sql, id, token, { retryAfter: 7200 });
    assertEquals(await hoursOf(sql, id), 2);
    await since(sql, id, 2);
    await claim(sql, id);
    assertEquals(await hoursOf(sql, id), 4);
    await since(sql, id, 3);
    assertEquals(await hoursOf(sql, id), 7);
  } finally {
    await db.close();
  }
});

Deno.test("neither the wait for a slot, nor one for the provider or the limit makes it older", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const agesFrom = async (id: string) =>
      (await sql`select ages_from from summaries_private.summary_jobs where summary_id = ${id}`)[0]
        .ages_from;
    const id = await waiting(sql);
    assertEquals(await agesFrom(id), null);

    let token = newToken();
    await claim(sql, id, token);
    assert(await agesFrom(id));
    await release(sql, id, token);
    assertEquals(await agesFrom(id), null);

    await claim(sql, id, token = newToken());
    await fail(sql, id, token, { fault: "limit" });
    assertEquals(await agesFrom(id), null);

    // Due long ago, after its own error: it has waited for a slot since.
    await claim(sql, id, token = newToken());
    await fail(sql, id, token);
    await sql`update summaries_private.summary_jobs set
      ages_from = now() - interval '10 hours', run_after = now() - interval '9 hours'
      where summary_id = ${id}`;
    await sql`select summaries_private.begin_attempt(${id}, null,
      (select id from summaries_private.slots where summary_id is null limit 1), ${token =
      newToken()}, 60, 0)`;
    assertEquals(await hoursOf(sql, id), 1);

    await sql`update summaries_private.breaker
      set reason = 'provider', paused_until = now() where only_row`;
    await fail(sql, id, token);
    assertEquals(await agesFrom(id), null);
  } finally {
    await db.close();
  }
});
