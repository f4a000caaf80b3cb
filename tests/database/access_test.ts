import { assertEquals } from "@std/assert";
import { database } from "./harness.ts";
import { anon, outcome, service, signedIn, type Who } from "./outcome.ts";
import { clinic, consultation, member, scene, topicOf, uploaded } from "./rows.ts";
import { claim, complete, newToken, save } from "./worker_calls.ts";

const DENIED = "42501";

/**
 * Who × operation × table. Letters: select, insert, update, delete; a letter that is missing is refused, or
 * meets no row. `rows` are statements that would succeed for somebody who may everything.
 */
const may: Record<string, Partial<Record<string, string>>> = {
  clinics: {
    receptionist: "s",
    nurse: "s",
    doctor: "s",
    admin: "su",
    service: "siud",
  },
  clinic_events: { admin: "s", service: "s" },
  clinic_invitations: { admin: "sid", service: "sid" },
  clinic_members: {
    receptionist: "s",
    // The row is their own.
    nurse: "sd",
    doctor: "s",
    admin: "sud",
    service: "siud",
  },
  consultations: {
    receptionist: "si",
    nurse: "siu",
    doctor: "siu",
    admin: "siu",
    service: "siud",
  },
  recordings: { receptionist: "s", nurse: "s", doctor: "s", admin: "s", service: "s" },
  extractions: { receptionist: "s", nurse: "s", doctor: "s", admin: "s", service: "s" },
  summaries: {
    receptionist: "si",
    nurse: "siu",
    doctor: "siu",
    admin: "siu",
    service: "si",
  },
  summary_recordings: { receptionist: "s", nurse: "s", doctor: "s", admin: "s", service: "s" },
  summary_revisions: { receptionist: "s", nurse: "s", doctor: "s", admin: "s", service: "s" },
  summary_events: { receptionist: "s", nurse: "s", doctor: "s", admin: "s", service: "s" },
  current_summaries: { receptionist: "s", nurse: "s", doctor: "s", admin: "s", service: "s" },
};

