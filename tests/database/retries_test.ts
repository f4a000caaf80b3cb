import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, uploaded } from "./rows.ts";
import {
  claim,
  complete,
  fail,
  type Fault,
  newToken,
  release,
  save,
  summaryRow,
} from "./worker_calls.ts";

async function waiting(sql: postgres.Sql) {
  return await uploaded(sql, { clinic: await clinic(sql) });
}

/** One attempt that ends so, from the claim on, however long it should have waited. */
async function attempt(
  sql: postgres.Sql,
  id: string,
  options: Parameters<typeof fail>[3] = {},
): Promise<string> {
  const token = newToken();
  assertEquals((await claim(sql, id, token)).outcome, "claimed");
  return (await fail(sql, id, token, options)).outcome;
}

/** Somebody else's calls are answered. */
async function othersHaveAnswers(sql: postgres.Sql) {
  const { summary } = await waiting(sql);
  const token = newToken();
  await claim(sql, summary, token);
  await complete(sql, summary, token);
}

const counts = async (sql: postgres.Sql, id: string) => {
  const { status, attempts, fruitless, undecided } = await summaryRow(sql, id);
  return { status, attempts, fruitless, undecided };
};

Deno.test("five attempts in a row that gained nothing, by its own fault, are the last", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await waiting(sql);
    for (let n = 1; n < 5; n++) {
      const token = newToken();
      const { job } = await claim(sql, summary, token);
      assertEquals([job.attempt, job.tries_left], [n, 6 - n]);
      const { outcome, run_after } = await fail(sql, summary, token);
      assertEquals(outcome, "queued");
      const row = await summaryRow(sql, summary);
      assertEquals([row.status, row.stage, row.error_code], ["queued", null, "model_unavailable"]);
      assertEquals(
        row.run_after.getTime(),
        new Date(run_after!).setMilliseconds(row.run_after.getMilliseconds()),
      );
      assert(row.run_after.getTime() > Date.now() + 2000);
    }
    assertEquals(await attempt(sql, summary), "failed");
    const row = await summaryRow(sql, summary);
    assertEquals([row.status, row.error_code, row.run_after], [
      "failed",
      "model_unavailable",
      null,
    ]);
    assertEquals((await claim(sql, summary)).outcome, "nothing");
  } finally {
    await db.close();
  }
});

Deno.test("how many attempts are the last is a setting", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await sql`update summaries_private.settings set max_attempts = 2 where only_row`;
    const { summary } = await waiting(sql);
    assertEquals([await attempt(sql, summary), await attempt(sql, summary)], ["queued", "failed"]);
  } finally {
    await db.close();
  }
});

Deno.test("attempts that each saved a part go on, and after them it is counted anew", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await waiting(sql);
    for (let n = 0; n < 3; n++) await attempt(sql, file.summary);
    for (let part = 0; part < 5; part++) {
      const token = newToken();
      await claim(sql, file.summary, token);
      assertEquals(await save(sql, file.summary, token, file, part), "saved");
      assertEquals(await save(sql, file.summary, token, file, part), "exists");
      assertEquals((await fail(sql, file.summary, token)).outcome, "queued");
      assertEquals((await counts(sql, file.summary)).fruitless, 0);
    }
    for (let n = 0; n < 4; n++) assertEquals(await attempt(sql, file.summary), "queued");
    assertEquals(await attempt(sql, file.summary), "failed");
  } finally {
    await db.close();
  }
});

Deno.test("a part that was there already is no progress", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await waiting(sql);
    let token = newToken();
    await claim(sql, file.summary, token);
    await save(sql, file.summary, token, file);
    await release(sql, file.summary, token, true);
    await claim(sql, file.summary, token = newToken());
    assertEquals(await save(sql, file.summary, token, file), "exists");
    await fail(sql, file.summary, token);
    assertEquals((await counts(sql, file.summary)).fruitless, 1);
  } finally {
    await db.close();
  }
});

for (const fault of ["provider", "account"] as const) {
  Deno.test(`a fault of the ${fault} gives the attempt back, and never ends a summary by count`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      const { summary } = await waiting(sql);
      await attempt(sql, summary);
      for (let n = 1; n <= 12; n++) {
        assertEquals(await attempt(sql, summary, { fault }), "queued");
        assertEquals(await counts(sql, summary), {
          status: "queued",
          attempts: n + 1,
          fruitless: 1,
          undecided: n,
        });
      }
    } finally {
      await db.close();
    }
  });
}

Deno.test("a fault of the provider is the job's when others had answers since it began: five attempts", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await waiting(sql);
    const seen: number[] = [];
    for (let n = 1; n < 5; n++) {
      assertEquals(await attempt(sql, summary, { fault: "provider" }), "queued");
      seen.push((await counts(sql, summary)).fruitless);
      await othersHaveAnswers(sql);
    }
    // The first, too, as soon as it is known.
    assertEquals(seen, [0, 2, 3, 4]);
    assertEquals(await attempt(sql, summary, { fault: "provider" }), "failed");
  } finally {
    await db.close();
  }
});

