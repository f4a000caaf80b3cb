/** What the model may cost a day, in a clinic and in all. */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { until } from "./platform.ts";
import { clinic, scene, upload, uploaded } from "./rows.ts";
import {
  claim,
  claimNext,
  complete,
  completeAndNext,
  expireLease,
  fail,
  newToken,
  paidCall,
  release,
  save,
  saveAndAsk,
  summaryRow,
  sweep,
} from "./worker_calls.ts";

type Sql = postgres.Sql;

/** So many dollars, by the price of input of gemini-3.8-flash. */
const call = (dollars: number, changes: object = {}) =>
  paidCall({
    at: new Date().toISOString(),
    input_tokens: Math.round(dollars * 1_000_000 / 0.75),
    ...changes,
  });

const budgetOfProject = (sql: Sql, dollars: number | null) =>
  sql`update summaries_private.settings set dollars_a_day = ${dollars} where only_row`;
const budgetOfEach = (sql: Sql, dollars: number | null) =>
  sql`update summaries_private.settings set clinic_dollars_a_day = ${dollars} where only_row`;
const budgetOf = (sql: Sql, id: string, dollars: number | null) =>
  sql`update public.clinics set dollars_a_day = ${dollars} where id = ${id}`;

async function dollars(sql: Sql, of: string | null = null) {
  const [row] = await sql`select spent::float, reserved::float from summaries_private.budgets
    where clinic_id is not distinct from ${of}`;
  return row as { spent: number; reserved: number } | undefined;
}

const estimate = async (sql: Sql, id: string) =>
  (await sql`select summaries_private.estimate(${id})::float as dollars`)[0].dollars as number;

/** Next midnight of UTC. */
const tomorrow = () => new Date(Math.ceil(Date.now() / 86_400_000) * 86_400_000);

async function assertWaits(sql: Sql, id: string): Promise<void> {
  const { status, waiting_for, due_at, run_after } = await summaryRow(sql, id);
  assertEquals([status, waiting_for, due_at], ["queued", "budget", run_after]);
  assert(due_at >= tomorrow() && +due_at - +tomorrow() < 10_000, `${due_at}`);
}

/** As if the present day had ended. */
async function nextDay(sql: Sql): Promise<void> {
  await sql`update summaries_private.spending set day = day - 1 where true`;
  await sql`update summaries_private.summary_jobs
    set run_after = run_after - interval '1 day' where run_after > clock_timestamp()`;
  await sql`select summaries_private.note_turns()`;
}

Deno.test("a claim that its clinic's budget has no room for isn't made, and others go on", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [poor, rich] = [await clinic(sql), await clinic(sql)];
    const [first, second] = [
      await uploaded(sql, { clinic: poor }),
      await uploaded(sql, { clinic: poor }),
    ];
    const other = await uploaded(sql, { clinic: rich });
    await budgetOf(sql, poor, 1.5 * await estimate(sql, first.summary));
    const claimed = [];
    for (let n = 0; n < 3; n++) claimed.push((await claimNext(sql)).job?.summary_id);
    assertEquals(claimed, [first.summary, other.summary, undefined]);
    await assertWaits(sql, second.summary);
    assertEquals((await summaryRow(sql, second.summary)).attempts, 0);
    const { reserved } = (await dollars(sql, poor))!;
    assertEquals(reserved, await estimate(sql, first.summary));
  } finally {
    await db.close();
  }
});

Deno.test("the project's budget holds all clinics, and the worker that completes one gets no other", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const files = [];
    for (let n = 0; n < 3; n++) files.push(await uploaded(sql, { clinic: await clinic(sql) }));
    await budgetOfProject(sql, 1.5 * await estimate(sql, files[0].summary));
    const token = newToken();
    assertEquals((await claimNext(sql, token)).job.summary_id, files[0].summary);
    assertEquals((await claimNext(sql)).outcome, "nothing");
    await save(sql, files[0].summary, token, files[0], 0, null, {
      calls: [call(2 * await estimate(sql, files[0].summary))],
    });
    const done = await completeAndNext(sql, files[0].summary, token);
    assertEquals(done, { outcome: "completed", next: null });
    for (const { summary } of files.slice(1)) await assertWaits(sql, summary);
  } finally {
    await db.close();
  }
});

