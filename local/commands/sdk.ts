/**
 * Bundles the part of Google's SDK that the function uses into one file, which is deployed in its
 * place: as a package the SDK brings forty others along, none of which its `/web` entry imports.
 * Usage: `deno task sdk`, after its version or the names below have changed. Needs the npm registry.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const SDK_FILE = new URL(
  "../../supabase/functions/generate-summary/models/sdk/google_genai.js",
  import.meta.url,
);

/** With its exact version, e.g. `npm:@google/genai@3.1.0/web`. */
export const SDK: string =
  JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)))
    .imports["@google/genai"];
const NAMES = ["GoogleGenAI", "ThinkingLevel"];

const text = new TextDecoder();

async function deno(args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd })
    .output();
  if (!success) throw new Error(text.decode(stderr));
  return text.decode(stdout);
}

interface Info {
  npmCache: string;
}

interface Graph {
  npmPackages: Record<string, { name: string; version: string }>;
}

/** The bundle below the licences of what is in it. */
export async function bundleSdk(): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      join(dir, "entry.js"),
      `export { ${NAMES.join(", ")} } from "${SDK}";`,
    );
    const bundle = ["bundle", "--no-config", "--platform=browser", "--minify", "--quiet"];
    const code = await deno([...bundle, "entry.js"], dir);
    const { npmCache }: Info = JSON.parse(await deno(["info", "--json"], dir));
    const graph: Graph = JSON.parse(await deno(["info", "--no-config", "--json", "entry.js"], dir));
    const bundled = Object.values(graph.npmPackages)
      .filter(({ name }) => ["@google/genai", "p-retry", "retry"].includes(name));
    const licences = bundled.map(({ name, version }) =>
      `${name} ${version}\n\n${licenceOf(join(npmCache, "registry.npmjs.org", name, version))}`
    );
    return `// Made by \`deno task sdk\` from ${SDK}: not to be edited.\n` +
      `/*\n${licences.join("\n\n").replaceAll("*/", "* /")}\n*/\n${code}`;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function licenceOf(folder: string): string {
  const name = Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .find((name) => /^licen[cs]e/i.test(name));
  if (!name) throw new Error(`${folder} has no licence.`);
  return Deno.readTextFileSync(join(folder, name)).trim();
}

if (import.meta.main) {
  await Deno.writeTextFile(SDK_FILE, await bundleSdk());
  console.log(`Wrote ${fileURLToPath(SDK_FILE)}`);
}
