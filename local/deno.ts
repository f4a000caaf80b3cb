/**
 * Calls Deno with the import map that fits the network: the project's own where JSR has what it names,
 * the npm stand-ins of `npm_imports.json` where it hasn't. Usage: `deno run -A local/deno.ts test …`.
 * `IMPORTS=jsr` or `IMPORTS=npm` decides without looking; `JSR_URL` is looked at in jsr.io's place.
 */
import { fileURLToPath } from "node:url";
import { lackOnJsr } from "./jsr.ts";

const FUNCTION = "supabase/functions/generate-summary/deno.json";
const NPM = "local/npm_imports.json";
const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const importsOf = (path: string): Record<string, string> =>
  JSON.parse(Deno.readTextFileSync(pathOf(path))).imports;
const registry = Deno.env.get("JSR_URL") || "https://jsr.io/";

/** The map to take, and why. */
async function choose(): Promise<{ imports: string; reason: string }> {
  const given = Deno.env.get("IMPORTS");
  if (given) return { imports: given, reason: `IMPORTS is ${given}` };
  const lack = await lackOnJsr(importsOf("deno.json"), registry, fetch);
  if (!lack) return { imports: "jsr", reason: `${new URL(registry).host} has all of them` };
  return { imports: "npm", reason: lack.reason + remedy(lack.missing) };
}

/** A deployment takes the function's imports from JSR as well: the line that mends it. */
function remedy(missing = ""): string {
  const instead = importsOf(NPM)[missing];
  if (!(missing in importsOf(FUNCTION)) || !instead?.startsWith("npm:")) return "";
  return `\nBefore a deployment, write in ${FUNCTION}:\n    "${missing}": "${instead}",`;
}

const [command, ...rest] = Deno.args;
const { imports, reason } = await choose();
const map = imports === "jsr" ? "deno.json (JSR)" : `${NPM} (npm)`;
console.error(`imports: ${map}: ${reason}`);

const child = new Deno.Command(Deno.execPath(), {
  args: [command, ...(imports === "jsr" ? [] : [`--import-map=${pathOf(NPM)}`]), ...rest],
  // IMPORTS: processes below this one don't look again.
  env: { IMPORTS: imports, DENO_NO_UPDATE_CHECK: "1" },
}).spawn();
// Ctrl-C in a terminal reaches the child as well, which hears it once: this process waits for it to stop.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  if (Deno.build.os === "windows" && signal !== "SIGINT") continue;
  Deno.addSignalListener(signal, () => {
    try {
      child.kill(signal);
    } catch {
      // It has ended.
    }
  });
}
Deno.exit((await child.status).code);
