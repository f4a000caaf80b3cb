/**
 * The folder of a running stack. All of a user's lie in one folder in the system's temporary
 * directory; not in the home, since the user that Postgres runs as under root may not enter that.
 * The next start stops and removes what a crashed one left in its folder.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end } from "../postgres/run.ts";
import { Plain } from "./plain.ts";
import { commandOf, startOf } from "./processes.ts";

export interface State {
  /** This stack's folder. */
  dir: string;
  /** Notes a process that must not outlive this one: if this one is killed, `stopStale` ends it. */
  record(pid: number): Promise<void>;
  /** Ends what still runs there; the folder goes, unless it is kept. */
  remove(): Promise<void>;
}

/** Systems clear it after a month, and not at each start. */
const KEPT = "/var/tmp";

/** The folder of all stacks of this user, made when missing. */
export async function stateRoot(parent = tmpdir()): Promise<string> {
  if (!await exists(parent)) throw new Plain(`There is no folder ${parent}: set TMPDIR to one.`);
  const root = join(parent, `summaries-local-${Deno.uid() ?? "user"}`);
  await Deno.mkdir(root, { recursive: true, mode: 0o755 });
  const found = await Deno.lstat(root);
  // Anyone can guess the name and make it first, to read or change what is put there.
  if (!found.isDirectory || (found.uid !== null && found.uid !== Deno.uid())) {
    throw new Plain(`${root} belongs to somebody else: remove it, then start again.`);
  }
  return root;
}

/** A new folder for a stack of this process. Clears up first what earlier processes left. */
export async function openState(): Promise<State> {
  const root = await stateRoot();
  await stopStale(root);
  // The name carries the owner, so that no other process sees a folder without one.
  const dir = await Deno.makeTempDir({ dir: root, prefix: `stack-${Deno.pid}-` });
  await Deno.chmod(dir, 0o755);
  const started = await startOf(Deno.pid);
  await Deno.writeTextFile(join(dir, "owner.json"), JSON.stringify({ pid: Deno.pid, started }));
  return {
    dir,
    record: (pid) => note(dir, pid),
    remove: () => remove(dir),
  };
}

async function note(dir: string, pid: number): Promise<void> {
  const line = `${pid} ${await startOf(pid)}\n`;
  await Deno.writeTextFile(join(dir, "pids"), line, { append: true });
}

/** The folder of that name, which outlives its stacks: the next one finds its data there. */
export async function openKept(name: string): Promise<State> {
  const root = await stateRoot(KEPT);
  await stopStale(root);
  const dir = join(root, `kept-${name}`);
  await Deno.mkdir(dir, { recursive: true, mode: 0o755 });
  const owner = join(dir, "owner.json");
  const { pid, started } = JSON.parse(await read(owner) || "{}");
  if (pid && pid !== Deno.pid && await startOf(pid) === started) {
    throw new Plain(`The data in ${dir} is in use by process ${pid}: stop that first.`);
  }
  await endProcesses(dir);
  await Deno.writeTextFile(
    owner,
    JSON.stringify({ pid: Deno.pid, started: await startOf(Deno.pid) }),
  );
  return {
    dir,
    record: (pid) => note(dir, pid),
    async remove() {
      await endProcesses(dir);
      await Deno.remove(owner);
    },
  };
}

/** Ends the processes of every folder whose owner is gone, and removes the folder. */
export async function stopStale(root: string): Promise<void> {
  for await (const entry of Deno.readDir(root)) {
    const owner = entry.name.match(/^stack-(\d+)-/);
    if (!owner) continue;
    const dir = join(root, entry.name);
    const note = JSON.parse(await read(join(dir, "owner.json")) || "{}");
    const started = await startOf(Number(owner[1]));
    if (started !== null && started === (note.started ?? started)) continue;

    await endProcesses(dir);
    await remove(dir);
  }
}

async function endProcesses(dir: string): Promise<void> {
  const postmaster = Number((await read(join(dir, "data", "postmaster.pid"))).split("\n")[0]);
  if (postmaster && (await commandOf(postmaster)).includes(dir)) {
    end(postmaster, "SIGQUIT");
    while (await startOf(postmaster) !== null) await new Promise((done) => setTimeout(done, 20));
  }
  for (const line of (await read(join(dir, "pids"))).trim().split("\n")) {
    const pid = Number(line.split(" ", 1)[0]);
    if (pid && await startOf(pid) === line.slice(line.indexOf(" ") + 1)) end(pid, "SIGKILL");
  }
  await Deno.remove(join(dir, "pids")).catch(() => {});
}

/** Repeated: a Postgres that is ending writes and removes files meanwhile. */
async function remove(dir: string) {
  for (let attempt = 1; await exists(dir); attempt++) {
    try {
      await Deno.remove(dir, { recursive: true });
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
const read = (path: string) => Deno.readTextFile(path).catch(() => "");
