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
    if (!pin.startsWith("./")) assertEquals(project[name], pin);
  }
});

Deno.test("the map for networks without JSR differs only where JSR is named", () => {
  for (const [name, pin] of Object.entries(project)) {
    if (!pin.startsWith("jsr:")) assertEquals(npm[name], pin);
  }
});

Deno.test("the SDK that is deployed was made from the version that is checked", async () => {
  const path = edgeFunction["@google/genai"];
  const made = await Deno.readTextFile(new URL(`../../${FUNCTION}${path}`, import.meta.url));
  assertEquals(/^\/\/ Made by .* from (\S+): /.exec(made)?.[1], project["@google/genai"]);
  assertEquals(npmFunction["@google/genai"], `../${FUNCTION}${path.slice(2)}`);
});

Deno.test("without JSR the function has what is deployed, and the same stand-ins", () => {
  for (const [name, pin] of Object.entries(edgeFunction)) {
    if (pin.startsWith("npm:")) assertEquals(npmFunction[name], pin);
    if (pin.startsWith("jsr:")) assertEquals(npmFunction[name], npm[name]);
  }
});

Deno.test("the same supabase-js comes from npm and from JSR", () => {
  assertEquals(
    npm["@supabase/supabase-js"].replace("npm:", ""),
    project["@supabase/supabase-js"].replace("jsr:", ""),
  );
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

Deno.test("every version is exact", () => {
  for (const pin of [project, npm, edgeFunction, npmFunction].flatMap(Object.values)) {
    assert(
      /^\.\.?\//.test(pin) || /@\d+\.\d+\.\d+(-[\w.]+)?(\/.*)?$/.test(pin),
      `${pin} is no exact version`,
    );
  }
});
