/** The edge function `generate-summary`: serves, and loads its parts when they are needed. */
import { readConfig } from "./config.ts";
import { systemClock as clock } from "./core/clock.ts";
import { lazily } from "./core/lazily.ts";
import { createLog } from "./core/log.ts";
import { workDeadline } from "./core/times.ts";
import { createApp } from "./http/app.ts";

declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void };

const config = readConfig((name) => Deno.env.get(name));
const log = createLog((line) => console.log(line));
// `performance.timeOrigin` is undefined in the edge runtime.
const deadline = workDeadline(clock.now() - performance.now(), config.wallClockSeconds);
const keepAlive = (work: Promise<unknown>) => EdgeRuntime.waitUntil(work);

let loading: ReturnType<typeof load> | undefined;
const parts = lazily(() => loading = load());

async function load() {
  const { createParts } = await import("./parts.ts");
  return createParts({ config, fetch, clock, log, deadline, keepAlive });
}

addEventListener("beforeunload", () => {
  if (loading) keepAlive(loading.then(({ worker }) => worker.releaseAll()));
});

const app = createApp({ config, parts, clock, log, keepAlive });

export default { fetch: (request: Request) => app.fetch(request) };
