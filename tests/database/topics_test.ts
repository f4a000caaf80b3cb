/** Topics that move when a member leaves. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { until } from "./platform.ts";
import { clinic, member, queued, scene, topicOf } from "./rows.ts";

const messages = async ({ sql }: Database) =>
  (await sql`select topic, event from realtime.messages order by inserted_at`)
    .map(({ topic, event }) => [topic, event]);

Deno.test("a topic moves when a member leaves, in whatever way, and at no other change", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const other = await clinic(sql);
    const untouched = await topicOf(sql, other);
    const moves = async (change: () => Promise<unknown>) => {
      const before = await topicOf(sql, at.clinic);
      await sql`truncate realtime.messages`;
      await change();
      const after = await topicOf(sql, at.clinic);
      assertEquals(await messages(db), after === before ? [] : [[before, "moved"]]);
      return after !== before;
    };
    const user = at.nurse;
    assertEquals(await moves(() => member(sql, at.clinic, "nurse")), false);
    assertEquals(
      await moves(() =>
        sql`update public.clinic_members set role = 'doctor' where user_id = ${user}`
      ),
      false,
    );
    const disabled = (at: string | null) =>
      moves(() =>
        sql`update public.clinic_members set disabled_at = ${at} where user_id = ${user}`
      );
    assertEquals(await disabled("2026-01-01"), true);
    assertEquals(await disabled("2026-01-02"), false);
    assertEquals(await disabled(null), false);
    assertEquals(
      await moves(() => sql`delete from public.clinic_members where user_id = ${user}`),
      true,
    );
    assertEquals(await moves(() => sql`delete from auth.users where id = ${at.doctor}`), true);
    assertEquals(await topicOf(sql, other), untouched);
    await sql`delete from public.clinics where id = ${at.clinic}`;
  } finally {
    await db.close();
  }
});

Deno.test("what is told while somebody leaves comes before the last event, or on the new topic", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const [first, second] = [await queued(sql, at.clinic, 1), await queued(sql, at.clinic, 1)];
    await sql`truncate realtime.messages`;
    const before = await topicOf(sql, at.clinic);
    const change = db.connect();
    const leave = db.connect();
    let left = Promise.resolve<unknown>(null);
    const waiting = () =>
      sql`select from pg_stat_activity where wait_event = 'advisory' and datname = ${db.name}`;
    await change.begin(async (tx) => {
      await tx`update public.summaries set status = 'cancelled' where id = ${first[0]}`;
      left = leave`delete from public.clinic_members where user_id = ${at.nurse}`.execute();
      await until(async () => (await waiting()).count > 0);
    });
    await left;
    await sql`update public.summaries set status = 'cancelled' where id = ${second[0]}`;
    const after = await topicOf(sql, at.clinic);
    assertNotEquals(after, before);
    assertEquals(await messages(db), [[before, "summary"], [before, "moved"], [after, "summary"]]);
  } finally {
    await db.close();
  }
});
