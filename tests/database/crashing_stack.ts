/** Starts Postgres and another process, says where they are, and waits to be killed. */
import { startPostgres } from "../../local/postgres/postgres.ts";
import { openState } from "../../local/stack/state.ts";

const state = await openState();
const { pid: postgres, port } = await startPostgres({ stateDir: state.dir });
const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
await state.record(child.pid);
console.log(JSON.stringify({ own: Deno.pid, postgres, port, child: child.pid, dir: state.dir }));
// Ends on its own when whoever started it forgets to.
setTimeout(() => child.kill("SIGKILL"), 60_000);
await child.status;
