/** What the CLI says of the database: which migrations it would push, and the types it generates. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { database, migrationsDir } from "../database/harness.ts";
import { supabase } from "../../local/commands/types/supabase_cli.ts";
import { generateTypes, TYPES_FILE } from "../../local/commands/types.ts";

const push = async (url: string) => {
  const said = await supabase(["db", "push", "--dry-run", "--yes", `--remote=${url}`]);
  assertEquals(said.code, 0, said.stderr);
  return said.stdout + said.stderr;
};

Deno.test("a new project would get every migration, in order", async () => {
  const db = await database({ migrations: false });
  try {
    const names = [...Deno.readDirSync(migrationsDir)].map(({ name }) => name).sort();
    const said = await push(db.url());
    assertEquals([...said.matchAll(/^ • (.+\.sql)$/gm)].map(([, name]) => name), names);
  } finally {
    await db.close();
  }
});

Deno.test("a migrated one would get none", async () => {
  const db = await database();
  try {
    assertStringIncludes(await push(db.url()), "up to date");
  } finally {
    await db.close();
  }
});

Deno.test("the committed types are those of the migrations", async () => {
  const db = await database();
  try {
    const committed = await Deno.readTextFile(TYPES_FILE);
    assert(
      await generateTypes(db.url()) === committed,
      "database.types.ts is out of date: run `deno task types`",
    );
  } finally {
    await db.close();
  }
});