for (const olderDefaultPrivileges of [false, true]) {
  const name = olderDefaultPrivileges ? " (with the older default privileges)" : "";

  Deno.test(`each role may do with each table what is written down, and nothing else${name}`, async () => {
    const db = await database({ olderDefaultPrivileges });
    try {
      const { sql } = db;
      const tables = await sql`
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')`;
      assertEquals(tables.map(({ relname }) => relname).sort(), Object.keys(may).sort());

      const at = await scene(sql);
      const file = await uploaded(sql, at, at.nurse);
      const token = newToken();
      await claim(sql, file.summary, token);
      await save(sql, file.summary, token, file);
      await complete(sql, file.summary, token);
      await db.as(
        "authenticated",
        { sub: at.doctor },
        (tx) =>
          tx`update public.summaries set summary = 'Edited', version = 2 where id = ${file.summary}`,
      );
      await sql`insert into public.clinic_invitations (clinic_id, email, role)
        values (${at.clinic}, 'invited@clinic.test', 'nurse')`;
      const elsewhere = await scene(sql);
      const former = await member(sql, at.clinic, "doctor");
      await sql`update public.clinic_members set disabled_at = now() where user_id = ${former}`;
      const newcomer = elsewhere.doctor;

      const who: Record<string, Who> = {
        anon,
        anonymous: { role: "authenticated", claims: { sub: at.doctor, is_anonymous: true } },
        stranger: signedIn(elsewhere.admin),
        former: signedIn(former),
        receptionist: signedIn(at.receptionist),
        nurse: signedIn(at.nurse),
        doctor: signedIn(at.doctor),
        admin: signedIn(at.admin),
        service,
      };
      const here = `clinic_id = '${at.clinic}'`;
      const operations: Record<string, [where: string, insert: string, set: string]> = {
        clinics: [`id = '${at.clinic}'`, `(name) values ('New')`, `name = 'Other'`],
        clinic_events: [
          here,
          `(clinic_id, event) values ('${at.clinic}', 'joined')`,
          `event = 'left'`,
        ],
        clinic_invitations: [
          here,
          `(clinic_id, email, role) values ('${at.clinic}', 'new@clinic.test', 'nurse')`,
          `role = 'admin'`,
        ],
        clinic_members: [
          `${here} and user_id = '${at.nurse}'`,
          `(clinic_id, user_id, role) values ('${at.clinic}', '${newcomer}', 'nurse')`,
          `role = 'doctor'`,
        ],
        consultations: [
          `id = '${file.consultation}'`,
          `(clinic_id) values ('${at.clinic}')`,
          `template_config = '{"tone": "plain"}'`,
        ],
        recordings: [
          here,
          `(clinic_id, consultation_id, bucket_id, object_path, object_id, object_version, kind)
           values ('${at.clinic}', '${file.consultation}', 'consultations', 'x', gen_random_uuid(), '2', 'audio')`,
          `excluded = 'file_excluded'`,
        ],
        extractions: [
          here,
          `select recording_id, object_version, 1, clinic_id, 0, null, true, '[]', '{}', 'm', '1', '{}', now()
           from public.extractions limit 1`,
          `segments = '[]'`,
        ],
        summaries: [
          here,
          `(clinic_id, consultation_id) values ('${at.clinic}', '${file.consultation}')`,
          `summary = 'New', version = version + 1`,
        ],
        summary_recordings: [here, `select * from public.summary_recordings limit 1`, `code = 'x'`],
        summary_revisions: [
          here,
          `(summary_id, version, clinic_id, summary) values ('${file.summary}', 9, '${at.clinic}', 'x')`,
          `summary = 'x'`,
        ],
        summary_events: [
          here,
          `(summary_id, consultation_id, clinic_id, event, detail)
           values ('${file.summary}', '${file.consultation}', '${at.clinic}', 'edit', '{}')`,
          `detail = '{}'`,
        ],
        current_summaries: [here, `(summary_id) values (null)`, `summary = 'x'`],
      };

      const seen: typeof may = {};
      for (const [table, [where, insert, set]] of Object.entries(operations)) {
        seen[table] = {};
        for (const [name, person] of Object.entries(who)) {
          const allowed = await Promise.all(
            Object.entries({
              s: `select 1 from public.${table} where ${where}`,
              i: `insert into public.${table} ${insert}`,
              u: `update public.${table} set ${set} where ${where}`,
              d: `delete from public.${table} where ${where}`,
            }).map(async ([letter, statement]) =>
              await outcome(db, person, statement) === "yes" ? letter : ""
            ),
          );
          if (allowed.join("")) seen[table][name] = allowed.join("");
        }
      }
      assertEquals(seen, may);
    } finally {
      await db.close();
    }
  });

  Deno.test(`each function can be executed by those written down, and nobody else${name}`, async () => {
    const db = await database({ olderDefaultPrivileges });
    try {
      const functions = await db.sql`
        select p.oid::regproc::text as name, array(
          select r from unnest(array['anon', 'authenticated', 'service_role']) r
          where has_function_privilege(r, p.oid, 'execute')
            and has_schema_privilege(r, p.pronamespace, 'usage')
        ) as roles
        from pg_proc p where p.pronamespace in ('public'::regnamespace, 'summaries_private'::regnamespace)`;
      const executable = functions.filter(({ roles }) => roles.length > 0)
        .map(({ name, roles }) => `${name.replace(/^public\./, "")}: ${roles.join(", ")}`);
      assertEquals(executable.sort(), [
        "accept_invitation: authenticated",
        "claim_next: service_role",
        "cleaned_summary: service_role",
        "complete_summary: service_role",
        "delete_clinic: service_role",
        "fail_summary: service_role",
        "heartbeat_summary: service_role",
        "listen_again: authenticated",
        "queue_health: service_role",
        "release_summary: service_role",
        "request_summary: service_role",
        "save_draft: service_role",
        "save_extraction: service_role",
        "summaries_private.assert_form: authenticated",
        "summaries_private.assert_may_ask: authenticated",
        "summaries_private.assert_may_choose: authenticated",
        "summaries_private.clinic_ids: authenticated",
        "summaries_private.confirmed_email: authenticated",
        "summaries_private.follow_end: authenticated",
        "summaries_private.has_consultation: authenticated",
        "summaries_private.has_second_factor: authenticated",
        "summaries_private.is_taken: authenticated",
        "summaries_private.lock_to_change: authenticated",
        "summaries_private.may_take_back: authenticated",
        "summaries_private.may_upload: authenticated",
        "summaries_private.next_budget_at: authenticated, service_role",
        "summaries_private.short_name: authenticated, service_role",
        "summaries_private.short_text: authenticated, service_role",
        "summaries_private.valid_template: authenticated, service_role",
        "summaries_private.waits_for: authenticated, service_role",
        "summary_inputs: service_role",
        "tell_calls: service_role",
        "withdraw_summary: authenticated",
      ]);
      const relations = await db.sql`
        select c.relname from pg_class c, unnest(array['anon', 'authenticated', 'service_role']) r
        where c.relnamespace = 'summaries_private'::regnamespace and c.relkind in ('r', 'p', 'v')
          and has_table_privilege(r, c.oid, 'select, insert, update, delete, truncate')`;
      assertEquals([...relations], []);
    } finally {
      await db.close();
    }
  });
}

