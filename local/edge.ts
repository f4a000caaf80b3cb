/**
 * The function and its tests on the Deno that Supabase's edge runtime is built on: the unit and
 * function tests run there, and those end to end and of the functions' host run isolates there.
 */
import { fileURLToPath } from "node:url";

const EDGE = "2.1.4";

const found = await new Deno.Command("npx", {
  args: ["--yes", `deno@${EDGE}`, "eval", "console.log(Deno.execPath())"],
  stderr: "inherit",
}).output();
const edge = new TextDecoder().decode(found.stdout).trim();
if (!found.success || !edge) {
  console.error(`npx could not get deno@${EDGE}: is npm installed, and its registry in reach?`);
  Deno.exit(1);
}

const chooser = fileURLToPath(new URL("deno.ts", import.meta.url));
// --no-check: this Deno's TypeScript is older and names some types otherwise; `deno task check`
// checks them.
const tests = (deno: string, folders: string[]) =>
  new Deno.Command(deno, {
    args: ["run", "-A", chooser, "test", "-A", "--no-check", ...folders],
    env: { EDGE_DENO: edge },
  }).spawn().status;

const there = await tests(edge, ["tests/unit", "tests/function"]);
const through = await tests(Deno.execPath(), [
  "tests/e2e",
  "tests/load/uploads_test.ts",
  ...["functions", "likeness", "limits"].map((name) => `tests/local/${name}_test.ts`),
]);
Deno.exit(there.success && through.success ? 0 : 1);
