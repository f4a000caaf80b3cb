import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, queued, uploaded } from "./rows.ts";
import {
  claim,
  claimNext,
  complete,
  endPause,
  expireLease,
  fail,
  type Fault,
  makeDue,
  newToken,
  release,
  save,
  summaryRow,
  sweep,
} from "./worker_calls.ts";

const NOTHING = { outcome: "nothing" };

const breaker = async (sql: postgres.Sql) =>
  (await sql`select reason, probe, probes,
      round(extract(epoch from paused_until - clock_timestamp()))::int as seconds
    from summaries_private.breaker`)[0];

async function failing(sql: postgres.Sql, file: Awaited<ReturnType<typeof uploaded>>, {
  fault = "provider" as Fault,
  named = true,
} = {}) {
  const token = newToken();
  assertEquals((await claim(sql, file.summary, token)).outcome, "claimed");
  return await fail(sql, file.summary, token, {
    fault,
    used: named
      ? [{
        recording_id: file.recording,
        object_version: file.version,
        outcome: "failed",
        code: "model_unavailable",
      }]
      : [],
  });
}

const waiting = async (sql: postgres.Sql) => await uploaded(sql, { clinic: await clinic(sql) });

/** Two recordings have failed: it is open, and both of their summaries wait. */
async function opened(sql: postgres.Sql, fault: Fault = "provider") {
  const files = [await waiting(sql), await waiting(sql)];
  for (const file of files) await failing(sql, file, { fault });
  assertEquals((await breaker(sql)).reason, fault);
  return files;
}

Deno.test("two recordings that fail within a minute hold the queue, of whichever summaries", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await failing(sql, await waiting(sql));
    assertEquals((await breaker(sql)).reason, null);
    await failing(sql, await waiting(sql), { fault: "account" });
    assertEquals(await breaker(sql), { reason: "account", probe: null, probes: 0, seconds: 15 });
  } finally {
    await db.close();
  }
});

Deno.test("two recordings of one summary are enough; calls that are about none count as their summary's", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary, ...file } = await waiting(sql);
    const other = await waiting(sql);
    const token = newToken();
    await claim(sql, summary, token);
    await fail(sql, summary, token, {
      fault: "provider",
      used: [file, other].map(({ recording, version }) => ({
        recording_id: recording,
        object_version: version,
        outcome: "failed" as const,
        code: "model_unavailable",
      })),
    });
    assertEquals((await breaker(sql)).reason, "provider");

    await sql`update summaries_private.breaker
      set reason = null, paused_until = null, failed_at = null where only_row`;
    await failing(sql, other, { named: false });
    await failing(sql, await waiting(sql), { named: false });
    assertEquals((await breaker(sql)).reason, "provider");
  } finally {
    await db.close();
  }
});

Deno.test("one recording does not, however often it fails", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await waiting(sql);
    for (let n = 0; n < 4; n++) await failing(sql, file);
    const other = await waiting(sql);
    const token = newToken();
    await claim(sql, other.summary, token);
    await fail(sql, other.summary, token, { fault: "own" });
    assertEquals((await breaker(sql)).reason, null);
  } finally {
    await db.close();
  }
});

Deno.test("two do not when something succeeded between, or when the second came more than a minute later", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await failing(sql, await waiting(sql));
    const good = await waiting(sql);
    const token = newToken();
    await claim(sql, good.summary, token);
    await save(sql, good.summary, token, good);
    await failing(sql, await waiting(sql));
    assertEquals((await breaker(sql)).reason, null);

    await sql`update summaries_private.breaker
      set failed_at = failed_at - interval '61 seconds' where only_row`;
    await failing(sql, await waiting(sql));
    assertEquals((await breaker(sql)).reason, null);
    await failing(sql, await waiting(sql));
    assertEquals((await breaker(sql)).reason, "provider");
  } finally {
    await db.close();
  }
});

Deno.test("while it is open nothing is claimed before the pause ends, then one alone", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const files = await opened(sql);
    assertEquals(await claimNext(sql), NOTHING);
    await endPause(sql);
    // One of two that claim at once.
    const [one, other] = [db.connect(), db.connect()];
    const answers = await Promise.all([claimNext(one), claimNext(other)]);
    assertEquals(answers.map(({ outcome }) => outcome).sort(), ["claimed", "nothing"]);
    const { job } = answers.find(({ outcome }) => outcome === "claimed");
    assertEquals((await breaker(sql)).probe, job.summary_id);
    assert(files.some(({ summary }) => summary === job.summary_id));
    assertEquals(await claimNext(sql), NOTHING);
  } finally {
    await db.close();
  }
});

Deno.test("who claims while another takes the probe gets nothing, and does not wait", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await opened(sql);
    await endPause(sql);
    const [probing, late] = [await db.connect().reserve(), await db.connect().reserve()];
    await late`set lock_timeout = '300ms'`;
    await probing`begin`;
    assertEquals((await claimNext(probing)).outcome, "claimed");
    assertEquals(await claimNext(late), NOTHING);
    await probing`commit`;
    assertEquals(await claimNext(late), NOTHING);
    probing.release();
    late.release();
  } finally {
    await db.close();
  }
});