Deno.test("everything in public and summaries_private has a comment, and every function a search_path", async () => {
  const db = await database();
  try {
    const silent = await db.sql`
      select c.relname from pg_class c
      where c.relnamespace in ('public'::regnamespace, 'summaries_private'::regnamespace)
        and c.relkind in ('r', 'p', 'v') and not c.relispartition
        and obj_description(c.oid, 'pg_class') is null
      union all
      select p.proname from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'summaries_private'::regnamespace)
        and (obj_description(p.oid, 'pg_proc') is null
          -- A procedure with a setting of its own can't commit.
          or p.prokind = 'f' and 'search_path=""' <> all (coalesce(p.proconfig, '{}')))`;
    assertEquals([...silent], []);
  } finally {
    await db.close();
  }
});

Deno.test("nobody moves a row to another clinic or names another user as its author", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const other = await clinic(sql);
    await sql`insert into public.clinic_members values (${other}, ${at.admin}, 'admin')`;
    const theirs = await consultation(sql, other);
    const file = await uploaded(sql, at, at.doctor);
    const admin = signedIn(at.admin);
    const statements = [
      `update public.consultations set clinic_id = '${other}' where true`,
      `update public.consultations set created_by = '${at.doctor}' where true`,
      `update public.clinic_members set clinic_id = '${other}' where true`,
      `update public.clinic_members set user_id = '${at.doctor}' where true`,
      `update public.summaries set clinic_id = '${other}' where true`,
      `update public.summaries set consultation_id = '${theirs}' where true`,
      `update public.summaries set requested_by = '${at.doctor}' where true`,
      `update public.summaries set approved_by = '${at.doctor}' where true`,
      `update public.summaries set sections = '[]' where true`,
      `insert into public.consultations (clinic_id, created_by) values ('${at.clinic}', '${at.doctor}')`,
      `insert into public.summaries (consultation_id, requested_by)
       values ('${file.consultation}', '${at.doctor}')`,
      `insert into public.summaries (consultation_id, status) values ('${file.consultation}', 'completed')`,
    ];
    for (const statement of statements) {
      assertEquals([statement, await outcome(db, admin, statement)], [statement, DENIED]);
    }
    // Of both clinics, and still no row that says one and belongs to the other.
    assertEquals(
      await outcome(
        db,
        admin,
        `insert into public.summaries (clinic_id, consultation_id, amends)
         values ('${other}', '${file.consultation}', '${file.summary}')`,
      ),
      "PT409",
    );
    await sql`update public.summaries set status = 'cancelled' where true`;
    assertEquals(
      await outcome(
        db,
        service,
        `insert into public.summaries (clinic_id, consultation_id) values ('${other}', '${file.consultation}')`,
      ),
      "23503",
    );
  } finally {
    await db.close();
  }
});

