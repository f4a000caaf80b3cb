/**
 * Writes the types of the database's tables and functions, as the CLI generates them.
 * Usage: `deno task types`.
 */
import { fileURLToPath } from "node:url";
import { format } from "./format.ts";
import { withMigrated } from "./migrated.ts";
import { supabase } from "./types/supabase_cli.ts";

/** Where they are committed: in the function's folder, which is deployed as it is. */
export const TYPES_FILE = fileURLToPath(
  new URL("../../supabase/functions/generate-summary/database.types.ts", import.meta.url),
);

/** Generates and formats the types of a migrated database. */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const args = ["gen", "types", "--lang", "typescript", "--schema", "public"];
  const { code, stdout, stderr } = await supabase([...args, `--remote=${databaseUrl}`]);
  if (code !== 0) throw new Error(stderr);
  return await format(stdout, "ts");
}

if (import.meta.main) {
  await Deno.writeTextFile(TYPES_FILE, await withMigrated(generateTypes));
  console.log(`Wrote ${TYPES_FILE}`);
}
