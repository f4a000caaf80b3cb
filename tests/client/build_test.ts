/** The client package as frontends get it: built, installed, and compiled by their templates' rules. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildClient, installPackages, tsc } from "../../local/commands/client_build.ts";

/** create-vite 9.3, template-react-ts: tsconfig.app.json, without the types of Vite itself. */
const VITE = {
  target: "es2023",
  lib: ["ES2023", "DOM"],
  module: "esnext",
  types: [],
  allowArbitraryExtensions: true,
  skipLibCheck: true,
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  moduleDetection: "force",
  noEmit: true,
  jsx: "react-jsx",
  noUnusedLocals: true,
  noUnusedParameters: true,
  erasableSyntaxOnly: true,
  noFallthroughCasesInSwitch: true,
  // By itself in TypeScript 7, which that template installs.
  strict: true,
};

/** create-next-app 16.4, app/ts, without the plugin of its editor. */
const NEXT = {
  target: "ES2017",
  lib: ["dom", "dom.iterable", "esnext"],
  allowJs: true,
  skipLibCheck: true,
  strict: true,
  noEmit: true,
  esModuleInterop: true,
  module: "esnext",
  moduleResolution: "bundler",
  resolveJsonModule: true,
  isolatedModules: true,
  jsx: "react-jsx",
  paths: { "@/*": ["./*"] },
  types: [],
};

/** What must be an error is marked: codes are closed unions, versions are sent by the package. */
const USE = `
import { createClient } from "@supabase/supabase-js";
import { createSummaries, SENTENCES, SummariesError, type Code } from "consultation-summaries";
import type { Database, Summary } from "consultation-summaries";

interface Own { public: { Tables: Record<string, never>; Views: Record<string, never>; Functions: Record<string, never> } }
export const all = [
  createSummaries(createClient("", "")),
  createSummaries(createClient<Database>("", "")),
  createSummaries(createClient<Own>("", "")),
];
export function told(error: unknown): string {
  if (!(error instanceof SummariesError)) throw error;
  if (error.code === "version_conflict") return "faster";
  // @ts-expect-error no such code
  if (error.code === "version_conflicts") return "never";
  const code: Code = error.code;
  return SENTENCES[code].message;
}
export const stage = (row: Summary) => row.stage === "composing" && row.sections?.[0].statements;
// @ts-expect-error no such state
export const wrong = (row: Summary) => row.status === "done";
// @ts-expect-error the version that was seen is missing
export const blind = () => all[0].approve({ id: "" });
`;

Deno.test("the package is built, and compiles under Vite's and Next.js' rules", async (t) => {
  const dir = await Deno.makeTempDir({ prefix: "frontend" });
  try {
    await installPackages(dir);
    const installed = join(dir, "node_modules/consultation-summaries");
    await buildClient(installed);

    await Deno.mkdir(join(dir, "src"));
    await Deno.writeTextFile(join(dir, "src/use.ts"), USE);
    for (const name of ["ask.ts", "listen.ts", "page.tsx", "review.ts", "upload.ts", "watch.ts"]) {
      const example = await Deno.readTextFile(new URL(`../../examples/${name}`, import.meta.url));
      await Deno.writeTextFile(
        join(dir, "src", name),
        example.replace("../clients/index.ts", "consultation-summaries")
          .replace("../clients/react.ts", "consultation-summaries/react"),
      );
    }
    for (const [rules, compilerOptions] of Object.entries({ VITE, NEXT })) {
      await t.step(rules, async () => {
        const config = JSON.stringify({ compilerOptions, include: ["src"] });
        await Deno.writeTextFile(join(dir, `${rules}.json`), config);
        await tsc(dir, "-p", `${rules}.json`);
      });
    }

    await t.step("it needs no other package, and React in the hooks alone", async () => {
      for await (const { name } of Deno.readDir(installed)) {
        const text = await Deno.readTextFile(join(installed, name));
        // Not "./x.ts", which only bundlers resolve.
        if (name.endsWith(".d.ts")) assert(!text.includes('.ts"'), name);
        if (!name.endsWith(".js")) continue;
        const packages = [...text.matchAll(/(?:from |import\()"([^."][^"]*)"/g)].map((m) => m[1]);
        assertEquals([name, packages], [name, name === "react.js" ? ["react"] : []]);
      }
    });

    await t.step("what its manifest exports is there, and runs", async () => {
      const { exports } = JSON.parse(await Deno.readTextFile(join(installed, "package.json")));
      for (const path of [exports["."], exports["./react"]].flatMap(Object.values)) {
        assert((await Deno.stat(join(installed, path as string))).isFile);
      }
      const built = await import(pathToFileURL(join(installed, "index.js")).href);
      assertEquals(new built.SummariesError("version_conflict").retry, false);
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
