/** A Postgres 17 of one stack, which holds what a new hosted project holds. */
import { join } from "node:path";
import { run } from "./run.ts";
import { type Server, startServer } from "./server.ts";
import { template } from "./template.ts";

export interface Postgres extends Server {
  /** Stops and starts it on the same port and data; with `crash`, without an orderly end. */
  restart(options?: { crash: boolean }): Promise<void>;
}

/**
 * `stateDir`: the stack's folder. The data lies in its `data`, where the next start finds the server
 * of a process that was killed (stack/state.ts).
 */
export async function startPostgres({ stateDir }: { stateDir: string }): Promise<Postgres> {
  const { native, data: resting, password: fresh } = await template(stateDir);
  const data = join(stateDir, "data");
  // Beside kept data lies its password: templates come and go, each with its own.
  const passwordFile = join(stateDir, "password");
  const kept = await Deno.readTextFile(passwordFile).catch(() => undefined);
  const password = kept ?? fresh;
  if (!kept) {
    // What a start that broke off had copied.
    await run("rm", ["-rf", data]);
    await run("cp", ["-pR", resting, data]);
    await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  }
  let server = await startServer({ native, data, password });
  return {
    get pid() {
      return server.pid;
    },
    port: server.port,
    url: server.url,
    stop: (signal) => server.stop(signal),
    restart: async ({ crash } = { crash: false }) => {
      await server.stop(crash ? "SIGQUIT" : "SIGINT");
      server = await startServer({ native, data, password, port: server.port });
    },
  };
}
