/**
 * Writes the types of the database's tables and functions, as the CLI generates them.
 * Usage: `deno task types`.
 */
import { startPostgres } from "../postgres/postgres.ts";
import { migrate } from "../postgres/migrate.ts";
import { openState } from "../stack/state.ts";
import { supabase } from "./types/supabase_cli.ts";

const PROJECT = new URL("../../supabase/", import.meta.url).pathname;

/** Where they are committed: in the function's folder, which is deployed as it is. */
export const TYPES_FILE = `${PROJECT}functions/generate-summary/database.types.ts`;

/** Generates and formats the types of a migrated database. */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const args = ["gen", "types", "--lang", "typescript", "--schema", "public"];
  const { code, stdout, stderr } = await supabase([...args, `--remote=${databaseUrl}`]);
  if (code !== 0) throw new Error(stderr);
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--line-width", "100", "--no-config", "--ext", "ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = fmt.output();
  const stdin = fmt.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(stdout));
  await stdin.close();
  const { success, stdout: formatted } = await output;
  if (!success) throw new Error(`These are no types:\n${stdout}`);
  return new TextDecoder().decode(formatted);
}

if (import.meta.main) {
  const state = await openState();
  const postgres = await startPostgres({ stateDir: state.dir });
  try {
    await migrate(postgres.url("postgres"), `${PROJECT}migrations`);
    await Deno.writeTextFile(TYPES_FILE, await generateTypes(postgres.url("postgres")));
    console.log(`Wrote ${TYPES_FILE}`);
  } finally {
    await postgres.stop();
    await state.remove();
  }
}
