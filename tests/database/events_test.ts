import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { anon, outcome, service, signedIn } from "./outcome.ts";
import { clinic, scene, topicOf, uploaded } from "./rows.ts";
import { claim, complete, expireLease, fail, heartbeat, newToken, sweep } from "./worker_calls.ts";

const partitions = async (
  sql: postgres.Sql,
  table = "public.summary_events",
): Promise<string[]> => {
  const rows = await sql`
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ${table}::text::regclass order by 1`;
  return rows.map(({ relname }) => relname);
};

/** Of the month that is so many away, in UTC. */
const partition = (months: number): string => {
  const now = new Date();
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months));
  return `summary_events_${month.toISOString().slice(0, 7).replace("-", "_")}`;
};

async function write(sql: postgres.Sql, clinic: string, months: number): Promise<string> {
  const id = crypto.randomUUID();
  await sql`insert into public.summary_events (clinic_id, consultation_id, summary_id, event, detail, at)
    values (${clinic}, ${id}, ${id}, 'status', '{}', date_trunc('month', now(), 'UTC')
      + make_interval(months => ${months}, days => 2))`;
  return id;
}

const where = async (sql: postgres.Sql, id: string) =>
  (await sql`select tableoid::regclass::text as name from public.summary_events
    where summary_id = ${id}`)[0]?.name?.replace("summaries_private.", "");

Deno.test("each change is told to the clinic's topic: ids and states, nothing else", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at);
    const token = newToken();
    await claim(sql, file.summary, token);
    // A stage is told to nobody.
    await heartbeat(sql, file.summary, token, "composing");
    await fail(sql, file.summary, token);
    await sql`update public.summaries set waiting_for = 'slot' where true`;
    await claim(sql, file.summary, token);
    await complete(sql, file.summary, token);
    await db.as(
      "authenticated",
      { sub: at.doctor },
      (tx) => tx`update public.summaries set review_status = 'approved', version = 2 where true`,
    );
    const topic = await topicOf(sql, at.clinic);
    const messages = await sql`
      select topic, event, extension, private, payload from realtime.messages order by inserted_at`;
    const told = (status: string, more: Record<string, unknown> = {}) => ({
      topic,
      event: "summary",
      extension: "broadcast",
      private: true,
      payload: {
        id: file.summary,
        consultation_id: file.consultation,
        status,
        waiting_for: null,
        incomplete: null,
        review_status: "draft",
        version: 1,
        ...more,
      },
    });
    assertEquals([...messages], [
      told("queued"),
      told("processing"),
      told("queued", { waiting_for: "retry" }),
      told("queued", { waiting_for: "slot" }),
      told("processing"),
      told("completed", { incomplete: false }),
      told("completed", { incomplete: false, review_status: "approved", version: 2 }),
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("events tell a run's story", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.nurse);
    const id = file.summary;
    let token = newToken();
    await claim(sql, id, token);
    await heartbeat(sql, id, token, "composing");
    await fail(sql, id, token);
    await claim(sql, id, token = newToken());
    await expireLease(sql, id);
    await sweep(sql);
    await claim(sql, id, token = newToken());
    await complete(sql, id, token);
    const events = await sql`
      select actor, event, detail from public.summary_events where event = 'status' order by id`;
    const machine = (detail: unknown) => ({ actor: null, event: "status", detail });
    assertEquals([...events], [
      { actor: at.nurse, event: "status", detail: { to: "queued" } },
      machine({ from: "queued", to: "processing", attempt: 1 }),
      machine({ from: "processing", to: "queued", attempt: 1, code: "model_unavailable" }),
      machine({ from: "queued", to: "processing", attempt: 2 }),
      machine({ from: "processing", to: "queued", attempt: 2, code: "model_unavailable" }),
      machine({ from: "queued", to: "processing", attempt: 3 }),
      machine({ from: "processing", to: "completed", attempt: 3 }),
    ]);
    const stages = await sql`
      select detail from public.summary_events where event = 'stage' order by id`;
    assertEquals(stages.map(({ detail }) => detail.to), ["composing"]);
  } finally {
    await db.close();
  }
});

