/** A clone may lie in a folder with spaces or letters beyond ASCII. */
import { assert, assertEquals } from "@std/assert";
import { importsOf } from "./import_graph.ts";

/** Percent-encoded, a URL's pathname is another path; and a path put into a URL may be another URL. */
const WRONG = [/import\.meta\.url\)\s*\.pathname/, /`file:\/\/\$\{/];

Deno.test("paths are made of URLs by fileURLToPath, and URLs of paths by pathToFileURL", async () => {
  const found: string[] = [];
  for (const folder of ["local", "tests", "bench", "examples"]) {
    const root = new URL(`../../${folder}/`, import.meta.url);
    const modules = [...(await importsOf(root)).keys()];
    assert(modules.length > 0);
    for (const path of modules) {
      const text = await Deno.readTextFile(new URL(path, root));
      if (WRONG.some((pattern) => pattern.test(text))) found.push(`${folder}/${path}`);
    }
  }
  assertEquals(found, []);
});
