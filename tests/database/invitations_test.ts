/** Becoming a member, leaving, and what is written down of both. */
import { assert, assertEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { code, until } from "./platform.ts";
import { clinic, member, type Scene, scene, user } from "./rows.ts";

const invite = (db: Database, at: Scene, email: string, role = "nurse") =>
  db.as(
    "authenticated",
    { sub: at.admin },
    (tx) =>
      tx`insert into public.clinic_invitations (clinic_id, email, role)
      values (${at.clinic}, ${email}, ${role})`,
  );

const accept = (db: Database, sub: string, clinic: string) =>
  db.as("authenticated", { sub }, async (tx) => {
    const [{ role }] = await tx`select public.accept_invitation(${clinic}) as role`;
    return role as string;
  });

/** Somebody without a clinic whose address Auth has confirmed. */
async function somebody({ sql }: Database): Promise<{ id: string; email: string }> {
  const id = await user(sql);
  const [{ email }] = await sql`
    update auth.users set email_confirmed_at = now() where id = ${id} returning email`;
  return { id, email };
}

const events = async ({ sql }: Database, at: Scene) =>
  (await sql`select actor, event, member, detail from public.clinic_events
    where clinic_id = ${at.clinic} order by id offset 4`)
    .map(({ actor, event, member, detail }) => [actor, event, member, detail]);

Deno.test("who is invited by their address becomes a member, once, and it is written down", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    const { id, email } = await somebody(db);
    const sees = () =>
      db.as("authenticated", { sub: id }, (tx) => tx`select role from public.clinic_invitations`);
    await invite(db, at, ` ${email.toUpperCase()} `, "doctor");
    await invite(db, at, email, "nurse");
    assertEquals([...await sees()], [{ role: "nurse" }]);
    assertEquals(await accept(db, id, at.clinic), "nurse");
    assertEquals(await code(accept(db, id, at.clinic)), "PT404");
    const [{ role }] = await db.sql`
      select role from public.clinic_members where user_id = ${id}`;
    assertEquals(role, "nurse");
    assertEquals(await events(db, at), [
      [at.admin, "invited", null, { role: "doctor" }],
      [at.admin, "uninvited", null, { role: "doctor" }],
      [at.admin, "invited", null, { role: "nurse" }],
      [id, "uninvited", null, { role: "nurse" }],
      [id, "joined", id, { role: "nurse" }],
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("an invitation is of no use to anybody else, nor unconfirmed, ended, taken back, or signed out", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const { id, email } = await somebody(db);
    const other = await somebody(db);
    const refused = async (sub = id, where = at.clinic) =>
      assertEquals(await code(accept(db, sub, where)), "PT404");
    await refused();
    await invite(db, at, email);
    await refused(other.id);
    await refused(id, await clinic(sql));
    const seen = await db.as(
      "authenticated",
      { sub: other.id },
      (tx) => tx`select from public.clinic_invitations`,
    );
    assertEquals(seen.count, 0);

    await sql`update auth.users set email_confirmed_at = null where id = ${id}`;
    await refused();
    await sql`update auth.users set email_confirmed_at = now() where id = ${id}`;
    await sql`delete from auth.sessions where user_id = ${id}`;
    await refused();
    await sql`insert into auth.sessions (id, user_id) values (${id}, ${id})`;
    await sql`update public.clinic_invitations set ends_at = now() where email = ${email}`;
    await refused();
    await invite(db, at, email);
    await db.as(
      "authenticated",
      { sub: at.admin },
      (tx) => tx`delete from public.clinic_invitations where email = ${email}`,
    );
    await refused();
    await invite(db, at, email);
    await sql`select public.delete_clinic(${at.clinic})`;
    await refused();
  } finally {
    await db.close();
  }
});

Deno.test("inviting answers the same whether there is such an account, a member, or nobody", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    const { email } = await somebody(db);
    for (const address of [email, `${at.nurse}@clinic.test`, "nobody@clinic.test"]) {
      const { count } = await invite(db, at, address);
      assertEquals(count, 1);
    }
    assertEquals(await code(invite(db, at, "no address")), "23514");
  } finally {
    await db.close();
  }
});

