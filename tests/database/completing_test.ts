import { assertEquals, assertNotEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, pathIn, remove, upload, uploaded } from "./rows.ts";
import { claim, complete, fail, inputs, newToken, summaryRow } from "./worker_calls.ts";

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

Deno.test("a file that comes while the work is failing gets a summary of its own", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const late = await claimed(sql);
    const used = await inputs(sql, late.summary);
    await upload(sql, pathIn({ clinic: late.path.split("/")[0], consultation: late.consultation }));
    await fail(sql, late.summary, late.token, { fault: "final", used });
    const [next, ...more] = await activeOf(sql, late.consultation);
    assertEquals(more, []);
    assertNotEquals(next, undefined);

    // Not when it was looked at, and not when nothing came.
    const seen = await claimed(sql);
    await upload(sql, pathIn({ clinic: seen.path.split("/")[0], consultation: seen.consultation }));
    await fail(sql, seen.summary, seen.token, {
      fault: "final",
      used: await inputs(sql, seen.summary),
    });
    assertEquals(await activeOf(sql, seen.consultation), []);
    const blind = await claimed(sql);
    await fail(sql, blind.summary, blind.token, { fault: "final" });
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

Deno.test("a summary is incomplete when a file of it could not be used", async () => {
  const db = await database();
  try {
    const { sql } = db;
    for (const outcome of ["used", "partial", "failed"] as const) {
      const { summary, token, recording, version } = await claimed(sql);
      assertEquals((await summaryRow(sql, summary)).incomplete, null);
      await complete(sql, summary, token, [{
        recording_id: recording,
        object_version: version,
        outcome,
      }]);
      assertEquals((await summaryRow(sql, summary)).incomplete, outcome !== "used");
    }
  } finally {
    await db.close();
  }
});
