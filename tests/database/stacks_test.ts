import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { startPostgres } from "../../local/postgres/postgres.ts";
import { openState, stateRoot, stopStale } from "../../local/stack/state.ts";
import { until } from "./platform.ts";

Deno.test("two stacks run at once, and a restart keeps port and data; a crash empties the queue of net", async () => {
  const states = [await openState(), await openState()];
  const [one, other] = await Promise.all(states.map(({ dir }) => startPostgres({ stateDir: dir })));
  try {
    const db = postgres(one.url(), { max: 1, onnotice: () => {} });
    await db`create extension pg_net with schema extensions`;
    await db`create table public.mine (id int)`;
    await db`select net.http_get('http://127.0.0.1:9/')`;
    const { port, pid } = one;
    await one.restart({ crash: true });
    assertEquals(one.port, port);
    assert(one.pid !== pid);
    assertEquals((await db`select * from net.http_request_queue`).length, 0);
    assertEquals((await db`select to_regclass('public.mine') as mine`)[0].mine, "mine");
    await db.end();

    const elsewhere = postgres(other.url(), { max: 1 });
    assertEquals((await elsewhere`select to_regclass('public.mine') as mine`)[0].mine, null);
    await elsewhere.end();
  } finally {
    await one.stop();
    await other.stop();
    for (const state of states) await state.remove();
  }
});

Deno.test("what a killed stack left is stopped and removed at the next start, a living one is not", async () => {
  const [killed, living] = await Promise.all([crashingStack(), crashingStack()]);
  try {
    Deno.kill(killed.own, "SIGKILL");
    await killed.ended;
    assert(alive(killed.postgres) && alive(killed.child));

    await stopStale(await stateRoot());
    await until(() => Promise.resolve(!alive(killed.postgres) && !alive(killed.child)));
    await assertRejects(() => Deno.stat(killed.dir), Deno.errors.NotFound);
    assert(alive(living.postgres) && alive(living.child));
  } finally {
    Deno.kill(living.own, "SIGKILL");
    await living.ended;
    await stopStale(await stateRoot());
  }
});

Deno.test("two that start at once on a machine without a template both get one", async () => {
  const TMPDIR = await Deno.makeTempDir();
  await Deno.chmod(TMPDIR, 0o755);
  const stacks = await Promise.all([crashingStack({ TMPDIR }), crashingStack({ TMPDIR })]);
  try {
    assert(stacks.every(({ dir, postgres }) => dir.startsWith(TMPDIR) && alive(postgres)));
  } finally {
    for (const stack of stacks) {
      Deno.kill(stack.own, "SIGKILL");
      await stack.ended;
    }
    await stopStale(join(stacks[0].dir, ".."));
    await Deno.remove(TMPDIR, { recursive: true });
  }
});

function alive(pid: number): boolean {
  try {
    // A zombie still has a folder in /proc, without a command line.
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`) !== "";
  } catch {
    return false;
  }
}

async function crashingStack(env: Record<string, string> = {}) {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", path("../../local/deno.ts"), "run", "-A", path("crashing_stack.ts")],
    env,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const said = JSON.parse((await reader.read()).value!) as
    & Record<
      "own" | "postgres" | "port" | "child",
      number
    >
    & { dir: string };
  const ended = reader.cancel().then(() => process.status);
  return { ...said, ended };
}
