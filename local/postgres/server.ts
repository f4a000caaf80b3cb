/** One Postgres server over a data folder: start, addresses, stop. */
import { join } from "node:path";
import { end, run, unprivileged } from "./run.ts";

/** Roles that log in, all with one password; the first one is the superuser. */
export const loginRoles = [
  "supabase_admin",
  "postgres",
  "authenticator",
  "supabase_auth_admin",
  "supabase_storage_admin",
] as const;
export type LoginRole = typeof loginRoles[number];

export interface Server {
  port: number;
  /** Of the postmaster. */
  pid: number;
  url(role?: LoginRole, database?: string): string;
  /** SIGINT, the default, is Postgres's fast shutdown; SIGQUIT its immediate one, as a crash. */
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
    /** A free one unless told. */
    port?: number;
  },
): Promise<Server> {
  const pidFile = join(data, "postmaster.pid");
  const log = join(data, "server.log");
  for (let attempt = 1;; attempt++) {
    const chosen = port ?? freePort();
    // pg_ctl gives the server a session of its own: Ctrl-C in a terminal doesn't reach it, so that
    // the stack stops it after what uses it.
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
    // Another program may have taken the free port meanwhile.
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
  end(pid, signal);
  while (await Deno.stat(pidFile).then(() => true, () => false)) {
    await new Promise((done) => setTimeout(done, 10));
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
