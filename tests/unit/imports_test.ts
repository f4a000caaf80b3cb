import { assert, assertEquals } from "@std/assert";

type Imports = Record<string, string>;
const read = async (path: string): Promise<Imports> =>
  JSON.parse(await Deno.readTextFile(new URL(`../../${path}`, import.meta.url))).imports;

const project = await read("deno.json");
const npm = await read("local/npm_imports.json");
const FUNCTION = "supabase/functions/generate-summary/";
const edgeFunction = await read(`${FUNCTION}deno.json`);
const npmFunction = await read("local/npm_imports_function.json");

Deno.test("the function is tested with the versions that are deployed", () => {
  for (const [name, pin] of Object.entries(edgeFunction)) {
    // npm's for JSR's: what docs/deploying.md has changed where JSR lacks a package.
    if (!pin.startsWith("./")) assert([project[name], npm[name]].includes(pin), pin);
  }
});

Deno.test("the map for networks without JSR differs only where JSR is named", () => {
  for (const [name, pin] of Object.entries(project)) {
    if (!pin.startsWith("jsr:")) assertEquals(npm[name], pin);
  }
});

Deno.test("each bundle that is deployed was made from the version that is checked", async () => {
  const bundles = Object.entries(edgeFunction).filter(([, pin]) => pin.startsWith("./"));
  assertEquals(bundles.map(([name]) => name), ["@google/genai", "zod"]);
  for (const [name, path] of bundles) {
    const made = await Deno.readTextFile(new URL(`../../${FUNCTION}${path}`, import.meta.url));
    assertEquals(/^\/\/ Made by .* from (\S+): /.exec(made)?.[1], project[name]);
    assertEquals(npmFunction[name], `../${FUNCTION}${path.slice(2)}`);
  }
});

Deno.test("without JSR the function has what is deployed, and the same stand-ins", () => {
  for (const [name, pin] of Object.entries(edgeFunction)) {
    if (pin.startsWith("npm:")) assertEquals(npmFunction[name], pin);
    if (pin.startsWith("jsr:")) assertEquals(npmFunction[name], npm[name]);
  }
});

/**
 * Supabase publishes to JSR after npm, best effort, at times months later: of JSR's, a pin may not be
 * there. Its package is thin, over npm's `@supabase/*-js` of its own version.
 */
const RANGE = "jsr:@supabase/supabase-js@2";

Deno.test("supabase-js is JSR's newest of the major version that npm's is pinned to", () => {
  assertEquals(project["@supabase/supabase-js"], RANGE);
  assert(npm["@supabase/supabase-js"].startsWith(`${RANGE.replace("jsr:", "npm:")}.`));
});

Deno.test("the page on deploying names the line that takes supabase-js from npm", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/deploying.md", import.meta.url));
  assert(page.includes(`"@supabase/supabase-js": "${npm["@supabase/supabase-js"]}",`));
});

Deno.test("every import from JSR has a stand-in from npm", async () => {
  for (const [name, pin] of Object.entries(project)) {
    if (!pin.startsWith("jsr:")) continue;
    assert(name in npm, `${name} is missing in local/npm_imports.json`);
    if (npm[name].startsWith("./")) {
      await Deno.stat(new URL(`../../local/${npm[name]}`, import.meta.url));
    }
  }
});

Deno.test("no map names Postgres: deno task downloads all that one names, for each platform", async () => {
  const named = [project, npm].flatMap(Object.keys).filter((name) => /embedded/.test(name));
  assertEquals(named, []);
  const template = new URL("../../local/postgres/template.ts", import.meta.url);
  assert(/const VERSION = "17\.\d+\.\d+(-[\w.]+)?";/.test(await Deno.readTextFile(template)));
});

Deno.test("every version is exact but that of supabase-js from JSR", () => {
  for (const pin of [project, npm, edgeFunction, npmFunction].flatMap(Object.values)) {
    assert(
      pin === RANGE || /^\.\.?\//.test(pin) || /@\d+\.\d+\.\d+(-[\w.]+)?(\/.*)?$/.test(pin),
      `${pin} is no exact version`,
    );
  }
});