Deno.test("each failed probe makes the pause longer, up to two minutes, and costs nobody an attempt", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await opened(sql);
    const pauses: number[] = [];
    for (let probes = 1; probes <= 5; probes++) {
      await endPause(sql);
      const token = newToken();
      const { job } = await claimNext(sql, token);
      const fault = probes === 5 ? "account" : "provider";
      const { outcome } = await fail(sql, job.summary_id, token, { fault });
      assertEquals(outcome, "queued");
      const { fruitless, undecided } = await summaryRow(sql, job.summary_id);
      assertEquals([fruitless, undecided], [0, 0]);
      const now = await breaker(sql);
      assertEquals([now.reason, now.probe, now.probes], [fault, null, probes]);
      pauses.push(now.seconds);
    }
    assertEquals(pauses, [30, 60, 120, 120, 120]);

    // An outage of a day.
    await sql`update summaries_private.breaker set probes = 1000 where only_row`;
    await endPause(sql);
    const token = newToken();
    const { job } = await claimNext(sql, token);
    await fail(sql, job.summary_id, token, { fault: "provider" });
    assertEquals((await breaker(sql)).seconds, 120);
  } finally {
    await db.close();
  }
});

Deno.test("what was at work when it opened, and fails later, is no probe and loses no attempt", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const early = await waiting(sql);
    const token = newToken();
    await claim(sql, early.summary, token);
    await opened(sql);
    const before = await breaker(sql);
    await fail(sql, early.summary, token, { fault: "provider" });
    assertEquals(await breaker(sql), before);
    const { fruitless, run_after } = await summaryRow(sql, early.summary);
    assertEquals(fruitless, 0);
    // Due as soon as somebody may.
    assert(run_after.getTime() <= Date.now() + 500);
  } finally {
    await db.close();
  }
});

const successes = {
  "a part that is saved": save,
  "a summary that is completed": (
    sql: postgres.Sql,
    id: string,
    token: string,
  ) => complete(sql, id, token),
};

for (const [what, succeed] of Object.entries(successes)) {
  Deno.test(`${what} closes it, and workers are woken for what waits`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      const [file] = await opened(sql);
      const others = await queued(sql, await clinic(sql), 3);
      await sql`select vault.create_secret('http://host:1', 'project_url'),
        vault.create_secret('k', 'hint_key')`;
      await endPause(sql);
      const token = newToken();
      await claim(sql, file.summary, token);
      await sql`delete from net.http_request_queue where true`;
      await succeed(sql, file.summary, token, file);
      assertEquals((await breaker(sql)).reason, null);
      // One each for those that are due, the other that had failed among them.
      const woken = (await sql`select from net.http_request_queue`).count;
      assertEquals(woken - (what.includes("completed") ? 1 : 0), others.length + 1);
      assertEquals((await claimNext(sql)).outcome, "claimed");
      assertEquals((await claimNext(sql)).outcome, "claimed");
    } finally {
      await db.close();
    }
  });
}

const ends = {
  "was released": (sql: postgres.Sql, id: string, token: string) => release(sql, id, token),
  "was cancelled": (sql: postgres.Sql, id: string) =>
    sql`update public.summaries set status = 'cancelled' where id = ${id}`,
  "was deleted": (sql: postgres.Sql, id: string) =>
    sql`delete from public.summaries where id = ${id}`,
  "failed by its own fault": (sql: postgres.Sql, id: string, token: string) =>
    fail(sql, id, token, { fault: "final" }),
  "lost its worker": async (sql: postgres.Sql, id: string) => {
    await expireLease(sql, id);
    await sweep(sql);
  },
};

for (const [how, end] of Object.entries(ends)) {
  Deno.test(`when the probe ${how}, the next one probes`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      await opened(sql);
      await queued(sql, await clinic(sql), 2);
      await endPause(sql);
      const token = newToken();
      const { job } = await claimNext(sql, token);
      assertEquals(await claimNext(sql), NOTHING);
      await end(sql, job.summary_id, token);
      const next = await claimNext(sql);
      assertEquals(next.outcome, "claimed");
      assertEquals(await breaker(sql).then(({ reason, probe }) => [reason, probe]), [
        "provider",
        next.job.summary_id,
      ]);
    } finally {
      await db.close();
    }
  });
}

Deno.test("an operator is told why nothing is claimed, and until when", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const health = async () => (await sql`select public.queue_health() as health`)[0].health;
    const held = () =>
      sql`select state, most_attempts from summaries_private.queue
      where status = 'held'`;
    assertEquals([(await health()).held_by, (await health()).paused_until], [null, null]);
    assertEquals([...await held()], []);

    const files = await opened(sql, "account");
    const { held_by, paused_until } = await health();
    assertEquals(held_by, "account");
    const seconds = (new Date(paused_until).getTime() - Date.now()) / 1000;
    assert(seconds > 10 && seconds <= 15.5, `${seconds} s`);
    const [{ state, most_attempts }, ...more] = await held();
    assertEquals([more.length, most_attempts], [0, 0]);
    assertEquals(state, `account until ${paused_until.slice(0, 19).replace("T", " ")}Z`);
    const [waits] = await sql`select state, summaries::int from summaries_private.queue
      where status = 'queued'`;
    assertEquals(waits, { state: "waits for account", summaries: 2 });

    await endPause(sql);
    await makeDue(sql, files[0].summary);
    const token = newToken();
    const { job } = await claimNext(sql, token);
    await complete(sql, job.summary_id, token);
    assertEquals((await health()).held_by, null);
    assertEquals([...await held()], []);
  } finally {
    await db.close();
  }
});
