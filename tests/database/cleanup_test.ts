import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, queued, upload, uploaded } from "./rows.ts";
import {
  claimNext,
  cleaned,
  complete,
  expireLease,
  fail,
  newToken,
  save,
  summaryRow,
  sweep,
} from "./worker_calls.ts";

const NOTHING = { outcome: "nothing" };

/** A summary that failed and left files at Gemini. */
async function leftOver(sql: postgres.Sql) {
  const file = await uploaded(sql, { clinic: await clinic(sql) });
  const token = newToken();
  assertEquals((await claimNext(sql, token)).job.summary_id, file.summary);
  await fail(sql, file.summary, token, { fault: "final", leftFiles: true });
  return file;
}

const cleanupAfter = async (sql: postgres.Sql, id: string, minutes: number) =>
  (await sql`select cleanup_after between clock_timestamp() + make_interval(mins => ${minutes - 1})
      and clock_timestamp() + make_interval(mins => ${minutes}) as so
    from summaries_private.summary_jobs where summary_id = ${id}`)[0].so;

Deno.test("what was left is given to a loop that finds nothing due, and to one at a time", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [first, second] = [await leftOver(sql), await leftOver(sql)];
    const [due] = await queued(sql, await clinic(sql), 1);
    assertEquals((await claimNext(sql)).job.summary_id, due);
    const one = newToken();
    assertEquals(await claimNext(sql, one), {
      outcome: "cleanup",
      summary_id: first.summary,
      files: [{ recording_id: first.recording, object_version: first.version }],
    });
    assertEquals(await claimNext(sql), NOTHING);
    assertEquals(await cleaned(sql, newToken(), first.summary), false);
    assertEquals(await cleaned(sql, one, first.summary), true);
    const { cleanup, cleanup_after } = await summaryRow(sql, first.summary);
    assertEquals([cleanup, cleanup_after], [false, null]);
    assertEquals((await claimNext(sql)).summary_id, second.summary);
  } finally {
    await db.close();
  }
});

Deno.test("who takes too long is followed by another, and changes nothing any more", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [first, second] = [await leftOver(sql), await leftOver(sql)];
    const [slow, quick] = [newToken(), newToken()];
    assertEquals((await claimNext(sql, slow)).summary_id, first.summary);
    await sql`update summaries_private.cleaning set until = now() where only_row`;
    assertEquals((await claimNext(sql, quick)).summary_id, second.summary);
    assertEquals(await cleaned(sql, slow, first.summary), false);
    assertEquals((await summaryRow(sql, first.summary)).cleanup, true);
    assertEquals(await cleaned(sql, quick, second.summary), true);
  } finally {
    await db.close();
  }
});

Deno.test("a deletion that did not succeed is given out again after five minutes", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await leftOver(sql);
    const token = newToken();
    assertEquals((await claimNext(sql, token)).summary_id, summary);
    assertEquals(await cleaned(sql, token, null), true);
    assertEquals(await claimNext(sql), NOTHING);
    assertEquals(await cleanupAfter(sql, summary, 5), true);
    await sql`update summaries_private.summary_jobs set cleanup_after = now() where true`;
    assertEquals((await claimNext(sql)).summary_id, summary);
  } finally {
    await db.close();
  }
});

Deno.test("what a cancelled summary left is deleted when its worker is surely gone, replaced versions too", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await uploaded(sql, { clinic: await clinic(sql) });
    const token = newToken();
    await claimNext(sql, token);
    await save(sql, file.summary, token, file);
    const version = await upload(sql, file.path);
    await sql`update public.summaries set status = 'cancelled' where true`;
    assertEquals(await claimNext(sql), NOTHING);
    // The lease that it had.
    assertEquals(await cleanupAfter(sql, file.summary, 1), true);
    await sql`update summaries_private.summary_jobs set cleanup_after = now() where true`;
    const cleanup = await claimNext(sql);
    assertEquals([cleanup.outcome, cleanup.summary_id], ["cleanup", file.summary]);
    assertEquals(
      cleanup.files.map(({ object_version }: { object_version: string }) => object_version).sort(),
      [file.version, version].sort(),
    );
  } finally {
    await db.close();
  }
});

Deno.test("one that was cancelled before it was claimed has left nothing", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    await sql`update public.summaries set status = 'cancelled' where true`;
    assertEquals(await claimNext(sql), NOTHING);
    assertEquals((await summaryRow(sql, summary)).cleanup_after, null);
  } finally {
    await db.close();
  }
});

Deno.test("nothing is deleted while another summary uses the same files", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { consultation, summary } = await leftOver(sql);
    const [{ id }] =
      await sql`insert into public.summaries (consultation_id) values (${consultation}) returning id`;
    const token = newToken();
    assertEquals((await claimNext(sql, token)).job.summary_id, id);
    assertEquals(await claimNext(sql), NOTHING);
    await complete(sql, id, token);
    assertEquals((await claimNext(sql)).summary_id, summary);
  } finally {
    await db.close();
  }
});

Deno.test("what an earlier attempt left is deleted, though the one that completed left nothing", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    await claimNext(sql);
    await expireLease(sql, summary);
    await sweep(sql);
    const token = newToken();
    assertEquals((await claimNext(sql, token)).job.attempt, 2);
    assertEquals(await complete(sql, summary, token), "completed");
    assertEquals((await claimNext(sql)).summary_id, summary);
  } finally {
    await db.close();
  }
});

Deno.test("a job is gone 48 hours after its end, not before, and not while it is under way", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await leftOver(sql);
    await queued(sql, await clinic(sql), 1);
    const jobs = async () =>
      (await sql`select summary_id from summaries_private.summary_jobs where failed`).count;
    const ended = (hours: number) =>
      sql`update summaries_private.summary_jobs
        set ended_at = now() - make_interval(hours => ${hours}) where ended_at is not null`;
    await ended(47);
    await sweep(sql);
    assertEquals(await jobs(), 1);
    await ended(49);
    await sweep(sql);
    assertEquals(await jobs(), 0);
    assertEquals((await summaryRow(sql, summary)).status, "failed");
    const left = await sql`select run_after from summaries_private.summary_jobs`;
    assertEquals([left.length, left[0].run_after !== null], [1, true]);
    assert((await claimNext(sql)).job);
    assertEquals(await claimNext(sql), NOTHING);
  } finally {
    await db.close();
  }
});
