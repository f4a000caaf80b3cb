/** The tests stand where the modules stand: one that moves takes its tests along. */
import { assert, assertEquals } from "@std/assert";

const HERE = new URL("./", import.meta.url);
const FUNCTION = new URL("../../supabase/functions/generate-summary/", import.meta.url);

async function filesBelow(folder: URL, path = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(path, folder))) {
    if (isDirectory) found.push(...await filesBelow(folder, `${path}${name}/`));
    else found.push(path + name);
  }
  return found;
}

Deno.test("each test file is named for a module at the same place in the function", async () => {
  const modules = new Set(await filesBelow(FUNCTION));
  const tested = (await filesBelow(HERE)).filter((path) => path.endsWith("_test.ts"))
    .filter((path) => path !== "rooms_test.ts").map((path) => path.replace("_test.ts", ".ts"));
  assert(tested.length > 0);
  assertEquals(tested.filter((module) => !modules.has(module)), []);
});
