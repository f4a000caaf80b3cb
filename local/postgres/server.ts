/** One Postgres server over a data folder: start, addresses, stop. */
import { dirname, join } from "node:path";

/** Roles that log in, all with one password; the first one is the superuser. */
export const loginRoles = [
  "supabase_admin",
  "postgres",
  "authenticator",
  "supabase_auth_admin",
  "supabase_storage_admin",
] as const;
export type LoginRole = typeof loginRoles[number];

/**
 * Postgres refuses to run as root: then this number is the user it runs as and that owns its data.
 */
export const nobody = 65534;
export const unprivileged = Deno.uid() === 0 ? { uid: nobody, gid: nobody } : {};

export interface Server {
  port: number;
  /** Of the postmaster. */
  pid: number;
  url(role?: LoginRole, database?: string): string;
  /** SIGINT: connections are closed, everything is written. SIGQUIT: as a crash would end it. */
  stop(signal?: "SIGINT" | "SIGQUIT"): Promise<void>;
}

/**
 * Starts the server and waits until it takes connections.
 * @throws when it ends before that; the message carries the end of its log.
 */
export async function startServer(
  { native, data, password, port }: {
    native: string;
    data: string;
    password: string;
    /** Free one when missing. */
    port?: number;
  },
): Promise<Server> {
  const pidFile = join(data, "postmaster.pid");
  const log = join(data, "server.log");
  for (let attempt = 1;; attempt++) {
    const chosen = port ?? freePort();
    // pg_ctl gives the server a session of its own: Ctrl-C in the terminal is for us, who stop it
    // in order.
    await run(join(native, "bin", "pg_ctl"), [
      ...["start", "-W", "-D", data, "-l", log, "-o", `-p ${chosen}`],
    ], unprivileged);
    const pid = await ready(pidFile);
    if (pid) {
      return {
        port: chosen,
        pid,
        url: (role = "postgres", database = "postgres") =>
          `postgres://${role}:${password}@127.0.0.1:${chosen}/${database}`,
        stop: (signal = "SIGINT") => stop(pid, pidFile, signal),
      };
    }
    // Somebody else may have taken the free port meanwhile.
    if (port || attempt === 3) {
      throw new Error(`Postgres did not start:\n${(await Deno.readTextFile(log)).slice(-2000)}`);
    }
  }
}

/** The postmaster's pid once it takes connections, null when it ended. */
async function ready(pidFile: string): Promise<number | null> {
  for (let seen = false, waited = 0; waited < 60_000; waited += 10) {
    const lines = await Deno.readTextFile(pidFile).then((text) => text.split("\n"), () => null);
    if (lines?.[7]?.startsWith("ready")) return Number(lines[0]);
    if (!lines && (seen || waited > 5_000)) return null;
    seen ||= lines !== null;
    await new Promise((done) => setTimeout(done, 10));
  }
  return null;
}

async function stop(pid: number, pidFile: string, signal: Deno.Signal) {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  while (await Deno.stat(pidFile).then(() => true, () => false)) {
    await new Promise((done) => setTimeout(done, 10));
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

/** Runs a program to its end. @throws with what it wrote to stderr when it fails. */
export async function run(
  program: string,
  args: string[],
  user: { uid?: number; gid?: number } = {},
) {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    // Our own working folder may be closed to that user.
    cwd: dirname(program) === "." ? undefined : dirname(program),
    ...user,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}
