/**
 * Writes docs/data.md from a migrated database. Usage: deno task data [--check]. With `--check` it
 * writes nothing, and fails when the file says something else.
 */
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { page } from "./data/page.ts";
import { format } from "./format.ts";
import { withMigrated } from "./migrated.ts";

const FILE = new URL("../../docs/data.md", import.meta.url);

const text = await withMigrated(async (url) => {
  const sql = postgres(url, { onnotice: () => {} });
  try {
    return await format(await page(sql), "md");
  } finally {
    await sql.end();
  }
});
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(FILE, text);
  console.log(`Wrote ${fileURLToPath(FILE)}`);
} else if (await Deno.readTextFile(FILE) !== text) {
  console.error("docs/data.md is not what the database says: run `deno task data`");
  Deno.exit(1);
}
