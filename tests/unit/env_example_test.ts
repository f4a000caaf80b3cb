/** .env.example, from which whoever deploys makes theirs. */
import { assertEquals } from "@std/assert";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test(".env.example has each setting of the README's table, once", async () => {
  const settings = [...(await read("README.md")).matchAll(/^\| `([A-Z_]+)` +\|/gm)];
  const lines = [...(await read(".env.example")).matchAll(/^(?:# )?([A-Z_]+)=/gm)];
  const names = (found: RegExpMatchArray[]) => found.map(([, name]) => name).sort();
  assertEquals(names(lines), names(settings));
});

Deno.test("git leaves out the .env that is made of it", async () => {
  assertEquals((await read(".gitignore")).split("\n").includes(".env"), true);
});
