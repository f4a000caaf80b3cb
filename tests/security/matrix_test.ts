/**
 * Who may do what with which table, function and file: `matrix.md` says it, Postgres is asked. What is
 * added to the database later has no row there, and fails.
 */
import { assertEquals } from "@std/assert";
import type { Sql } from "postgres";
import { type Database, database } from "../database/harness.ts";
import { anon, service, signedIn, type Who } from "../database/outcome.ts";
import { member, pathIn, scene, topicOf, upload, uploaded } from "../database/rows.ts";
import { claim, complete, newToken, save } from "../database/worker_calls.ts";

const OPERATIONS = ["select", "insert", "update", "delete", "truncate"];

for (const olderDefaultPrivileges of [false, true]) {
  const name = olderDefaultPrivileges ? " (with the older default privileges)" : "";
  Deno.test(`Postgres does what the matrix says, and nothing is missing in it${name}`, async () => {
    const db = await database({ olderDefaultPrivileges });
    try {
      const { people, statements } = await prepare(db);
      const lines = [];
      for (const [what, operation, statement] of statements) {
        const outcomes = [];
        for (const who of Object.values(people)) outcomes.push(await outcome(db, who, statement));
        lines.push([what, operation, ...outcomes].join(" | "));
      }
      const [head, , ...written] = await matrix();
      assertEquals(head, ["what", "operation", ...Object.keys(people)].join(" | "));
      if (!olderDefaultPrivileges) {
        await Deno.writeTextFile("/tmp/matrix_lines.txt", lines.join("\n"));
      }
      assertEquals(lines.sort(), written.sort());
    } finally {
      await db.close();
    }
  });
}

/** The lines of the table, however it is aligned. */
async function matrix(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("matrix.md", import.meta.url));
  return text.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()).join(" | "));
}

type Statement = [what: string, operation: string, sql: string];

