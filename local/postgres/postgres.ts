/** A Postgres 17 that holds what a new hosted project holds, for one stack. */
import { join } from "node:path";
import { run, type Server, startServer } from "./server.ts";
import { template } from "./template.ts";

export interface Postgres extends Server {
  /** Stops and starts it on the same port and data; with `crash`, without an orderly end. */
  restart(options?: { crash: boolean }): Promise<void>;
}

/**
 * `stateDir`: the stack's folder from `openState`, which `stopStale` finds when this process is
 * killed.
 */
export async function startPostgres({ stateDir }: { stateDir: string }): Promise<Postgres> {
  const { native, data: resting, password } = await template();
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