Deno.test("each clinic has the project's default where it has none of its own", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [own, other] = [await clinic(sql), await clinic(sql)];
    const files = [await uploaded(sql, { clinic: own }), await uploaded(sql, { clinic: other })];
    await budgetOfEach(sql, 0);
    await budgetOf(sql, own, 100);
    assertEquals((await claimNext(sql)).job.summary_id, files[0].summary);
    assertEquals((await claimNext(sql)).outcome, "nothing");
    await assertWaits(sql, files[1].summary);
  } finally {
    await db.close();
  }
});

Deno.test("an upload succeeds and waits; it goes on with the sweep when the budget is raised or gone", async () => {
  const db = await database();
  try {
    const { sql } = db;
    for (const raised of [100, null]) {
      const at = { clinic: await clinic(sql) };
      await budgetOf(sql, at.clinic, 0);
      await sql`truncate net.http_request_queue`;
      const files = [await uploaded(sql, at), await uploaded(sql, at)];
      for (const { summary } of files) await assertWaits(sql, summary);
      await sweep(sql);
      assertEquals((await sql`select from net.http_request_queue`).count, 0, "nobody is woken");
      assertEquals((await claimNext(sql)).outcome, "nothing");
      await budgetOf(sql, at.clinic, raised);
      await sweep(sql);
      for (const { summary } of files) {
        assertEquals((await summaryRow(sql, summary)).waiting_for, null);
        // In the order in which they came.
        assertEquals((await claimNext(sql)).job.summary_id, summary);
      }
    }
  } finally {
    await db.close();
  }
});

Deno.test("the next day it goes on by itself, in the order in which it came to wait", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const files = [];
    for (let n = 0; n < 5; n++) files.push(await uploaded(sql, at));
    await budgetOf(sql, at.clinic, 0.15);
    const token = newToken();
    await claimNext(sql, token);
    await save(sql, files[0].summary, token, files[0], 0, null, { calls: [call(0.2)] });
    await complete(sql, files[0].summary, token);
    assertEquals((await claimNext(sql)).outcome, "nothing");
    await sweep(sql);
    for (const { summary } of files.slice(1)) await assertWaits(sql, summary);
    await nextDay(sql);
    const next = [];
    for (let n = 1; n < 5; n++) next.push((await claimNext(sql)).job.summary_id);
    assertEquals(next, files.slice(1).map(({ summary }) => summary));
  } finally {
    await db.close();
  }
});

Deno.test("calls settle what was reserved, and what is left of it is free at the end", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const file = await uploaded(sql, at);
    await budgetOf(sql, at.clinic, 100);
    const reserved = await estimate(sql, file.summary);
    const token = newToken();
    await claimNext(sql, token);
    assertEquals(await dollars(sql, at.clinic), { spent: 0, reserved });
    const paid = call(reserved / 4);
    const price = paid.input_tokens * 0.75 / 1_000_000;
    const left = Number((reserved - price).toFixed(12));
    for (let told = 0; told < 2; told++) {
      await save(sql, file.summary, token, file, 0, null, { calls: [paid] });
      assertEquals(await dollars(sql, at.clinic), { spent: price, reserved: left });
    }
    const more = call(reserved);
    await save(sql, file.summary, token, file, 1, null, { calls: [more] });
    const all = Number((price + more.input_tokens * 0.75 / 1_000_000).toFixed(12));
    assertEquals(await dollars(sql, at.clinic), { spent: all, reserved: 0 });
    await complete(sql, file.summary, token);
    assertEquals(await dollars(sql, at.clinic), { spent: all, reserved: 0 });
    assertEquals(await dollars(sql), { spent: all, reserved: 0 });
  } finally {
    await db.close();
  }
});

type End = (sql: Sql, id: string, token: string) => PromiseLike<unknown>;
const ends: Record<string, End> = {
  "is released": release,
  "is to be tried again": (sql, id, token) => fail(sql, id, token),
  "has failed": (sql, id, token) => fail(sql, id, token, { fault: "final" }),
  "is cancelled": (sql, id) =>
    sql`update public.summaries set status = 'cancelled' where id = ${id}`,
  "is deleted": (sql, id) => sql`delete from public.summaries where id = ${id}`,
  "loses its worker": async (sql, id) => {
    await expireLease(sql, id);
    await sweep(sql);
  },
};
for (const [how, end] of Object.entries(ends)) {
  Deno.test(`what is reserved for a summary that ${how} is free, what it spent stays spent`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      const at = { clinic: await clinic(sql) };
      const file = await uploaded(sql, at);
      await budgetOf(sql, at.clinic, 100);
      const token = newToken();
      await claimNext(sql, token);
      await save(sql, file.summary, token, file, 0, null, { isLast: false, calls: [call(0.003)] });
      await end(sql, file.summary, token);
      assertEquals(await dollars(sql, at.clinic), { spent: 0.003, reserved: 0 });
    } finally {
      await db.close();
    }
  });
}

