/** What somebody who waits for a summary is told: `waiting_for` and `due_at`. */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { outcome, signedIn } from "./outcome.ts";
import { clinic, queued, scene, setSlots, uploaded } from "./rows.ts";
import { claim, complete, fail, newToken, release, summaryRow, sweep } from "./worker_calls.ts";

const told = async (sql: postgres.Sql, id: string) => {
  const { waiting_for, due_at, run_after } = await summaryRow(sql, id);
  assertEquals(due_at, run_after);
  return waiting_for;
};

/** As if all that are due had been so for a while. */
const later = (sql: postgres.Sql, seconds = 10) =>
  sql`update summaries_private.summary_jobs
    set run_after = run_after - make_interval(secs => ${seconds}) where run_after is not null`;

Deno.test("a new summary waits for nothing while a slot is free, else for one", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 1);
    const at = await scene(sql, { autoSummarize: false });
    const asks = async () => {
      const { consultation } = await uploaded(sql, at);
      const [{ id }] = await db.as(
        "authenticated",
        { sub: at.nurse },
        (tx) =>
          tx`insert into public.summaries (consultation_id) values (${consultation}) returning id`,
      );
      return id as string;
    };
    const first = await asks();
    assertEquals(await told(sql, first), null);
    await claim(sql, first);
    assertEquals(await told(sql, await asks()), "slot");
    await sql`update summaries_private.breaker
      set reason = 'provider', paused_until = now() where only_row`;
    assertEquals(await told(sql, await asks()), "provider");
  } finally {
    await db.close();
  }
});

Deno.test("nobody but the queue says what a summary waits for", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const { summary } = await uploaded(sql, at);
    for (const set of ["waiting_for = null", "due_at = now()", "incomplete = false"]) {
      const statement = `update public.summaries set ${set} where id = '${summary}'`;
      assertEquals(await outcome(db, signedIn(at.admin), statement), "42501");
    }
  } finally {
    await db.close();
  }
});

Deno.test("what it waits for after an error is whose fault it was", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const waits = { own: "retry", limit: "limit", provider: "provider", account: "account" };
    for (const [fault, waiting_for] of Object.entries(waits)) {
      const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
      const token = newToken();
      await claim(sql, summary, token);
      await fail(sql, summary, token, { fault: fault as keyof typeof waits });
      assertEquals(await told(sql, summary), waiting_for);
      await sql`update summaries_private.breaker
        set reason = null, paused_until = null, failed_at = null where only_row`;
    }
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    const token = newToken();
    await claim(sql, summary, token);
    await release(sql, summary, token);
    assertEquals(await told(sql, summary), null);
  } finally {
    await db.close();
  }
});

Deno.test("in every other state it waits for nothing, whatever is written", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 0);
    const ends = ["processing", "completed", "failed", "cancelled"];
    for (const end of ends) {
      const [id] = await queued(sql, await clinic(sql), 1);
      assertEquals(await told(sql, id), "slot");
      const refused = (set: string) =>
        sql.unsafe(`update public.summaries set ${set} where id = '${id}'`)
          .then(() => null, (error) => error.code);
      assertEquals(await refused("due_at = null"), "23514");
      await setSlots(sql, 5);
      const token = newToken();
      if (end === "cancelled") {
        await sql`update public.summaries set status = 'cancelled' where id = ${id}`;
      } else {
        await claim(sql, id, token);
        if (end === "completed") await complete(sql, id, token);
        if (end === "failed") await fail(sql, id, token, { fault: "final" });
      }
      const row = await summaryRow(sql, id);
      assertEquals([row.status, row.waiting_for, row.due_at], [end, null, null]);
      if (end === "processing") {
        assertEquals(await refused("waiting_for = 'slot', due_at = now()"), null);
        assertEquals(await told(sql, id), null);
        // Not by the trigger alone.
        await sql`alter table public.summaries disable trigger guard_summary`;
        assertEquals(await refused("waiting_for = 'slot'"), "23514");
        assertEquals(await refused("due_at = now()"), "23514");
        await sql`alter table public.summaries enable trigger guard_summary`;
      }
      await sql`update public.summaries set status = 'cancelled' where status = 'processing'`;
      await setSlots(sql, 0);
    }
  } finally {
    await db.close();
  }
});

Deno.test("the sweep tells all that wait when the queue is held, and when it goes on", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const ids = await queued(sql, await clinic(sql), 3);
    const waits = async () => {
      const rows = await sql`select distinct waiting_for from public.summaries
        where id = any (${ids})`;
      return rows.map(({ waiting_for }) => waiting_for);
    };
    assertEquals(await waits(), [null]);
    for (const reason of ["provider", "account"]) {
      await sql`update summaries_private.breaker set reason = ${reason},
        paused_until = now() + interval '1 minute' where only_row`;
      await later(sql, 600);
      await sweep(sql);
      assertEquals(await waits(), [reason]);
    }
    await sql`update summaries_private.breaker
      set reason = null, paused_until = null where only_row`;
    await sweep(sql);
    assertEquals(await waits(), ["slot"]);
    const token = newToken();
    await claim(sql, ids[0], token);
    assertEquals((await summaryRow(sql, ids[0])).waiting_for, null);
  } finally {
    await db.close();
  }
});

Deno.test("one that was to start at once, or whose wait is over, waits for a slot when it did not", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [fresh] = await queued(sql, await clinic(sql), 1);
    const { summary: tried } = await uploaded(sql, { clinic: await clinic(sql) });
    const token = newToken();
    await claim(sql, tried, token);
    await fail(sql, tried, token);
    await sweep(sql);
    assertEquals([await told(sql, fresh), await told(sql, tried)], [null, "retry"]);
    await sql`update summaries_private.summary_jobs set run_after = now() where true`;
    await later(sql);
    await sweep(sql);
    for (const id of [fresh, tried]) {
      assertEquals((await summaryRow(sql, id)).waiting_for, "slot");
    }
  } finally {
    await db.close();
  }
});

Deno.test("no more than a thousand are told at a time, the rest with the next sweeps", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await queued(sql, await clinic(sql), 1500);
    await sql`update summaries_private.breaker set reason = 'provider',
      paused_until = now() + interval '1 minute' where only_row`;
    await later(sql, 600);
    const counts: number[] = [];
    for (let n = 0; n < 3; n++) {
      await sweep(sql);
      counts.push(
        (await sql`select from public.summaries where waiting_for = 'provider'`).count,
      );
    }
    assertEquals(counts, [1000, 1500, 1500]);
    assert((await sql`select marked from summaries_private.breaker`)[0].marked === "provider");
  } finally {
    await db.close();
  }
});
