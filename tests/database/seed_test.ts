/** supabase/seed.sql, run as `supabase start` runs it: as postgres, behind the migrations. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { database } from "./harness.ts";

const seed = await Deno.readTextFile(
  fileURLToPath(new URL("../../supabase/seed.sql", import.meta.url)),
);

Deno.test("the seed makes a clinic with one person of each role, who know their password", async () => {
  const db = await database();
  try {
    await db.sql.unsafe(seed);
    const people = await db.sql`
      select m.role, u.email, u.encrypted_password = extensions.crypt('password', u.encrypted_password)
        and i.identity_data ->> 'email' = u.email as may_sign_in
      from public.clinics c join public.clinic_members m on m.clinic_id = c.id
      join auth.users u on u.id = m.user_id join auth.identities i on i.user_id = u.id
      where c.name = 'Elm Street Clinic' order by m.role`;
    assertEquals(
      people.map(({ role, email, may_sign_in }) => [role, email, may_sign_in]),
      ["admin", "doctor", "nurse", "receptionist"].map((r) => [r, `${r}@example.com`, true]),
    );
    const [doctor] = await db.sql`select id from auth.users where email = 'doctor@example.com'`;
    await db.sql`insert into auth.sessions (id, user_id) values (${doctor.id}, ${doctor.id})`;
    const seen = await db.as(
      "authenticated",
      { sub: doctor.id },
      (tx) => tx`select id from public.consultations`,
    );
    assertEquals(seen.length, 1);
  } finally {
    await db.close();
  }
});

Deno.test("where somebody has signed up the seed does nothing", async () => {
  const db = await database();
  try {
    await db
      .sql`insert into auth.users (id, email) values (gen_random_uuid(), 'somebody@example.com')`;
    await db.sql.unsafe(seed);
    const [{ clinics }] = await db.sql`select count(*)::int as clinics from public.clinics`;
    assertEquals(clinics, 0);
  } finally {
    await db.close();
  }
});