Deno.test("the reservation of a worker that was killed ends with its lease, and the next one goes on", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const [lost, waiting] = [await uploaded(sql, at), await uploaded(sql, at)];
    await budgetOf(sql, at.clinic, 1.5 * await estimate(sql, lost.summary));
    await claimNext(sql);
    assertEquals((await claimNext(sql)).outcome, "nothing");
    await assertWaits(sql, waiting.summary);
    await sweep(sql);
    await assertWaits(sql, waiting.summary);
    await sql`update public.summaries set status = 'cancelled' where id = ${lost.summary}`;
    await sweep(sql);
    assertEquals((await claimNext(sql)).job.summary_id, waiting.summary);
  } finally {
    await db.close();
  }
});

Deno.test("whoever saves is told when the budget is spent, whatever is reserved", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const files = [await uploaded(sql, at), await uploaded(sql, at)];
    const tokens = [newToken(), newToken()];
    for (const token of tokens) await claimNext(sql, token);
    await budgetOf(sql, at.clinic, 0.5);
    const saves = async (of: number, part: number, calls: object[]) =>
      await saveAndAsk(sql, files[of].summary, tokens[of], files[of], part, null, {
        isLast: false,
        calls,
      });
    assertEquals(await saves(0, 0, [call(0.3)]), { outcome: "saved", may_spend: true });
    assertEquals(await saves(1, 0, [call(0.3)]), { outcome: "saved", may_spend: false });
    assertEquals(await saves(0, 1, []), { outcome: "saved", may_spend: false });
    const told = async (dollars: number) => {
      const calls = JSON.stringify([call(dollars)]);
      const [{ may_spend }] = await sql`select public.tell_calls(${files[0].summary}, ${tokens[0]},
        ${calls}::text::jsonb) as may_spend`;
      return may_spend;
    };
    assertEquals(await told(0.15), false);
    await budgetOf(sql, at.clinic, 1);
    assertEquals(await told(0.15), true);
    assertEquals((await dollars(sql, at.clinic))!.spent, 0.9);
    await budgetOf(sql, at.clinic, null);
    await budgetOfProject(sql, 1);
    assertEquals(await told(0.15), false);
  } finally {
    await db.close();
  }
});

Deno.test("one that stops for its budget has made no attempt, keeps its parts and waits for the day", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const file = await uploaded(sql, at);
    await budgetOf(sql, at.clinic, 0.5);
    for (let day = 0; day < 7; day++) {
      const token = newToken();
      const { job, inputs } = await claimNext(sql, token);
      assertEquals([job.tries_left, inputs.recordings[0].extractions.length], [5, day]);
      await save(sql, file.summary, token, file, day, null, { isLast: false, calls: [call(0.6)] });
      assertEquals((await fail(sql, file.summary, token, { fault: "budget" })).outcome, "queued");
      await assertWaits(sql, file.summary);
      await sweep(sql);
      await assertWaits(sql, file.summary);
      await nextDay(sql);
    }
  } finally {
    await db.close();
  }
});

Deno.test("the wait for a budget makes nobody older", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const { summary } = await uploaded(sql, at);
    const token = newToken();
    await claimNext(sql, token);
    await budgetOf(sql, at.clinic, 0);
    await fail(sql, summary, token, { fault: "budget" });
    await sql`update summaries_private.summary_jobs
      set run_after = now() - interval '3 days', ages_from = ages_from - interval '3 days' where true`;
    await sql`select summaries_private.note_turns()`;
    assertEquals((await claimNext(sql)).outcome, "nothing");
    await budgetOf(sql, at.clinic, 1);
    await claim(sql, summary);
    const [{ young }] = await sql`select age < interval '1 minute' as young
      from summaries_private.summary_jobs`;
    assert(young);
  } finally {
    await db.close();
  }
});

