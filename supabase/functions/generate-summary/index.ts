/** The edge function `generate-summary`: serves, and loads its parts when they are needed. */
import { readConfig } from "./config.ts";
import { systemClock as clock } from "./core/clock.ts";
import { lazily } from "./core/lazily.ts";
import { createLog } from "./core/log.ts";
import { retirement, workDeadline } from "./core/times.ts";
import { createApp } from "./http/app.ts";

declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void };

const config = readConfig((name) => Deno.env.get(name));
const log = createLog((line) => console.log(line));
// `performance.timeOrigin` is undefined in the edge runtime.
const start = clock.now() - performance.now();
const deadline = workDeadline(start, config.wallClockSeconds);
const retiresAt = retirement(start, config.wallClockSeconds);
/** Says whether it was this isolate that answered. */
const isolate = crypto.randomUUID();
const keepAlive = (work: Promise<unknown>) => EdgeRuntime.waitUntil(work);

let loading: ReturnType<typeof load> | undefined;
const parts = lazily(() => loading = load());

async function load() {
  const { createParts } = await import("./parts.ts");
  return createParts({ config, isolate, fetch, clock, log, deadline, retiresAt, keepAlive });
}

// The platform gives this isolate no more requests: it has used half of its CPU time or of its life.
addEventListener("drain", () => {
  if (loading) keepAlive(loading.then(({ worker }) => worker.retire()));
});
addEventListener("beforeunload", () => {
  if (loading) keepAlive(loading.then(({ worker }) => worker.releaseAll()));
});

const app = createApp({ config, isolate, parts, clock, log, keepAlive });

export default { fetch: (request: Request) => app.fetch(request) };
