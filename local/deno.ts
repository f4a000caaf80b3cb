/**
 * Calls Deno with the import map that fits the network: the project's own where JSR answers, the
 * npm stand-ins of `npm_imports.json` where it doesn't. Usage: `deno run -A local/deno.ts test …`.
 * `IMPORTS=jsr` or `IMPORTS=npm` decides without looking.
 */
const npmMap = new URL("./npm_imports.json", import.meta.url).pathname;

async function jsrAnswers(): Promise<boolean> {
  try {
    const answer = await fetch("https://jsr.io/@std/assert/meta.json", {
      signal: AbortSignal.timeout(3000),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

const [command, ...rest] = Deno.args;
const imports = Deno.env.get("IMPORTS") ?? (await jsrAnswers() ? "jsr" : "npm");
console.error(`imports: ${imports === "jsr" ? "deno.json (JSR)" : "local/npm_imports.json (npm)"}`);

const child = new Deno.Command(Deno.execPath(), {
  args: [command, ...(imports === "jsr" ? [] : [`--import-map=${npmMap}`]), ...rest],
  // What runs below needn't look again, and asks for no newer Deno.
  env: { IMPORTS: imports, DENO_NO_UPDATE_CHECK: "1" },
}).spawn();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The terminal already told the child: wait for it to stop what it started.
  Deno.addSignalListener(signal, () => {
    if (signal === "SIGTERM") child.kill(signal);
  });
}
Deno.exit((await child.status).code);
