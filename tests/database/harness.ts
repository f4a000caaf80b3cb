/**
 * Databases for tests: one Postgres for the test file, a new database for each call, copied from
 * one that the platform's pieces and the migrations are in already.
 */
import postgres from "postgres";
import { fileURLToPath } from "node:url";
import { migrate } from "../../local/postgres/migrate.ts";
import { type Postgres, startPostgres } from "../../local/postgres/postgres.ts";
import type { LoginRole } from "../../local/postgres/server.ts";
import { openState, type State } from "../../local/stack/state.ts";

export const migrationsDir = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));

export interface Database {
  /** As postgres: migrations' role, not bound by row level security. */
  sql: postgres.Sql;
  name: string;
  url(role?: LoginRole): string;
  /** Another connection of its own, for races; closed with the database. */
  connect(role?: LoginRole): postgres.Sql;
  /**
   * Runs `fn` in a transaction as the Data API would for a caller with these claims (`{ sub: user
   * id }`; the role is added to them).
   */
  as<T>(
    role: "anon" | "authenticated" | "service_role",
    claims: Record<string, unknown>,
    fn: (tx: postgres.TransactionSql) => T | Promise<T>,
  ): Promise<T>;
  /** Closes all connections and drops the database. */
  close(): Promise<void>;
}

let server: Promise<{ postgres: Postgres; state: State }> | undefined;
const templates = new Map<string, Promise<string>>();
let count = 0;

/** The Postgres of this test file. */
export async function postgresOfTests(): Promise<Postgres> {
  server ??= start();
  return (await server).postgres;
}

export async function database(
  { migrations = true, olderDefaultPrivileges = false }: {
    /** Whether those of supabase/migrations are in it; `false` for a new project. */
    migrations?: boolean;
    olderDefaultPrivileges?: boolean;
  } = {},
): Promise<Database> {
  const { url } = await postgresOfTests();
  const kind = `template_${migrations ? "migrated" : "empty"}${
    olderDefaultPrivileges ? "_older" : ""
  }`;
  if (!templates.has(kind)) {
    templates.set(kind, makeTemplate(kind, url, migrations, olderDefaultPrivileges));
  }
  const name = `test_${++count}`;
  await administer(
    url,
    `create database ${name} template ${await templates.get(kind)} owner postgres`,
  );

  const connections: postgres.Sql[] = [];
  const connect = (role: LoginRole = "postgres") => {
    const sql = postgres(url(role, name), { onnotice: () => {} });
    connections.push(sql);
    return sql;
  };
  const sql = connect();
  return {
    sql,
    name,
    url: (role) => url(role, name),
    connect,
    as: async (role, claims, fn) =>
      await sql.begin(async (tx) => {
        await tx`select set_config('request.jwt.claims', ${
          // rows.ts' users have a session of their own id.
          JSON.stringify({
            role,
            ..."sub" in claims && { session_id: claims.sub },
            ...claims,
          })}, true)`;
        await tx.unsafe(`set local role ${role}`);
        return await fn(tx);
      }) as Awaited<ReturnType<typeof fn>>,
    close: async () => {
      await Promise.all(connections.map((connection) => connection.end({ timeout: 1 })));
      await administer(url, `drop database ${name} with (force)`);
    },
  };
}

async function makeTemplate(
  name: string,
  url: Postgres["url"],
  migrations: boolean,
  olderDefaultPrivileges: boolean,
): Promise<string> {
  await administer(url, `create database ${name} template postgres owner postgres`);
  if (olderDefaultPrivileges) {
    const file = new URL("../../local/postgres/older_default_privileges.sql", import.meta.url);
    await administer(url, await Deno.readTextFile(file), "postgres", name);
  }
  if (migrations) await migrate(url("postgres", name), migrationsDir);
  return name;
}

async function administer(
  url: Postgres["url"],
  statement: string,
  role: LoginRole = "supabase_admin",
  database = "template1",
) {
  const sql = postgres(url(role, database), { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

async function start() {
  const state = await openState();
  const started = await startPostgres({ stateDir: state.dir });
  // Nothing asynchronous runs any more when a test file ends.
  globalThis.addEventListener("unload", () => {
    Deno.kill(started.pid, "SIGQUIT");
    for (let waited = 0; waited < 2000; waited += 10) {
      try {
        Deno.removeSync(state.dir, { recursive: true });
        return;
      } catch {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  });
  return { postgres: started, state };
}
