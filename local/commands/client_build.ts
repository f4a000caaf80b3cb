/**
 * Builds the client package, which frontends install: JavaScript modules and their `.d.ts`, made by
 * npm's `tsc`. (`deno bundle --declaration` fails, and would make one module of the hooks and the rest.)
 * Usage: `deno task client:build [FOLDER]`, by default clients/dist. `npm publish` takes that folder.
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const SOURCES = new URL("clients/", ROOT);
const DATABASE = "../supabase/functions/generate-summary/database.types.ts";

const OPTIONS = {
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
  module: "esnext",
  moduleResolution: "bundler",
  strict: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: true,
  declaration: true,
  rewriteRelativeImportExtensions: true,
  types: [],
};

/** Below `dir`: a folder of its own, because tsc looks for packages in node_modules. */
async function stage(dir: string): Promise<void> {
  const copy = async (name: string, text: string) =>
    await Deno.writeTextFile(
      join(dir, name),
      text.replaceAll(DATABASE, "./database.ts"),
    );
  for await (const { name } of Deno.readDir(SOURCES)) {
    if (name.endsWith(".ts")) {
      await copy(name, await Deno.readTextFile(new URL(name, SOURCES)));
    }
  }
  await copy(
    "database.ts",
    await Deno.readTextFile(new URL(DATABASE, SOURCES)),
  );
  await copy(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: OPTIONS,
      files: ["index.ts", "react.ts"],
    }),
  );
  await installPackages(dir);
}

/** What the package is compiled against, and what compiles it, in the versions that deno.json pins. */
export async function installPackages(dir: string): Promise<void> {
  const { imports } = JSON.parse(
    await Deno.readTextFile(new URL("local/npm_imports.json", ROOT)),
  );
  const names = ["@supabase/supabase-js", "@types/react", "typescript"];
  const dependencies = Object.fromEntries(
    names.map((name) => [name, imports[name].slice(`npm:${name}@`.length)]),
  );
  await Deno.writeTextFile(
    join(dir, "package.json"),
    JSON.stringify({ type: "module", dependencies }),
  );
  await run(dir, ["install", "--quiet", "--node-modules-dir=auto"]);
}

/** Throws with what tsc says where it is of another opinion. */
export async function tsc(dir: string, ...args: string[]): Promise<void> {
  await run(dir, [
    "run",
    "-A",
    "--quiet",
    "node_modules/typescript/bin/tsc",
    ...args,
  ]);
}

async function run(cwd: string, args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes))
    .join("");
  if (!success) throw new Error(said);
}

export async function buildClient(folder: string): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "client" });
  try {
    await stage(dir);
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder, { recursive: true });
    await tsc(dir, "--outDir", folder);
    await nameJavaScript(folder);
    for (const name of ["package.json", "README.md"]) {
      await Deno.copyFile(new URL(`npm/${name}`, SOURCES), join(folder, name));
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** tsc leaves `./x.ts` in what it declares: Node's resolution of types wants `./x.js`. */
async function nameJavaScript(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".d.ts")) continue;
    const text = await Deno.readTextFile(join(folder, name));
    await Deno.writeTextFile(
      join(folder, name),
      text.replaceAll(/(?<=(?:from |import\()"\.\/\w+)\.ts(?=")/g, ".js"),
    );
  }
}

if (import.meta.main) {
  const folder = resolve(
    Deno.args[0] ?? fileURLToPath(new URL("dist", SOURCES)),
  );
  await buildClient(folder);
  console.log(`Wrote ${folder}`);
}