Deno.test("one that is larger than the day's budget begins where half of it is left, and takes all of that", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const [large, small] = [await uploaded(sql, at), await uploaded(sql, at)];
    await sql`update public.recordings set size_bytes = 50000000 where id = ${large.recording}`;
    await budgetOf(sql, at.clinic, 0.5);
    assert(await estimate(sql, large.summary) > 0.5);
    await sql`select summaries_private.spend(${at.clinic}, 0.2)`;
    assertEquals((await claimNext(sql)).job.summary_id, large.summary);
    assertEquals(await dollars(sql, at.clinic), { spent: 0.2, reserved: 0.3 });
    assertEquals((await claimNext(sql)).outcome, "nothing");
    await assertWaits(sql, small.summary);
  } finally {
    await db.close();
  }
});

Deno.test("a small one goes on where a large one has no room, which is first the next day", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const [large, small] = [await uploaded(sql, at), await uploaded(sql, at)];
    await sql`update public.recordings set size_bytes = 50000000 where id = ${large.recording}`;
    await budgetOf(sql, at.clinic, 0.5);
    await sql`select summaries_private.spend(${at.clinic}, 0.3)`;
    assertEquals((await claimNext(sql)).outcome, "nothing");
    assertEquals((await claimNext(sql)).job.summary_id, small.summary);
    await assertWaits(sql, large.summary);
    const later = await uploaded(sql, at);
    await sql`update public.summaries set status = 'cancelled' where id = ${small.summary}`;
    await nextDay(sql);
    await sql`update summaries_private.summary_jobs set run_after = now() + interval '1 hour'
      where summary_id = ${later.summary}`;
    assertEquals((await claimNext(sql)).job.summary_id, large.summary);
  } finally {
    await db.close();
  }
});

Deno.test("what a summary is expected to cost: sound by its bytes or as counted, without what is saved", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at);
    const size = (bytes: number) =>
      sql`update public.recordings set size_bytes = ${bytes} where id = ${file.recording}`;
    // 1,440 s at 32 kbit/s are two calls.
    await size(1440 * 4000);
    // Without a call in its clinic by the dearest price.
    const [input, output] = [7.5 / 5, 7.5];
    const composing = (text: number, calls = 3) =>
      calls * ((500 + text) * input + 3000 * output) / 1e6;
    const expected = 2 * (1440 * 32 + 500) * input / 1e6 + 14400 * output / 1e6;
    const near = (one: number, other: number) =>
      assert(Math.abs(one - other) < 1e-9, `${one} is not ${other}`);
    near(await estimate(sql, file.summary), expected + composing(14400));
    const token = newToken();
    await claimNext(sql, token);
    await sql`select public.save_extraction(${file.summary}, ${token}, ${file.recording},
      ${file.version}, ${
      sql.json({
        take: 1,
        part: 0,
        from_seconds: 0,
        to_seconds: 600,
        is_last: false,
        segments: [],
        found: {},
        model: "m",
        prompt_version: "1",
        usage: { calls: 2, audio_tokens: 2 * 1200 * 32 },
      })
    }, null, ${sql.json([call(0.001)])})`;
    // It has 1,200 s, of which 600 are left; and the model is known.
    const half = (1200 * 32 + 500) * input / 1e6 + 6000 * output / 1e6;
    near(await estimate(sql, file.summary), (half + composing(12000)) / 2);
    await save(sql, file.summary, token, file, 1);
    near(await estimate(sql, file.summary), composing(12000) / 2);
    await sql`select public.save_draft(${file.summary}, ${token}, '{}')`;
    near(await estimate(sql, file.summary), composing(12000, 2) / 2);
    await upload(sql, `${at.clinic}/${file.consultation}/${crypto.randomUUID()}.jpg`, {
      type: "image/jpeg",
    });
    near(
      await estimate(sql, file.summary),
      (composing(13120, 2) + (1620 * input + 1120 * output) / 1e6) / 2,
    );
  } finally {
    await db.close();
  }
});

Deno.test("sixteen that claim at once at the edge of a budget take what it has room for, and no more", async () => {
  const db = await database();
  try {
    const { sql } = db;
    for (const whose of ["project", "clinic"]) {
      const clinics = whose === "clinic"
        ? [await clinic(sql)]
        : [await clinic(sql), await clinic(sql)];
      const files = [];
      for (let n = 0; n < 16; n++) {
        files.push(await uploaded(sql, { clinic: clinics[n % clinics.length] }));
      }
      const each = await estimate(sql, files[0].summary);
      await (whose === "clinic"
        ? budgetOf(sql, clinics[0], 5.5 * each)
        : budgetOfProject(sql, 5.5 * each));
      const connections = await Promise.all(files.map(() => db.connect().reserve()));
      // Nobody commits before all have claimed or wait for those that have.
      const begun = connections.map(async (own) => {
        await own`begin`;
        const { job } = await claimNext(own as unknown as Sql);
        await own`commit`;
        return job?.summary_id as string | undefined;
      });
      const claimed = (await Promise.all(begun)).filter(Boolean);
      assertEquals([whose, claimed.length, new Set(claimed).size], [whose, 5, 5]);
      const { reserved } = (await dollars(sql, whose === "clinic" ? clinics[0] : null))!;
      assert(reserved <= 5.5 * each);
      for (const id of claimed) {
        await sql`update public.summaries set status = 'cancelled' where id = ${id!}`;
      }
      await budgetOfProject(sql, null);
      await sql`update public.summaries set status = 'cancelled' where status = 'queued'`;
      for (const own of connections) own.release();
    }
  } finally {
    await db.close();
  }
});

