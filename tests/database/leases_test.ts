import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, scene, uploaded } from "./rows.ts";
import {
  claim,
  claimNext,
  complete,
  expireLease,
  fail,
  heartbeat,
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

Deno.test("the sweep takes back leases that ran out, and no others", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [lives, dead] = [await claimed(sql), await claimed(sql)];
    await expireLease(sql, dead.summary);
    await sweep(sql);
    const row = await summaryRow(sql, dead.summary);
    assertEquals([row.status, row.attempts, row.fruitless, row.lease_token], [
      "queued",
      1,
      1,
      null,
    ]);
    assertEquals((await summaryRow(sql, lives.summary)).status, "processing");
    assertEquals(await heartbeat(sql, dead.summary, dead.token), false);
    assertEquals(await heartbeat(sql, lives.summary, lives.token), true);
    assertEquals((await claimNext(sql)).job.attempt, 2);
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

Deno.test("a heartbeat tells the stage, and goes on while somebody has the summary locked", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, token } = await claimed(sql);
    await expireLease(sql, summary);
    const holder = await db.connect().reserve();
    await holder`begin`;
    await holder`select from public.summaries where id = ${summary} for update`;
    const own = await db.connect().reserve();
    await own`set lock_timeout = '300ms'`;
    assertEquals(await heartbeat(own, summary, token, "checking"), true);
    await holder`commit`;
    const { stage, lease_expires_at } = await summaryRow(sql, summary);
    assertEquals(stage, "extracting");
    assert(lease_expires_at.getTime() > Date.now() + 30_000);
    await heartbeat(own, summary, token, "checking");
    assertEquals((await summaryRow(sql, summary)).stage, "checking");
    holder.release();
    own.release();
  } finally {
    await db.close();
  }
});

Deno.test("one that was killed once is due at once, then later each time, and five times are the last", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const poisoned = await claimed(sql);
    const good = (await uploaded(sql, { clinic: await clinic(sql) })).summary;
    await fail(sql, poisoned.summary, poisoned.token);
    for (let killed = 1; killed <= 4; killed++) {
      assertEquals((await claim(sql, poisoned.summary)).job.attempt, killed + 1);
      await expireLease(sql, poisoned.summary);
      await sweep(sql);
      const { run_after, waiting_for, status } = await summaryRow(sql, poisoned.summary);
      if (killed === 4) continue;
      // Not at once: it would meet the same others in its worker again.
      assertEquals([status, waiting_for], ["queued", "retry"]);
      assert(run_after.getTime() > Date.now() + 4000);
    }
    const row = await summaryRow(sql, poisoned.summary);
    assertEquals([row.status, row.error_code], ["failed", "model_unavailable"]);
    assertEquals((await claimNext(sql)).job.summary_id, good);

    const unlucky = await claimed(sql);
    await expireLease(sql, unlucky.summary);
    await sweep(sql);
    const { run_after, waiting_for } = await summaryRow(sql, unlucky.summary);
    assert(run_after.getTime() <= Date.now() + 500);
    assertEquals(waiting_for, null);
  } finally {
    await db.close();
  }
});

Deno.test("a released attempt is due at once and not counted, but twenty in a row are too many", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    for (let n = 1; n <= 20; n++) {
      const token = newToken();
      assertEquals((await claimNext(sql, token)).job.attempt, n);
      assertEquals((await summaryRow(sql, summary)).fruitless, 0);
      assertEquals(await release(sql, summary, token), true);
      assertEquals(await release(sql, summary, token), false);
    }
    const row = await summaryRow(sql, summary);
    assertEquals([row.status, row.error_code], ["failed", "out_of_time"]);
  } finally {
    await db.close();
  }
});

Deno.test("releases between which something is saved go on", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await uploaded(sql, { clinic: await clinic(sql) });
    for (let n = 0; n < 24; n++) {
      const token = newToken();
      assertEquals((await claimNext(sql, token)).outcome, "claimed");
      if (n === 12) await save(sql, file.summary, token, file);
      await release(sql, file.summary, token);
    }
    assertEquals((await summaryRow(sql, file.summary)).status, "queued");
  } finally {
    await db.close();
  }
});

Deno.test("one whose time was up is due at once; five times without progress are the last", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await uploaded(sql, { clinic: await clinic(sql) });
    for (let part = 0; part < 7; part++) {
      const token = newToken();
      await claimNext(sql, token);
      assertEquals(await save(sql, file.summary, token, file, part), "saved");
      await release(sql, file.summary, token, true);
      assertEquals((await summaryRow(sql, file.summary)).fruitless, 0);
    }
    for (let late = 1; late <= 5; late++) {
      const token = newToken();
      assertEquals((await claimNext(sql, token)).job.tries_left, 6 - late);
      await release(sql, file.summary, token, true);
    }
    assertEquals((await summaryRow(sql, file.summary)).status, "failed");
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
    for (const id of [queued.summary, working.summary]) {
      await db.as(
        "authenticated",
        { sub: at.receptionist },
        (tx) => tx`update public.summaries set status = 'cancelled' where id = ${id}`,
      );
    }
    assertEquals(await claimNext(sql), { outcome: "nothing" });
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
