/** Whose token is taken: of reading, writing, Storage and Realtime by one rule, and of asking. */
import { assertEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { pathIn, type Scene, scene, upload, user } from "./rows.ts";
import { request } from "./worker_calls.ts";

/** Whether a token that claims this reads the clinic, and may ask: always both. */
async function taken(db: Database, at: Scene, claims: Record<string, unknown>): Promise<boolean> {
  const read = await db.as(
    "authenticated",
    { sub: at.doctor, session_id: undefined, ...claims },
    (tx) => tx`select from public.clinics where id = ${at.clinic}`,
  );
  const { code, outcome } = await request(db.sql, {
    consultation: at.consultation,
    user: at.doctor,
    session: claims as Record<string, string>,
  });
  const asked = code ?? outcome;
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
