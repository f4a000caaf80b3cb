/** How large the deployed function is: every module, and whole packages, as the bundler takes them. */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { bundle, BUNDLES } from "../../local/commands/bundle.ts";
import { functionImportArgs } from "../../local/import_map.ts";

const INDEX = new URL("../../supabase/functions/generate-summary/index.ts", import.meta.url);
/** As the CLI compresses what it bundles. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };
/** The platform takes 5 MB; half of it leaves room for what a project adds. */
const MOST_BYTES = 2.5e6;
const MOST_PACKAGES = 20;

interface Graph {
  modules: { local?: string; specifier: string }[];
  npmPackages: Record<string, { name: string; version: string }>;
}

async function info<T>(...args: string[]): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...args],
    env: { DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function filesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

Deno.test("the deployed function is small enough, compressed and with whole packages", async () => {
  const { modules, npmPackages } = await info<Graph>(...functionImportArgs, fileURLToPath(INDEX));
  const { npmCache } = await info<{ npmCache: string }>();
  const packages = [
    ...new Set(Object.values(npmPackages).map(({ name, version }) => `${name}/${version}`)),
  ];
  const files = [
    ...modules.flatMap(({ local }) => local ?? []),
    ...packages.flatMap((path) => filesIn(`${npmCache}/registry.npmjs.org/${path}`)),
  ];
  const bytes = files.map((file) => Deno.readFileSync(file));
  const compressed = brotliCompressSync(await new Blob(bytes).bytes(), BROTLI).length;
  console.log(
    `${modules.length} modules, ${packages.length} npm packages, ${
      (compressed / 1e6).toFixed(2)
    } MB`,
  );
  assert(compressed <= MOST_BYTES, `${compressed} bytes`);
  assert(packages.length <= MOST_PACKAGES, packages.join(", "));
});

Deno.test("each bundle that is deployed is what its package bundles to", async () => {
  for (const one of BUNDLES) {
    const same = await Deno.readTextFile(one.file) === await bundle(one);
    assert(same, `${one.from}: run \`deno task bundle\``);
  }
});
