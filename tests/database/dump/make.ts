/**
 * Writes `first_release.sql` anew: the migrations as they are now, and rows of every table. Only while
 * nothing is released: from then on the file stays, and later migrations must apply onto it.
 *
 *     deno run -A local/deno.ts run -A tests/database/dump/make.ts
 */
import type postgres from "postgres";
import { type Database, database } from "../harness.ts";
import { clinic, member, pathIn, scene, upload, uploaded } from "../rows.ts";
import { claim, complete, expireLease, fail, newToken, save } from "../worker_calls.ts";

const TABLES = [
  "auth.users (id, email)",
  "storage.objects (id, bucket_id, name, owner_id, version, metadata)",
  "public.clinics",
  "public.clinic_members",
  "public.consultations",
  "public.recordings",
  "public.extractions",
  "public.summaries",
  "public.summary_recordings",
  "public.summary_revisions",
  "public.summary_events",
  "private.summary_jobs",
  "private.missed_uploads",
];

/** A summary in each state, and one that was edited, approved and amended. */
async function live(db: Database): Promise<void> {
  const { sql } = db;
  const at = await scene(sql);
  const other = await clinic(sql, { autoSummarize: false });
  await member(sql, other, "doctor");
  const made = async () => {
    const file = await uploaded(sql, at, at.doctor);
    const token = newToken();
    await claim(sql, file.summary, token);
    return { ...file, token };
  };

  const done = await made();
  await save(sql, done.summary, done.token, done);
  await complete(sql, done.summary, done.token);
  const asDoctor = (fn: (tx: postgres.TransactionSql) => Promise<unknown>) =>
    db.as("authenticated", { sub: at.doctor }, fn);
  await asDoctor((tx) =>
    tx`update public.summaries set summary = '# Symptoms, corrected', version = 2
      where id = ${done.summary}`
  );
  await asDoctor((tx) =>
    tx`update public.summaries set review_status = 'approved', version = 3
      where id = ${done.summary}`
  );
  await asDoctor((tx) =>
    tx`insert into public.summaries (consultation_id, amends)
      values (${done.consultation}, ${done.summary})`
  );

  const failed = await made();
  await fail(sql, failed.summary, failed.token, { retryable: false, leftFiles: true });
  const waiting = await made();
  await fail(sql, waiting.summary, waiting.token);
  const dead = await made();
  await expireLease(sql, dead.summary);
  const cancelled = await made();
  await asDoctor((tx) =>
    tx`update public.summaries set status = 'cancelled' where id = ${cancelled.summary}`
  );
  await uploaded(sql, at, at.nurse);
  await upload(sql, pathIn({ clinic: at.clinic, consultation: crypto.randomUUID() }));
}

async function dump({ sql }: Database): Promise<string> {
  const parts: string[] = [];
  const migrations = await sql`
    select version, name, statements from supabase_migrations.schema_migrations order by version`;
  for (const { version, name, statements } of migrations) {
    parts.push(`-- migration ${version} ${name}\n${statements.join(";\n")};`);
  }
  parts.push("-- rows\nset session_replication_role = replica;");
  for (const entry of TABLES) {
    const [, table, columns = "*"] = /^(\S+)(?: \((.*)\))?$/.exec(entry)!;
    const [{ rows }] = await sql.unsafe(
      `select coalesce(jsonb_agg(t), '[]')::text as rows from (select ${columns} from ${table}) t`,
    );
    parts.push(
      `insert into ${table}${columns === "*" ? "" : ` (${columns})`} overriding system value\n` +
        `select ${columns} from jsonb_populate_recordset(null::${table}, $rows$${rows}$rows$);`,
    );
  }
  for (const table of ["public.summary_events", "private.missed_uploads"]) {
    parts.push(
      `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}));`,
    );
  }
  return parts.join("\n\n") + "\n";
}

const db = await database();
await live(db);
await Deno.writeTextFile(new URL("first_release.sql", import.meta.url), await dump(db));
await db.close();
