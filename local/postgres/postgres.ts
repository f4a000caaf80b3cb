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
  const { native, data: resting, password } = await template(stateDir);
  const data = join(stateDir, "data");
  await run("cp", ["-pR", resting, data]);
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