Deno.test("a claim that is not committed yet has reserved already: the next one waits for it, and has none", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const files = [await uploaded(sql, at), await uploaded(sql, at)];
    await budgetOf(sql, at.clinic, 1.5 * await estimate(sql, files[0].summary));
    const [one, other] = [await db.connect().reserve(), await db.connect().reserve()];
    await one`begin`;
    assertEquals((await claimNext(one as unknown as Sql)).outcome, "claimed");
    const second = claimNext(other as unknown as Sql);
    await until(async () =>
      (await sql`select from pg_stat_activity
        where wait_event = 'advisory' and datname = current_database()`).count === 1
    );
    await one`commit`;
    assertEquals((await second).outcome, "nothing");
  } finally {
    await db.close();
  }
});

Deno.test("health and an operator's view tell what is spent, reserved and allowed today", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const file = await uploaded(sql, at);
    await budgetOfProject(sql, 10);
    await budgetOfEach(sql, 5);
    const token = newToken();
    const reserved = await estimate(sql, file.summary);
    await claimNext(sql, token);
    await save(sql, file.summary, token, file, 0, null, { isLast: false, calls: [call(0.003)] });
    const [{ health }] = await sql`select public.queue_health() as health`;
    assertEquals(
      [health.dollars_a_day, health.dollars_spent, health.dollars_reserved],
      [10, 0.003, Number((reserved - 0.003).toFixed(12))],
    );
    const rows = await sql`select clinic_id, dollars_a_day::float, spent::float
      from summaries_private.budgets`;
    assertEquals([...rows], [
      { clinic_id: null, dollars_a_day: 10, spent: 0.003 },
      { clinic_id: at.clinic, dollars_a_day: 5, spent: 0.003 },
    ]);
    // Of days before nothing is kept here.
    await release(sql, file.summary, token);
    await sql`update summaries_private.spending set day = day - 4 where true`;
    await sweep(sql);
    assertEquals((await sql`select from summaries_private.spending`).count, 0);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep tells a thousand at a time that their budget is spent, and claims pass them", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [poor, other] = [await clinic(sql), await clinic(sql)];
    await sql`with c as (
        insert into public.consultations (clinic_id)
        select ${poor}::uuid from generate_series(1, 1500) returning id, clinic_id
      )
      insert into public.summaries (clinic_id, consultation_id) select clinic_id, id from c`;
    const { summary } = await uploaded(sql, { clinic: other });
    await budgetOf(sql, poor, 0);
    assertEquals((await claimNext(sql)).job.summary_id, summary);
    const waiting = async () =>
      (await sql`select from public.summaries where waiting_for = 'budget'`).count;
    assertEquals(await waiting(), 1);
    await sweep(sql);
    assertEquals(await waiting(), 1001);
    await sweep(sql);
    assertEquals(await waiting(), 1500);
    await budgetOf(sql, poor, null);
    await sweep(sql);
    assertEquals(await waiting(), 500);
  } finally {
    await db.close();
  }
});

Deno.test("whose service sets a clinic's budget, its members only read it", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    const set = (tx: postgres.TransactionSql) =>
      tx`update public.clinics set dollars_a_day = 1 where id = ${at.clinic} returning id`;
    const refused = await db.as("authenticated", { sub: at.admin }, set)
      .then(() => null, (error) => error.code);
    assertEquals(refused, "42501");
    assertEquals((await db.as("service_role", {}, set)).length, 1);
    const read = await db.as(
      "authenticated",
      { sub: at.admin },
      (tx) => tx`select dollars_a_day::float from public.clinics`,
    );
    assertEquals(read[0].dollars_a_day, 1);
  } finally {
    await db.close();
  }
});
