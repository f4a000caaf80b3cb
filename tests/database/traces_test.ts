/** What is written down of a clinic, and stays when what it tells of is gone. */
import { assertEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { pathIn, remove, scene, upload, uploaded } from "./rows.ts";

const events = async ({ sql }: Database, clinic: string) =>
  (await sql`
    select actor, event, detail from public.clinic_events
    where clinic_id = ${clinic} and event <> 'joined' order by id`)
    .map(({ actor, event, detail }) => [actor, event, detail]);

Deno.test("changed settings and templates are written down by name, without what they hold", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const { consultation } = await uploaded(sql, at);
    const before = (await events(db, at.clinic)).length;
    await db.as("authenticated", { sub: at.admin }, async (tx) => {
      await tx`update public.clinics set name = 'Oak Street', template_config = '{"tone": "warm"}'
        where id = ${at.clinic}`;
      // The same again changes nothing.
      await tx`update public.clinics set name = 'Oak Street' where id = ${at.clinic}`;
      await tx`update public.consultations set template_config = '{"language": "Hindi"}'
        where id = ${consultation}`;
    });
    await sql`update public.clinics set dollars_a_day = 5 where id = ${at.clinic}`;
    assertEquals((await events(db, at.clinic)).slice(before), [
      [at.admin, "settings", { changed: ["name", "template_config"] }],
      [at.admin, "template", { consultation_id: consultation }],
      [null, "settings", { changed: ["dollars_a_day"] }],
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("what came of files is there when they, and their consultation, are not", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.doctor);
    const other = pathIn({ clinic: at.clinic, consultation: file.consultation });
    await upload(sql, other);
    await upload(sql, other);
    await remove(sql, other);
    await sql`delete from public.consultations where id = ${file.consultation}`;
    const written = await events(db, at.clinic);
    assertEquals(written.map(([, event]) => event), [
      "uploaded",
      "uploaded",
      "overwritten",
      "file_deleted",
      "consultation_deleted",
    ]);
    assertEquals(written[0][2], {
      consultation_id: file.consultation,
      recording_id: file.recording,
    });
    assertEquals(written.at(-1)![2], { consultation_id: file.consultation });
  } finally {
    await db.close();
  }
});

Deno.test("of a clinic that goes, one event says so, however much it had", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const { consultation } = await uploaded(sql, at);
    await sql`select public.delete_clinic(${at.clinic})`;
    await sql`delete from public.consultations where id = ${consultation}`;
    assertEquals((await events(db, at.clinic)).slice(1), [[null, "clinic_deleted", {}]]);
  } finally {
    await db.close();
  }
});
