/** Applies `supabase/migrations` as `supabase db push` does: in order, as postgres, each once. */
import { join } from "node:path";
import postgres from "postgres";

/** Data that was made by migrations which have been edited since. */
export class MigrationsChanged extends Error {}

/**
 * `url`: a connection as role postgres. Each file `{version}_{name}.sql` runs in a transaction
 * together with its row in supabase_migrations.schema_migrations; files that have a row are
 * skipped.
 * @throws MigrationsChanged where a file that has a row says something else by now; and an Error
 * naming file and line when Postgres refuses a statement; what came before that file stays.
 */
export async function migrate(url: string, dir: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`
      create schema if not exists supabase_migrations;
      create table if not exists supabase_migrations.schema_migrations (
        version text primary key, statements text[], name text
      );`);
    const rows = await sql`select version, statements from supabase_migrations.schema_migrations`;
    const applied = new Map(rows.map((row) => [row.version, row.statements.join(";\n")]));
    for (const file of await sqlFiles(dir)) {
      const [, version, name] = file.match(/^(\d+)_(.*)\.sql$/)!;
      const before = applied.get(version);
      if (before === undefined) {
        await apply(sql, join(dir, file), version, name);
        continue;
      }
      const now = split(await Deno.readTextFile(join(dir, file)));
      if (before !== now.map(({ statement }) => statement).join(";\n")) {
        throw new MigrationsChanged(`${file} was edited after it had been applied.`);
      }
    }
  } finally {
    await sql.end();
  }
}

async function sqlFiles(dir: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    if (/^\d+_.*\.sql$/.test(name)) files.push(name);
  }
  return files.sort();
}

async function apply(sql: postgres.Sql, path: string, version: string, name: string) {
  const text = await Deno.readTextFile(path);
  const statements = split(text);
  await sql.begin(async (tx) => {
    for (const { start, statement } of statements) {
      await tx.unsafe(statement).catch((error) => {
        // Postgres counts characters from 1, and only says where when it knows.
        const at = start + Number(error.position ?? 1) - 1;
        const line = text.slice(0, at).split("\n").length;
        const detail = [error.detail, error.hint].filter(Boolean).join(" ");
        throw new Error(`${path}:${line}: ${error.message} (${error.code}) ${detail}`.trim(), {
          cause: error,
        });
      });
    }
    await tx`
      insert into supabase_migrations.schema_migrations ${
      tx({ version, name, statements: statements.map((s) => s.statement) })
    }`;
  });
}

// In this order: comments, strings (E'' has escapes, '' is a quote in either), names, dollar
// quotes.
const opaque =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\b[eE]'(?:\\[\s\S]|[^\\'])*'|'[^']*'|"[^"]*"|\$(\w*)\$[\s\S]*?\$\1\$|;/g;

/** Statements of a file and where each starts. A body of `begin atomic` is not understood. */
function split(text: string): { start: number; statement: string }[] {
  const found: { start: number; statement: string }[] = [];
  let from = 0;
  const take = (to: number) => {
    const piece = text.slice(from, to);
    // Comments alone are no statement.
    if (piece.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, "").trim()) {
      const start = from + piece.search(/\S/);
      found.push({ start, statement: piece.trim() });
    }
    from = to + 1;
  };
  for (const match of text.matchAll(opaque)) {
    if (match[0] === ";") take(match.index);
  }
  take(text.length);
  return found;
}
