/** The order of the function's folders: from a request by the job to the model, never back up. */
import { assertEquals } from "@std/assert";
import { circles, importsOf } from "./import_graph.ts";

const FUNCTION = new URL("../../supabase/functions/generate-summary/", import.meta.url);
const GENERATED = "database.types.ts";
const LONGEST = 200;

/** Which others each folder may import. `index.ts` and `parts.ts` wire all of them. */
const WIRING = ["index.ts", "parts.ts"];
const MAY_IMPORT: Record<string, string[]> = {
  "config.ts": ["models"],
  http: ["config.ts", "job", "compose", "models", "core"],
  job: ["extract", "compose", "verify", "models", "core", GENERATED],
  extract: ["models", "core"],
  verify: ["compose", "checks", "models", "core"],
  compose: ["checks", "models", "core"],
  checks: ["core"],
  models: ["core"],
  core: [],
};

const graph = await importsOf(FUNCTION);
const imports = [...graph].flatMap(([from, all]) => all.map((to) => ({ from, to })));
const roomOf = (path: string) => path.split("/")[0];
const source = (path: string) => Deno.readTextFile(new URL(path, FUNCTION));

Deno.test("the function's imports go downwards only", () => {
  const rooms = new Set([...graph.keys()].map(roomOf));
  assertEquals([...rooms].sort(), [...Object.keys(MAY_IMPORT), ...WIRING, GENERATED].sort());
  const wrong = imports.filter(({ from, to }) =>
    !WIRING.includes(from) && roomOf(from) !== roomOf(to) &&
    !MAY_IMPORT[roomOf(from)].includes(roomOf(to))
  );
  assertEquals(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("nothing in the function imports in a circle", () => {
  assertEquals(circles(graph), []);
});

Deno.test("every module of the function is on the way from its index.ts", () => {
  const reached = new Set<string>();
  const follow = (module: string) => {
    if (reached.has(module)) return;
    reached.add(module);
    graph.get(module)?.forEach(follow);
  };
  follow("index.ts");
  assertEquals([...graph.keys()].filter((module) => !reached.has(module)), []);
});

Deno.test("nothing follows signals by AbortSignal.any, of which Deno 2.1.4 forgets those that follow", async () => {
  const found: string[] = [];
  for (const module of graph.keys()) {
    if (/AbortSignal\.any\(/.test(await source(module))) found.push(module);
  }
  assertEquals(found, []);
});

Deno.test("models/ alone knows Google's SDK", async () => {
  const found: string[] = [];
  for (const module of graph.keys()) {
    if ((await source(module)).includes("@google/genai")) found.push(roomOf(module));
  }
  assertEquals([...new Set(found)], ["models"]);
});

Deno.test("the bundle of zod has what the function takes of it, and nothing more", async () => {
  const taken = new Set<string>();
  for (const module of graph.keys()) {
    for (const [, name] of (await source(module)).matchAll(/\bz\.([a-z]\w*)/g)) taken.add(name);
  }
  taken.delete("infer"); // a type
  const { z } = await import(new URL("bundled/zod.js", FUNCTION).href);
  assertEquals(Object.keys(z), [...taken].sort(), "see local/commands/bundle.ts");
});

Deno.test(`no module of the function is longer than ${LONGEST} lines`, async () => {
  const long: string[] = [];
  for (const module of graph.keys()) {
    if (module === GENERATED) continue;
    const lines = (await source(module)).trimEnd().split("\n").length;
    if (lines > LONGEST) long.push(`${module}: ${lines}`);
  }
  assertEquals(long, []);
});
