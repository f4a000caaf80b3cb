/**
 * Bundles what the function uses of two packages into a file each, which is deployed in the package's
 * place. As a package Google's SDK brings forty others along, none of which its `/web` entry imports;
 * and zod loads its messages in sixty languages, for which each isolate would pay at its start.
 * Usage: `deno task bundle`, after a version or the names below have changed. Needs the npm registry.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Bundle {
  file: URL;
  /** With its exact version, e.g. `npm:@google/genai@3.1.0/web`. */
  from: string;
  names: string[];
  /** What the names are members of, where they are not exported themselves. */
  namespace?: string;
}

const { imports } = JSON.parse(
  await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
);
const file = (name: string) =>
  new URL(`../../supabase/functions/generate-summary/bundled/${name}`, import.meta.url);

export const BUNDLES: Bundle[] = [
  {
    file: file("google_genai.js"),
    from: imports["@google/genai"],
    names: ["GoogleGenAI", "ThinkingLevel"],
  },
  {
    file: file("zod.js"),
    from: imports.zod,
    namespace: "z",
    names: [
      "array",
      "boolean",
      "discriminatedUnion",
      "enum",
      "globalRegistry",
      "guid",
      "int",
      "iso",
      "json",
      "literal",
      "looseObject",
      "number",
      "object",
      "preprocess",
      "record",
      "strictObject",
      "string",
      "toJSONSchema",
      "unknown",
    ],
  },
];
/** The packages that parts of get into a bundle. */
const BUNDLED = ["@google/genai", "p-retry", "retry", "zod"];

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
export async function bundle({ from, names, namespace }: Bundle): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      join(dir, "names.js"),
      `export { ${names.join(", ")} } from "${from}";`,
    );
    const exported = namespace ? `* as ${namespace}` : "*";
    await Deno.writeTextFile(join(dir, "entry.js"), `export ${exported} from "./names.js";`);
    const bundle = ["bundle", "--no-config", "--platform=browser", "--minify", "--quiet"];
    const code = await deno([...bundle, "entry.js"], dir);
    const { npmCache }: Info = JSON.parse(await deno(["info", "--json"], dir));
    const graph: Graph = JSON.parse(await deno(["info", "--no-config", "--json", "entry.js"], dir));
    const bundled = Object.values(graph.npmPackages).filter(({ name }) => BUNDLED.includes(name));
    const licences = bundled.map(({ name, version }) =>
      `${name} ${version}\n\n${licenceOf(join(npmCache, "registry.npmjs.org", name, version))}`
    );
    return `// Made by \`deno task bundle\` from ${from}: not to be edited.\n` +
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
  for (const one of BUNDLES) {
    await Deno.writeTextFile(one.file, await bundle(one));
    console.log(`Wrote ${fileURLToPath(one.file)}`);
  }
}
