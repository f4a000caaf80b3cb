/**
 * The folder of a running stack. All of a user's lie in one folder in the system's temporary
 * directory; not in the home, since the user that Postgres runs as under root may not enter that.
 * The next start stops and removes what a crashed one left in its folder.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end } from "../postgres/run.ts";
import { commandOf, startOf } from "./processes.ts";

export interface State {
  /** This stack's folder. */
  dir: string;
  /** Notes a process that must not outlive this one: if this one is killed, `stopStale` ends it. */
  record(pid: number): Promise<void>;
  remove(): Promise<void>;
}

/** The folder of all stacks of this user, made when missing. */
export async function stateRoot(): Promise<string> {
  const root = join(tmpdir(), `summaries-local-${Deno.uid() ?? "user"}`);
  await Deno.mkdir(root, { recursive: true, mode: 0o755 });
  const found = await Deno.lstat(root);
  // Anyone can guess the name and make it first, to read or change what is put there.
  if (!found.isDirectory || (found.uid !== null && found.uid !== Deno.uid())) {
    throw new Error(`${root} belongs to somebody else: remove it, then start again`);
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
    record: async (pid) =>
      await Deno.writeTextFile(join(dir, "pids"), `${pid} ${await startOf(pid)}\n`, {
        append: true,
      }),
    remove: () => remove(dir),
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

    const postmaster = Number((await read(join(dir, "data", "postmaster.pid"))).split("\n")[0]);
    if (postmaster && (await commandOf(postmaster)).includes(dir)) end(postmaster, "SIGQUIT");
    for (const line of (await read(join(dir, "pids"))).trim().split("\n")) {
      const pid = Number(line.split(" ", 1)[0]);
      if (pid && await startOf(pid) === line.slice(line.indexOf(" ") + 1)) end(pid, "SIGKILL");
    }
    await remove(dir);
  }
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