Deno.test("files: members read and add to their clinic's consultations, under a uuid's name", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const elsewhere = await scene(sql);
    const file = await uploaded(sql, at, at.doctor);
    // A name of another form breaks no policy.
    await sql`insert into storage.objects (bucket_id, name, version) values ('consultations', 'x', '2')`;
    const name = crypto.randomUUID();
    const insert = (path: string) =>
      `insert into storage.objects (bucket_id, name, version) values ('consultations', '${path}', '1')`;
    const good = insert(`${at.clinic}/${at.consultation}/${name}.webm`);
    const read = `select from storage.objects where name = '${file.path}'`;

    for (const id of [at.receptionist, at.nurse, at.doctor, at.admin]) {
      assertEquals(await outcome(db, signedIn(id), good), "yes");
      assertEquals(await outcome(db, signedIn(id), read), "yes");
    }
    const strangers: Who[] = [
      anon,
      signedIn(elsewhere.admin),
      { role: "authenticated", claims: { sub: at.doctor, is_anonymous: true } },
    ];
    for (const who of strangers) {
      assertEquals(await outcome(db, who, good), DENIED);
      assertEquals(await outcome(db, who, read), "none");
    }
    for (
      const path of [
        `${at.clinic}/${elsewhere.consultation}/${name}.webm`,
        `${elsewhere.clinic}/${elsewhere.consultation}/${name}.webm`,
        `${at.clinic}/${crypto.randomUUID()}/${name}.webm`,
        `${at.clinic.toUpperCase()}/${at.consultation}/${name}.webm`,
        `${at.clinic}/${at.consultation}/jane-doe.webm`,
        `${at.clinic}/${at.consultation}/${name}`,
        `${at.clinic}/${at.consultation}/more/${name}.webm`,
        `${at.clinic}/../${at.consultation}/${name}.webm`,
        `${name}.webm`,
      ]
    ) {
      assertEquals([path, await outcome(db, signedIn(at.doctor), insert(path))], [path, DENIED]);
    }
    const doctor = signedIn(at.doctor);
    assertEquals(
      await outcome(
        db,
        doctor,
        `update storage.objects set name = name where name = '${file.path}'`,
      ),
      "none",
    );
    const deleted = await db.as("authenticated", { sub: elsewhere.doctor }, async (tx) => {
      await tx`select set_config('storage.allow_delete_query', 'true', true)`;
      return await tx`delete from storage.objects where name = ${file.path}`;
    });
    assertEquals(deleted.count, 0);
  } finally {
    await db.close();
  }
});

Deno.test("topics: members join their clinics' and no other", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const elsewhere = await scene(sql);
    await uploaded(sql, at);
    const joins = async (who: Who, topic: string) =>
      await db.as(who.role, who.claims ?? {}, async (tx) => {
        await tx`select set_config('realtime.topic', ${topic}, true)`;
        return (await tx`select from realtime.messages`).count > 0;
      });
    const topic = await topicOf(sql, at.clinic);
    assertEquals(await joins(signedIn(at.receptionist), topic), true);
    assertEquals(await joins(signedIn(elsewhere.admin), topic), false);
    assertEquals(
      await joins(signedIn(at.receptionist), await topicOf(sql, elsewhere.clinic)),
      false,
    );
    assertEquals(await joins(signedIn(at.receptionist), "clinic:x"), false);
    assertEquals(await joins(signedIn(at.receptionist), `clinic:${at.clinic}`), false);
    assertEquals(await joins(anon, topic), false);
    await sql`update public.clinic_members set disabled_at = now() where user_id = ${at.receptionist}`;
    assertEquals(await joins(signedIn(at.receptionist), topic), false);
    // Nobody but the database says something there.
    assertEquals(
      await outcome(
        db,
        signedIn(at.doctor),
        `insert into realtime.messages (topic, extension) values ('${topic}', 'broadcast')`,
      ),
      DENIED,
    );
  } finally {
    await db.close();
  }
});