/** A clinic in which something of everything exists, the people around it, and what they try. */
async function prepare(db: Database) {
  const { sql } = db;
  const at = await scene(sql);
  const draft = await summarized(sql, at);
  const approved = await summarized(sql, at);
  await db.as(
    "authenticated",
    { sub: at.doctor },
    (tx) =>
      tx`update public.summaries set review_status = 'approved', summary = 'Edited', version = 2
      where id = ${approved.summary}`,
  );
  const queued = await uploaded(sql, at, at.nurse);
  await uploaded(sql, at, at.nurse);
  const gone = await uploaded(sql, at, at.nurse);
  await sql`delete from public.consultations where id = ${gone.consultation}`;
  // An older draft, and a newer one that was approved.
  const older = await summarized(sql, at);
  await upload(sql, pathIn({ clinic: at.clinic, consultation: older.consultation }));
  const [newer] = await sql`select id from public.summaries
    where consultation_id = ${older.consultation} and ended_at is null`;
  const token = newToken();
  await claim(sql, newer.id, token);
  await complete(sql, newer.id, token);
  await db.as(
    "authenticated",
    { sub: at.doctor },
    (tx) =>
      tx`update public.summaries set review_status = 'approved', version = 2 where id = ${newer.id}`,
  );
  await sql`insert into public.clinic_invitations (clinic_id, email, role)
    values (${at.clinic}, 'invited@clinic.test', 'nurse')`;
  const elsewhere = await scene(sql);
  const before = await topicOf(sql, at.clinic);
  const removed = await member(sql, at.clinic, "doctor");
  await sql`delete from public.clinic_members where user_id = ${removed}`;
  const disabled = await member(sql, at.clinic, "doctor");
  await sql`update public.clinic_members set disabled_at = now() where user_id = ${disabled}`;

  const people: Record<string, Who> = {
    "anon key": anon,
    "anonymous sign-in": { role: "authenticated", claims: { sub: at.doctor, is_anonymous: true } },
    "other clinic": signedIn(elsewhere.admin),
    "removed": signedIn(removed),
    "disabled": signedIn(disabled),
    "signed out": { role: "authenticated", claims: { sub: at.doctor, session_id: removed } },
    "receptionist": signedIn(at.receptionist),
    "nurse": signedIn(at.nurse),
    "doctor": signedIn(at.doctor),
    "admin": signedIn(at.admin),
    "service": service,
  };

  const ours = await topicOf(sql, at.clinic);

  const here = `clinic_id = '${at.clinic}'`;
  const edit = (id: string, set: string) =>
    `update public.summaries set ${set}, version = version + 1 where id = '${id}'`;
  const cancel = (id: string) =>
    `update public.summaries set status = 'cancelled' where id = '${id}'`;
  /** What the Storage API says of itself when it asks for this call. */
  const calledAs = (operation: string) => `set local storage.operation = '${operation}'; `;
  const topic = (name: string) => `set local realtime.topic = '${name}'; `;
  /** What somebody may do, where the general statements of `tried` would succeed for nobody. */
  const own: Statement[] = [
    ["public.clinics", "select", `select from public.clinics where id = '${at.clinic}'`],
    ["public.clinics", "insert", "insert into public.clinics (name) values ('New')"],
    [
      "public.clinics",
      "update",
      `update public.clinics set name = 'Other' where id = '${at.clinic}'`,
    ],
    ["public.clinics", "delete", `delete from public.clinics where id = '${at.clinic}'`],
    [
      "public.clinic_members",
      "insert",
      `insert into public.clinic_members (clinic_id, user_id, role)
       values ('${at.clinic}', '${elsewhere.doctor}', 'nurse')`,
    ],
    [
      "public.clinic_invitations",
      "insert",
      `insert into public.clinic_invitations (clinic_id, email, role)
       values ('${at.clinic}', 'new@clinic.test', 'nurse')`,
    ],
    ...([["receptionist", at.receptionist], ["admin", at.admin]] as const)
      .map(([role, user]): Statement => [
        "public.clinic_members",
        `delete the ${role}`,
        `delete from public.clinic_members where ${here} and user_id = '${user}'`,
      ]),
    [
      "public.clinic_members",
      "update",
      `update public.clinic_members set role = 'admin' where ${here} and user_id = '${at.nurse}'`,
    ],
    [
      "public.consultations",
      "insert",
      `insert into public.consultations (clinic_id) values ('${at.clinic}')`,
    ],
    [
      "public.consultations",
      "insert a template",
      `insert into public.consultations (clinic_id, template_config) values ('${at.clinic}', '{}')`,
    ],
    [
      "public.consultations",
      "update",
      `update public.consultations set template_config = '{}' where id = '${at.consultation}'`,
    ],
    [
      "public.summaries",
      "insert",
      `insert into public.summaries (clinic_id, consultation_id)
       values ('${at.clinic}', '${draft.consultation}')`,
    ],
    ["public.summaries", "update", edit(draft.summary, "summary = 'New'")],
    ["public.summaries", "approve", edit(draft.summary, "review_status = 'approved'")],
    ["public.summaries", "reject", edit(draft.summary, "review_status = 'rejected'")],
    ["public.summaries", "approve an older one", edit(older.summary, "review_status = 'approved'")],
    [
      "public.summaries",
      "approve all drafts",
      `update public.summaries set review_status = 'approved', version = version + 1
       where ${here} and review_status = 'draft' and status = 'completed'`,
    ],
    [
      "public.summaries",
      "approve an empty one",
      edit(draft.summary, "summary = ' ', review_status = 'approved'"),
    ],
    ["public.summaries", "edit an approved one", edit(approved.summary, "summary = 'New'")],
    ["public.summaries", "cancel", cancel(queued.summary)],
    ["public.summaries", "cancel a completed one", cancel(draft.summary)],
    [
      "public.summaries",
      "cancel the queue",
      `update public.summaries set status = 'cancelled' where ${here} and status = 'queued'`,
    ],
    [
      "public.summaries",
      "insert a template",
      `insert into public.summaries (clinic_id, consultation_id, template_config)
       values ('${at.clinic}', '${draft.consultation}', '{}')`,
    ],
    [
      "public.summaries",
      "amend",
      `insert into public.summaries (consultation_id, amends)
       values ('${approved.consultation}', '${approved.summary}')`,
    ],
    [
      "public.summaries",
      "withdraw",
      `select from public.withdraw_summary('${approved.summary}', 'Wrong patient.')`,
    ],
    [
      "public.summaries",
      "withdraw by update",
      `update public.summaries set review_status = 'withdrawn', version = version + 1
       where id = '${approved.summary}'`,
    ],
    // Of the platform: where this project has policies, and where its key is kept.
    ["storage.objects", "select", `select from storage.objects where name = '${draft.path}'`],
    [
      "storage.objects",
      "insert",
      `insert into storage.objects (bucket_id, name, version)
       values ('consultations', '${pathIn(at)}', '1')`,
    ],
    ...["storage.object.sign", "object.sign", "storage.object.sign_many", "object.sign_many"]
      .map((operation): Statement => [
        "storage.objects",
        `select as ${operation}`,
        `${calledAs(operation)}select from storage.objects where name = '${draft.path}'`,
      ]),
    ...["storage.object.sign_upload_url", "object.sign_upload_url"]
      .map((operation): Statement => [
        "storage.objects",
        `insert as ${operation}`,
        `${calledAs(operation)}insert into storage.objects (bucket_id, name, version)
         values ('consultations', '${pathIn(at)}', '1')`,
      ]),
    [
      "storage.objects",
      "update",
      `update storage.objects set name = name where name = '${draft.path}'`,
    ],
    [
      "storage.objects",
      "delete",
      `set local storage.allow_delete_query = 'true';
       delete from storage.objects where name = '${draft.path}'`,
    ],
    [
      "storage.objects",
      "delete a relied-on one",
      `set local storage.allow_delete_query = 'true';
       delete from storage.objects where name = '${approved.path}'`,
    ],
    [
      "storage.objects",
      "select an orphan",
      `select from storage.objects where name = '${gone.path}'`,
    ],
    [
      "realtime.messages",
      "select",
      `${topic(ours)} select from realtime.messages`,
    ],
    [
      "realtime.messages",
      "select, another topic",
      `${topic(`clinic:${crypto.randomUUID()}`)} select from realtime.messages`,
    ],
    [
      "realtime.messages",
      "select, before a member left",
      `${topic(before)} select from realtime.messages`,
    ],
    [
      "realtime.messages",
      "insert",
      `${topic(ours)}
       insert into realtime.messages (topic, extension) values ('${ours}', 'broadcast')`,
    ],
    ["vault.decrypted_secrets", "select", "select from vault.decrypted_secrets"],
  ];

  const tables = await sql`
    select format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'v' as is_view,
      array(
        select a.attname from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and a.attidentity = '' order by a.attnum
      ) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname in ('public', 'summaries_private')
      -- Those of the months are named for when the test runs; events_test.ts asks them.
      and c.relname !~ '^(summary_events|model_calls)_\\d'
    order by 1`;
  const tried = tables.flatMap(({ name, is_view, columns }) => {
    const where = columns.includes("clinic_id") ? ` where ${here}` : "";
    const general: Record<string, string> = {
      select: `select from ${name}${where}`,
      insert: `insert into ${name} default values`,
      update: `update ${name} set ${columns[0]} = ${columns[0]}${where}`,
      delete: `delete from ${name}${where}`,
      truncate: `truncate ${name} cascade`,
    };
    return (is_view ? ["select"] : OPERATIONS)
      .filter((operation) => !own.some(([what, by]) => what === name && by === operation))
      .map((operation): Statement => [name, operation, general[operation]]);
  });
  const functions = await sql`
    select format('%I.%I', n.nspname, p.proname) as name, (
      select string_agg(format('null::%s', t::regtype), ', ' order by place)
      from unnest(p.proargtypes) with ordinality as t (t, place)
    ) as nulls
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'summaries_private') order by 1`;
  const executed = functions.map(({ name, nulls }): Statement => [
    `${name}()`,
    "execute",
    `select ${name}(${nulls ?? ""})`,
  ]);
  return { people, statements: [...tried, ...own, ...executed] };
}

async function summarized(sql: Sql, at: { clinic: string; nurse: string }) {
  const file = await uploaded(sql, at, at.nurse);
  const token = newToken();
  await claim(sql, file.summary, token);
  await save(sql, file.summary, token, file);
  await complete(sql, file.summary, token);
  return file;
}

const undo = new Error("undo");

/**
 * `yes`: it read or changed rows, or the function ran; `no rows`: it met none; `denied`: there is no
 * grant, or a policy forbids it; else the SQLSTATE. Nothing of it stays.
 */
async function outcome(db: Database, who: Who, statement: string): Promise<string> {
  const isCall = /^select \S+\(/.test(statement);
  const [last, ...settings] = statement.split(";").reverse();
  let count = 0;
  try {
    await db.as(who.role, who.claims ?? {}, async (tx) => {
      for (const setting of settings.reverse()) await tx.unsafe(setting);
      count = (await tx.unsafe(last)).count;
      throw undo;
    });
  } catch (error) {
    const { code } = error as { code: string };
    if (code === "42501") return "denied";
    // Called with nulls, a function that runs may well refuse them.
    if (error !== undo && !isCall) return code;
  }
  return isCall || count > 0 ? "yes" : "no rows";
}
