/** What the tests of the platform's pieces share. */
import { type Database, database } from "./harness.ts";

/**
 * A new project's database for the time of a test, with pg_net and pg_cron created as migrations
 * do.
 */
export async function withPlatform(test: (db: Database) => Promise<void>) {
  const db = await database({ migrations: false });
  try {
    await db.sql.unsafe(`
      create extension if not exists pg_net with schema extensions;
      create extension if not exists pg_cron;`);
    await test(db);
  } finally {
    await db.close();
  }
}

/** Waits for what another connection or process does meanwhile. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("it did not happen within ten seconds");
}

/** The SQLSTATE that a query is refused with. */
export async function code(query: PromiseLike<unknown>): Promise<string | undefined> {
  try {
    await query;
  } catch (error) {
    return (error as { code: string }).code;
  }
}
