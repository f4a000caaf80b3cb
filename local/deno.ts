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
  // IMPORTS: processes below this one don't look again.
  env: { IMPORTS: imports, DENO_NO_UPDATE_CHECK: "1" },
}).spawn();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Ctrl-C in a terminal reaches the child as well: this process only waits for it to stop.
  Deno.addSignalListener(signal, () => {
    if (signal === "SIGTERM") child.kill(signal);
  });
}
Deno.exit((await child.status).code);