Deno.test("answers that others had long ago, or before it began to fail, say nothing of the job", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const before = await waiting(sql);
    await attempt(sql, before.summary, { fault: "provider" });
    await othersHaveAnswers(sql);
    const { summary } = await waiting(sql);
    await attempt(sql, summary, { fault: "provider" });
    await attempt(sql, summary, { fault: "provider" });
    assertEquals((await counts(sql, summary)).fruitless, 0);
    await sql`update summaries_private.breaker
      set succeeded_at = now() - interval '16 minutes' where only_row`;
    await sql`update summaries_private.summary_jobs
      set failing_since = now() - interval '17 minutes' where failing_since is not null`;
    await attempt(sql, summary, { fault: "provider" });
    assertEquals((await counts(sql, summary)).fruitless, 0);
  } finally {
    await db.close();
  }
});

Deno.test("the model's limit of requests is nobody's fault: it waits half a minute, or what is said", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await waiting(sql);
    const wait = async () =>
      ((await summaryRow(sql, summary)).run_after.getTime() - Date.now()) / 1000;
    for (let n = 0; n < 7; n++) {
      assertEquals(await attempt(sql, summary, { fault: "limit" }), "queued");
      const seconds = await wait();
      assert(seconds > 25 && seconds <= 30.5, `${seconds} s`);
    }
    assertEquals((await counts(sql, summary)).fruitless, 0);
    await attempt(sql, summary, { fault: "limit", retryAfter: 90 });
    assert(await wait() > 85);
    await attempt(sql, summary, { fault: "limit", retryAfter: 1 });
    assert(await wait() > 25);
  } finally {
    await db.close();
  }
});

Deno.test("the wait doubles up to ten minutes, with half of it left to chance and a given floor", async () => {
  const db = await database();
  try {
    const seconds = await db.sql`
      select a as attempts, min(w)::float as least, max(w)::float as most
      from (select a, summaries_private.backoff_seconds(a, null) as w
        from generate_series(1, 9) a, generate_series(1, 2000)) drawn
      group by a order by a`;
    for (const { attempts, least, most } of seconds) {
      const full = Math.min(10 * 2 ** (attempts - 1), 600);
      assert(least >= full / 2 && most <= full, `${attempts}: ${least} to ${most}`);
      assert(most - least > full / 3, "no chance in it");
    }
    const [{ floor }] = await db
      .sql`select summaries_private.backoff_seconds(1, 90)::float as floor`;
    assertEquals(floor, 90);
  } finally {
    await db.close();
  }
});

Deno.test("a given delay is the least to wait", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await waiting(sql);
    await attempt(sql, summary, { retryAfter: 3600 });
    assert((await summaryRow(sql, summary)).run_after.getTime() > Date.now() + 59 * 60_000);
  } finally {
    await db.close();
  }
});

Deno.test("what will not pass fails at once, with the files that were looked at; again is the same", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, recording, version } = await waiting(sql);
    const used = [{
      recording_id: recording,
      object_version: version,
      outcome: "failed" as const,
      code: "file_type",
    }];
    const token = newToken();
    await claim(sql, summary, token);
    const failing = () => fail(sql, summary, token, { fault: "final", used });
    assertEquals(await failing(), { outcome: "failed" });
    assertEquals(
      [...await sql`select recording_id, outcome, code from public.summary_recordings`],
      [{ recording_id: recording, outcome: "failed", code: "file_type" }],
    );
    assertEquals(await failing(), { outcome: "failed" });
  } finally {
    await db.close();
  }
});

Deno.test("the same failure told again, because the answer was lost, is one failure", async () => {
  const db = await database();
  try {
    const { sql } = db;
    for (const fault of ["own", "provider", "limit"] satisfies Fault[]) {
      const { summary } = await waiting(sql);
      const token = newToken();
      await claim(sql, summary, token);
      const first = await fail(sql, summary, token, { fault });
      const before = await counts(sql, summary);
      assertEquals(await fail(sql, summary, token, { fault }), first);
      assertEquals(await counts(sql, summary), before);
    }
  } finally {
    await db.close();
  }
});

Deno.test("when other files are usable, the last attempt is told, and nothing has changed", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await waiting(sql);
    for (let n = 1; n < 5; n++) {
      assertEquals(await attempt(sql, summary, { usable: true }), "queued");
    }
    const token = newToken();
    await claim(sql, summary, token);
    const { slot, lease_expires_at } = await summaryRow(sql, summary);
    assertEquals(await fail(sql, summary, token, { usable: true }), { outcome: "last" });
    const row = await summaryRow(sql, summary);
    assertEquals([row.status, row.slot, row.lease_token], ["processing", slot, token]);
    assertEquals(row.lease_expires_at, lease_expires_at);
    assertEquals(await complete(sql, summary, token), "completed");
  } finally {
    await db.close();
  }
});
