/** Whose token is taken: of reading, writing, Storage and Realtime by one rule, and of asking. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { code } from "./platform.ts";
import { pathIn, type Scene, scene, topicOf, upload, uploaded, user } from "./rows.ts";
import { request } from "./worker_calls.ts";

/** Whether a token that claims this reads the clinic, and may ask: always both. */
async function taken(db: Database, at: Scene, claims: Record<string, unknown>): Promise<boolean> {
  const read = await db.as(
    "authenticated",
    { sub: at.doctor, session_id: undefined, ...claims },
    (tx) => tx`select from public.clinics where id = ${at.clinic}`,
  );
  const { code: refusal, outcome } = await request(db.sql, {
    consultation: at.consultation,
    user: at.doctor,
    session: claims as Record<string, string>,
  });
  const asked = refusal ?? outcome;
  assertEquals(asked, read.count > 0 ? "no_recordings" : "unauthorized");
  return read.count > 0;
}

Deno.test("a token is taken as long as its session lives", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const session_id = crypto.randomUUID();
    assertEquals(await taken(db, at, { session_id }), false, "no such session");
    await sql`insert into auth.sessions (id, user_id) values (${session_id}, ${at.doctor})`;
    assertEquals(await taken(db, at, { session_id }), true);
    assertEquals(await taken(db, at, { session_id: at.nurse }), false, "somebody else's");
    for (const [notAfter, lives] of [["-1 second", false], ["1 hour", true]] as const) {
      await sql`update auth.sessions set not_after = clock_timestamp() + ${notAfter}::interval
        where id = ${session_id}`;
      assertEquals(await taken(db, at, { session_id }), lives);
    }
    // What Auth does at signing out.
    await sql`delete from auth.sessions where id = ${session_id}`;
    assertEquals(await taken(db, at, { session_id }), false);
    for (const nonsense of ["", "x", "1; drop", session_id.toUpperCase()]) {
      assertEquals(await taken(db, at, { session_id: nonsense }), false);
    }
  } finally {
    await db.close();
  }
});

Deno.test("a token that names no session is taken where an operator says so", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    assertEquals(await taken(db, at, {}), false);
    await db
      .sql`update summaries_private.settings set tokens_without_session = true where only_row`;
    assertEquals(await taken(db, at, {}), true);
    assertEquals(await taken(db, at, { session_id: crypto.randomUUID() }), false);
    assertEquals(await taken(db, at, { is_anonymous: true } as never), false);
  } finally {
    await db.close();
  }
});

Deno.test("what one uploads who is no member any more is kept, is not looked at, and starts nothing", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const stranger = await user(sql);
    await sql`update public.clinic_members set disabled_at = now() where user_id = ${at.nurse}`;
    for (const owner of [at.nurse, stranger, "of another issuer"]) {
      await upload(sql, pathIn(at), { owner });
    }
    const rows = await sql`select excluded from public.recordings`;
    assertEquals(rows.map(({ excluded }) => excluded), Array(3).fill("file_uploader_left"));
    assertEquals((await sql`select from public.summaries`).count, 0);
    // The next of a member, or of the service, starts one.
    await upload(sql, pathIn(at));
    assertEquals((await sql`select from public.summaries`).count, 1);
    assertEquals((await sql`select from public.recordings where excluded is null`).count, 1);
  } finally {
    await db.close();
  }
});

Deno.test("an OAuth app's token is taken where an operator named the app", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    const session = { session_id: at.doctor };
    assertEquals(await taken(db, at, session), true);
    const app = { ...session, client_id: crypto.randomUUID() };
    assertEquals(await taken(db, at, app), false);
    await db.sql`update summaries_private.settings
      set oauth_clients = ${[app.client_id]} where only_row`;
    assertEquals(await taken(db, at, app), true);
    assertEquals(await taken(db, at, { ...session, client_id: crypto.randomUUID() }), false);
  } finally {
    await db.close();
  }
});

Deno.test("a clinic that asks for a second factor is nobody's without one", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at);
    /** What a doctor who signed in so gets: rows, a file, the topic, an upload; and asking. */
    const gets = async (aal: string | undefined) => {
      const topic = await topicOf(sql, at.clinic);
      const claims = { sub: at.doctor, aal };
      const rows = await db.as("authenticated", claims, async (tx) => {
        await tx`select set_config('realtime.topic', ${topic}, true)`;
        return [
          (await tx`select from public.summaries`).count > 0,
          (await tx`select from storage.objects where name = ${file.path}`).count > 0,
          (await tx`select from realtime.messages`).count > 0,
          (await tx`select summaries_private.may_upload(${pathIn(at)}) as may`)[0].may,
        ];
      });
      const session = { session_id: at.doctor, ...aal ? { aal } : {} };
      const { code: refusal } = await request(sql, {
        consultation: at.consultation,
        user: at.doctor,
        session,
      });
      return [...rows, refusal];
    };
    const [all, none] = [[true, true, true, true, "no_recordings"], [
      false,
      false,
      false,
      false,
      "second_factor",
    ]];
    assertEquals(await gets("aal1"), all);
    const before = await topicOf(sql, at.clinic);
    const require = (user: string, aal: string) =>
      db.as(
        "authenticated",
        { sub: user, aal },
        (tx) => tx`update public.clinics set require_aal2 = true where id = ${at.clinic}`,
      );
    assertEquals(await code(require(at.admin, "aal1")), "42501", "nobody shuts themselves out");
    assertEquals((await require(at.doctor, "aal2")).count, 0);
    assertEquals((await require(at.admin, "aal2")).count, 1);
    assertNotEquals(await topicOf(sql, at.clinic), before);
    assertEquals(await gets(undefined), none);
    assertEquals(await gets("aal1"), none);
    assertEquals(await gets("aal2"), all);
  } finally {
    await db.close();
  }
});
