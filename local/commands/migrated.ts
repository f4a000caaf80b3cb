/** A database that the migrations are in, for as long as something is read from it. */
import { fileURLToPath } from "node:url";
import { openState } from "../stack/state.ts";
import { migrate } from "../postgres/migrate.ts";
import { startPostgres } from "../postgres/postgres.ts";

const MIGRATIONS = fileURLToPath(new URL("../../supabase/migrations", import.meta.url));

/** Calls `read` with the database's address, as the role of migrations. */
export async function withMigrated<T>(read: (url: string) => Promise<T>): Promise<T> {
  const state = await openState();
  const postgres = await startPostgres({ stateDir: state.dir });
  try {
    await migrate(postgres.url("postgres"), MIGRATIONS);
    return await read(postgres.url("postgres"));
  } finally {
    await postgres.stop();
    await state.remove();
  }
}
