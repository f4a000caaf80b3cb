/** Migrations apply onto a database that is in use: `dump/first_release.sql` is one. */
import { assert, assertEquals } from "@std/assert";
import { migrate } from "../../local/postgres/migrate.ts";
import { type Database, database, migrationsDir } from "./harness.ts";
import { claim, complete, makeDue, newToken, summaryRow, sweep } from "./worker_calls.ts";

const DUMP = new URL("dump/first_release.sql", import.meta.url);

interface Applied {
  version: string;
  name: string;
}

const applied = ({ sql }: Database) =>
  sql<(Applied & { statements: string[] })[]>`
    select version, name, statements from supabase_migrations.schema_migrations order by version`;

/** Makes a new project's database what the dump was taken of; gives the migrations that it had. */
async function restore(db: Database): Promise<Applied[]> {
  const [, ...parts] = (await Deno.readTextFile(DUMP)).split(/^-- (?=migration |rows$)/m);
  const had: Applied[] = [];
  await db.sql.unsafe(`
    create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (
      version text primary key, statements text[], name text);`);
  for (const part of parts) {
    const [, version, name] = /^migration (\d+) (.*)$/m.exec(part) ?? [];
    const text = part.slice(part.indexOf("\n"));
    if (version) {
      await db.sql.begin(async (tx) => {
        await tx.unsafe(text);
        await tx`insert into supabase_migrations.schema_migrations ${
          tx({ version, name, statements: [text] })
        }`;
      });
      had.push({ version, name });
    } else {
      const reserved = await db.connect("supabase_admin").reserve();
      await reserved.unsafe(text);
      reserved.release();
    }
  }
  return had;
}

/** Rows that break a foreign key or a check. */
async function broken({ sql }: Database): Promise<string[]> {
  const rules = await sql`
    select conrelid::regclass::text as table, conname as name, contype as type,
      confrelid::regclass::text as target, pg_get_expr(conbin, conrelid) as expression,
      (select array_agg(quote_ident(attname) order by n) from unnest(conkey) with ordinality k (c, n)
        join pg_attribute on attrelid = conrelid and attnum = c) as columns,
      (select array_agg(quote_ident(attname) order by n) from unnest(confkey) with ordinality k (c, n)
        join pg_attribute on attrelid = confrelid and attnum = c) as targets
    from pg_constraint
    where connamespace::regnamespace::text in ('public', 'private') and contype in ('f', 'c')
      and conrelid <> 0`;
  assert(rules.length > 20);
  const found: string[] = [];
  for (const { table, name, type, target, expression, columns, targets } of rules) {
    const { count } = type === "c"
      ? await sql.unsafe(`select from ${table} where not (${expression})`)
      : await sql.unsafe(`
          select from ${table} t where (${columns.map((c: string) => `t.${c}`)}) is not null
            and not exists (select from ${target} o
              where (${columns.map((c: string) => `t.${c}`)}) = (${
        targets.map((c: string) => `o.${c}`)
      }))`);
    if (count > 0) found.push(`${table}: ${name}`);
  }
  return found;
}

for (const olderDefaultPrivileges of [false, true]) {
  const how = olderDefaultPrivileges ? ", with the older default privileges" : "";
  Deno.test(`migrations apply on a database with data, and life goes on${how}`, async () => {
    const db = await database({ migrations: false, olderDefaultPrivileges });
    const fresh = await database({ olderDefaultPrivileges });
    try {
      const { sql } = db;
      const had = await restore(db);
      assertEquals(await broken(db), []);
      await migrate(db.url(), migrationsDir);
      const versions = (rows: Applied[]) => rows.map(({ version, name }) => ({ version, name }));
      assertEquals(versions(await applied(db)), versions(await applied(fresh)));
      assertEquals(versions(await applied(fresh)).slice(0, had.length), versions(had));
      assertEquals(await broken(db), []);

      const states = await sql`
        select status, count(*)::int from public.summaries group by 1 order by 1`;
      assertEquals(states.map(({ status, count }) => `${count} ${status}`), [
        "1 cancelled",
        "2 completed",
        "1 failed",
        "1 processing",
        "2 queued",
      ]);
      await sweep(sql);
      const queued = await sql`select id from public.summaries where status = 'queued'`;
      assertEquals(queued.count, 3);
      for (const { id } of queued) {
        await makeDue(sql, id);
        const token = newToken();
        assertEquals((await claim(sql, id, token)).outcome, "claimed");
        assertEquals(await complete(sql, id, token), "completed");
        assertEquals((await summaryRow(sql, id)).status, "completed");
      }
      const [doctor] = await sql`
        select user_id, clinic_id from public.clinic_members m where role = 'doctor'
          and exists (select from public.summaries s where s.clinic_id = m.clinic_id)`;
      const read = (role: "authenticated" | "anon") =>
        db.as(role, { sub: doctor.user_id }, (tx) => tx`select from public.current_summaries`)
          .then(({ count }) => count, ({ code }) => code);
      assertEquals([await read("authenticated"), await read("anon")], [4, "42501"]);
    } finally {
      await db.close();
      await fresh.close();
    }
  });
}

Deno.test("a migration that was applied somewhere is not changed any more", async () => {
  const db = await database();
  try {
    const dump = await Deno.readTextFile(DUMP);
    for (const { version, name, statements } of await applied(db)) {
      if (!dump.includes(`-- migration ${version} `)) continue;
      assert(
        dump.includes(`-- migration ${version} ${name}\n${statements.join(";\n")};`),
        `${version}_${name}.sql was changed: put the change into a migration of its own`,
      );
    }
  } finally {
    await db.close();
  }
});