Deno.test("there are partitions for this month and the next three, and one for what is in none", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const all = [...[0, 1, 2, 3].map(partition), "summary_events_default"].sort();
    assertEquals(await partitions(sql), all);
    const at = await clinic(sql);
    for (const months of [0, 3]) {
      assertEquals(await where(sql, await write(sql, at, months)), partition(months));
    }
    assertEquals(await where(sql, await write(sql, at, 4)), "summary_events_default");
    await sweep(sql);
    assertEquals(await partitions(sql), all);
  } finally {
    await db.close();
  }
});

Deno.test("a month without a partition gets one, with the events that came meanwhile", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await clinic(sql);
    await sql`drop table ${sql(`summaries_private.${partition(1)}`)}`;
    const [moved, stays] = [await write(sql, at, 1), await write(sql, at, 5)];
    assertEquals(await where(sql, moved), "summary_events_default");
    await sweep(sql);
    assertEquals(await where(sql, moved), partition(1));
    assertEquals(await where(sql, stays), "summary_events_default");
    assertEquals(await where(sql, await write(sql, at, 1)), partition(1));
  } finally {
    await db.close();
  }
});

Deno.test("events are kept as long as it is set, in whole months, those in no partition too", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await clinic(sql);
    await sql`update summaries_private.settings set events_kept = '2 months' where only_row`;
    const make = (months: number) =>
      sql.unsafe(`create table summaries_private.${partition(months)}
        partition of public.summary_events for values from (
          date_trunc('month', now(), 'UTC') + interval '${months} months') to (
          date_trunc('month', now(), 'UTC') + interval '${months + 1} months')`);
    for (const months of [-2, -3]) await make(months);
    const [kept, old, stray] = [
      await write(sql, at, -2),
      await write(sql, at, -3),
      await write(sql, at, -7),
    ];
    assertEquals(await where(sql, stray), "summary_events_default");
    await sweep(sql);
    assertEquals(
      [await where(sql, kept), await where(sql, old), await where(sql, stray)],
      [partition(-2), undefined, undefined],
    );
    assertEquals((await partitions(sql)).includes(partition(-3)), false);
  } finally {
    await db.close();
  }
});

Deno.test("events outlive the summary and the clinic that they tell of", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const { summary, consultation } = await uploaded(sql, at);
    await sql`delete from public.consultations where id = ${consultation}`;
    const read = () =>
      sql`select consultation_id from public.summary_events where summary_id = ${summary}`;
    assertEquals([...await read()], [{ consultation_id: consultation }]);
    const own = `select from public.summary_events where summary_id = '${summary}'`;
    assertEquals(await outcome(db, signedIn(at.receptionist), own), "yes");
    await sql`delete from public.clinics where id = ${at.clinic}`;
    assertEquals((await read()).count, 1);
  } finally {
    await db.close();
  }
});

for (const olderDefaultPrivileges of [false, true]) {
  const name = olderDefaultPrivileges ? " (with the older default privileges)" : "";
  Deno.test(`members read their clinic's events, and nobody a partition by itself${name}`, async () => {
    const db = await database({ olderDefaultPrivileges });
    try {
      const { sql } = db;
      const at = await scene(sql);
      const elsewhere = await scene(sql);
      await uploaded(sql, at);
      await write(sql, at.clinic, 4);
      // One that the sweep makes.
      await sql`drop table ${sql(`summaries_private.${partition(2)}`)}`;
      await write(sql, at.clinic, 2);
      await sweep(sql);
      const read = `select from public.summary_events where clinic_id = '${at.clinic}'`;
      assertEquals(await outcome(db, signedIn(at.receptionist), read), "yes");
      assertEquals(await outcome(db, service, read), "yes");
      assertEquals(await outcome(db, signedIn(elsewhere.admin), read), "none");
      assertEquals(await outcome(db, anon, read), "42501");

      const events = await partitions(sql);
      const calls = await partitions(sql, "summaries_private.model_calls");
      assertEquals([events.length, calls.length], [5, 5]);
      for (const name of [...events, ...calls]) {
        for (const who of [anon, signedIn(at.admin), service]) {
          for (
            const statement of [
              `select from summaries_private.${name}`,
              `delete from summaries_private.${name} where true`,
              `truncate summaries_private.${name}`,
            ]
          ) assertEquals([statement, await outcome(db, who, statement)], [statement, "42501"]);
        }
      }
    } finally {
      await db.close();
    }
  });
}
