import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { outcome, service, signedIn } from "./outcome.ts";
import { clinic, pathIn, queued, remove, scene, upload, uploaded } from "./rows.ts";
import { claimNext, cleaned, complete, newToken, request, sweep } from "./worker_calls.ts";

const leave = (sql: postgres.Sql, clinic: string) => sql`select public.delete_clinic(${clinic})`;

const left = async (sql: postgres.Sql, clinic: string) => ({
  clinics: (await sql`select from public.clinics where id = ${clinic}`).count,
  consultations: (await sql`select from public.consultations where clinic_id = ${clinic}`).count,
});

/** More than the sweep deletes at once, and than a statement may. */
async function consultations(sql: postgres.Sql, clinic: string, count: number) {
  await sql`insert into public.consultations (clinic_id)
    select ${clinic}::uuid from generate_series(1, ${count}::integer)`;
}

Deno.test("a clinic that leaves is gone for its members at once, and for nobody else", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const stays = await scene(sql);
    // A member of both.
    await sql`insert into public.clinic_members values (${stays.clinic}, ${at.doctor}, 'doctor')`;
    const file = await uploaded(sql, at, at.doctor);
    await uploaded(sql, stays);
    const doctor = signedIn(at.doctor);
    const reads = ["clinics", "clinic_members", "consultations", "recordings", "summaries"];
    const read = async (clinic: string) => {
      const seen = [];
      for (const table of reads) {
        const column = table === "clinics" ? "id" : "clinic_id";
        seen.push(
          await outcome(db, doctor, `select from public.${table} where ${column} = '${clinic}'`),
        );
      }
      return [...new Set(seen)];
    };
    const uploadTo = (to: typeof at) =>
      outcome(
        db,
        doctor,
        `insert into storage.objects (bucket_id, name, version)
         values ('consultations', '${pathIn(to)}', '1')`,
      );
    assertEquals([await read(at.clinic), await uploadTo(at)], [["yes"], "yes"]);
    await db.as("service_role", {}, (tx) => tx`select public.delete_clinic(${at.clinic})`);
    assertEquals([await read(at.clinic), await uploadTo(at)], [["none"], "42501"]);
    assertEquals([await read(stays.clinic), await uploadTo(stays)], [["yes"], "yes"]);
    assertEquals(
      await outcome(db, doctor, `select from storage.objects where name = '${file.path}'`),
      "none",
    );
    assertEquals(await request(sql, { consultation: file.consultation, user: at.doctor }), {
      outcome: "refused",
      code: "not_found",
      retry_after: null,
    });
    // As long as it isn't deleted.
    assertEquals((await left(sql, at.clinic)).clinics, 1);
  } finally {
    await db.close();
  }
});

Deno.test("nothing of a clinic that left is claimed, not even what comes later", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [gone, stays] = [await clinic(sql), await clinic(sql)];
    const file = await uploaded(sql, { clinic: gone });
    await queued(sql, gone, 3);
    await leave(sql, gone);
    const [{ health }] = await sql`select public.queue_health() as health`;
    assertEquals([health.queued, health.oldest_due_seconds], [0, null]);
    await queued(sql, gone, 1);
    // A file of the service's, that starts no summary any more.
    await upload(sql, pathIn({ clinic: gone, consultation: file.consultation }));
    const [other] = await queued(sql, stays, 1);
    assertEquals((await claimNext(sql)).job.summary_id, other);
    assertEquals((await claimNext(sql)).outcome, "delete_files");
    await sweep(sql);
    assertEquals((await claimNext(sql)).outcome, "nothing");
  } finally {
    await db.close();
  }
});

Deno.test("one that is at work when its clinic leaves may end", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const { summary } = await uploaded(sql, at);
    const token = newToken();
    await claimNext(sql, token);
    await leave(sql, at.clinic);
    assertEquals(await complete(sql, summary, token), "completed");
  } finally {
    await db.close();
  }
});

Deno.test("a worker deletes the files in Storage, then the sweep what belonged to them, at last the clinic", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const gone = await scene(sql);
    const stays = await scene(sql);
    const kept = await uploaded(sql, stays);
    await sql`update public.summaries set status = 'cancelled' where true`;
    const files = [await uploaded(sql, gone), await uploaded(sql, gone)];
    // One that never became a recording.
    const stray = `${gone.clinic}/stray.webm`;
    await upload(sql, stray);
    await leave(sql, gone.clinic);
    await sweep(sql);
    // The one without files.
    assertEquals(await left(sql, gone.clinic), { clinics: 1, consultations: 2 });

    const deleted: string[] = [];
    for (;;) {
      const token = newToken();
      const answer = await claimNext(sql, token);
      if (answer.outcome === "nothing") break;
      const { paths, ...rest } = answer;
      assertEquals(rest, {
        outcome: "delete_files",
        clinic_id: gone.clinic,
        bucket_id: "consultations",
      });
      // By one at a time.
      assertEquals((await claimNext(sql)).outcome, "nothing");
      for (const path of paths) await remove(sql, path);
      deleted.push(...paths);
      assertEquals(await cleaned(sql, token, null), true);
      assertEquals((await left(sql, gone.clinic)).clinics, 1);
    }
    assertEquals(deleted.sort(), [...files.map(({ path }) => path), stray].sort());
    await sweep(sql);
    assertEquals(await left(sql, gone.clinic), { clinics: 0, consultations: 0 });
    for (const table of ["clinic_members", "recordings", "summaries"]) {
      const rows = await sql`select from ${
        sql(`public.${table}`)
      } where clinic_id = ${gone.clinic}`;
      assertEquals(rows.count, 0);
    }
    assertEquals((await left(sql, stays.clinic)).consultations, 2);
    assertEquals((await sql`select name from storage.objects`).map(({ name }) => name), [
      kept.path,
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep deletes fifty consultations at a time, and passes over one that is locked", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const gone = await clinic(sql);
    await consultations(sql, gone, 120);
    await leave(sql, gone);
    const step = async () =>
      (await sql`select summaries_private.delete_some(${gone}) as done`)[0].done;
    assertEquals([await step(), await left(sql, gone)], [false, { clinics: 1, consultations: 70 }]);

    const holder = await db.connect().reserve();
    await holder`begin`;
    await holder`select from public.consultations where clinic_id = ${gone} limit 1 for update`;
    await sweep(sql);
    assertEquals(await left(sql, gone), { clinics: 1, consultations: 1 });
    await holder`commit`;
    holder.release();
    await sweep(sql);
    assertEquals(await left(sql, gone), { clinics: 0, consultations: 0 });
  } finally {
    await db.close();
  }
});

Deno.test("a plain delete of a clinic above 1,000 consultations is refused, and says what to do", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const large = await clinic(sql);
    await consultations(sql, large, 1001);
    const statement = `delete from public.clinics where id = '${large}'`;
    assertEquals(await outcome(db, service, statement), "PT409");
    const { detail, message } = await sql.unsafe(statement).then(() => null, (error) => error);
    assertEquals([detail, message], [
      "clinic_too_large",
      `A clinic of more than 1000 consultations is deleted in steps: select public.delete_clinic('${large}').`,
    ]);
    await sql`delete from public.consultations where id = (
      select id from public.consultations where clinic_id = ${large} limit 1)`;
    assertEquals(await outcome(db, service, statement), "yes");

    // In steps it is, however large.
    await consultations(sql, large, 500);
    await leave(sql, large);
    for (let n = 0; n < 20 && (await left(sql, large)).clinics > 0; n++) await sweep(sql);
    assertEquals(await left(sql, large), { clinics: 0, consultations: 0 });
  } finally {
    await db.close();
  }
});