Deno.test("an invitation makes a former member one again, and changes no member's role", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    await sql`update auth.users set email_confirmed_at = now() where id in (${at.nurse}, ${at.doctor})`;
    await sql`update public.clinic_members set disabled_at = now() where user_id = ${at.nurse}`;
    for (const id of [at.nurse, at.doctor]) {
      await invite(db, at, `${id}@clinic.test`, "receptionist");
      assertEquals(await accept(db, id, at.clinic), "receptionist");
    }
    const members = await sql`select role, disabled_at from public.clinic_members
      where user_id in (${at.nurse}, ${at.doctor}) order by role`;
    assertEquals([...members], [
      { role: "doctor", disabled_at: null },
      { role: "receptionist", disabled_at: null },
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("everybody may leave, but the last admin; each change is written down", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const leaves = (sub: string) =>
      db.as(
        "authenticated",
        { sub },
        (tx) => tx`delete from public.clinic_members where user_id = ${sub}`,
      );
    const change = (set: Record<string, unknown>, user: string) =>
      db.as(
        "authenticated",
        { sub: at.admin },
        (tx) => tx`update public.clinic_members set ${tx(set)} where user_id = ${user}`,
      );
    assertEquals((await leaves(at.receptionist)).count, 1);
    assertEquals((await leaves(at.receptionist)).count, 0);
    assertEquals(await code(leaves(at.admin)), "PT409");
    assertEquals(await code(change({ role: "doctor" }, at.admin)), "PT409");
    assertEquals(await code(change({ disabled_at: new Date() }, at.admin)), "PT409");
    await change({ role: "admin" }, at.doctor);
    await change({ disabled_at: new Date() }, at.nurse);
    await change({ disabled_at: null }, at.nurse);
    await db.as(
      "authenticated",
      { sub: at.admin },
      (tx) => tx`delete from public.clinic_members where user_id = ${at.nurse}`,
    );
    assertEquals((await leaves(at.admin)).count, 1);
    assertEquals(await events(db, at), [
      [at.receptionist, "left", at.receptionist, { role: "receptionist" }],
      [at.admin, "role", at.doctor, { from: "doctor", to: "admin" }],
      [at.admin, "disabled", at.nurse, { role: "nurse" }],
      [at.admin, "enabled", at.nurse, { role: "nurse" }],
      [at.admin, "removed", at.nurse, { role: "nurse" }],
      [at.admin, "left", at.admin, { role: "admin" }],
    ]);
    // The service may, as when an account is deleted.
    await sql`delete from auth.users where id = ${at.doctor}`;
    assertEquals((await sql`select from public.clinic_members`).count, 0);
  } finally {
    await db.close();
  }
});

Deno.test("of two admins who leave at once, one stays; nor do both by one statement", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const second = await member(sql, at.clinic, "admin");
    assertEquals(
      await code(
        db.as(
          "authenticated",
          { sub: at.admin },
          (tx) => tx`delete from public.clinic_members where clinic_id = ${at.clinic}`,
        ),
      ),
      "PT409",
    );
    let other: Promise<string | undefined> = Promise.resolve(undefined);
    await db.as("authenticated", { sub: at.admin }, async (tx) => {
      await tx`delete from public.clinic_members where user_id = ${at.admin}`;
      other = code(
        db.as(
          "authenticated",
          { sub: second },
          (tx) => tx`delete from public.clinic_members where user_id = ${second}`,
        ),
      );
      await until(async () => {
        const { count } = await sql`
          select from pg_stat_activity where wait_event_type = 'Lock' and datname = ${db.name}`;
        return count > 0;
      });
    });
    assertEquals(await other, "PT409");
    const admins = await sql`select from public.clinic_members where role = 'admin'`;
    assert(admins.count === 1);
  } finally {
    await db.close();
  }
});
