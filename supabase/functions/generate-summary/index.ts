/** The edge function `generate-summary`: wires its parts and serves. */
import { createClient } from "@supabase/supabase-js";
import { createApp } from "./http/app.ts";
import { systemClock as clock } from "./core/clock.ts";
import { readConfig } from "./config.ts";
import type { Database } from "./database.types.ts";
import { createGemini } from "./models/gemini_api/client.ts";
import { createHealthCheck } from "./http/health.ts";
import { createJobs } from "./job/queue.ts";
import { createLog } from "./core/log.ts";
import { createStorage } from "./extract/storage.ts";
import { workDeadline } from "./core/times.ts";
import { createWorker } from "./job/worker.ts";

declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void };

const config = readConfig((name) => Deno.env.get(name));
const log = createLog((line) => console.log(line));
const deadline = workDeadline(performance.timeOrigin, config.wallClockSeconds);
const keepAlive = (work: Promise<unknown>) => EdgeRuntime.waitUntil(work);

const [secretKey] = config.secretKeys;
const options = {
  auth: { persistSession: false, autoRefreshToken: false },
  // The key would follow a redirect to any host.
  global: {
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      fetch(input, { ...init, redirect: "error" }),
  },
};
const supabase = createClient<Database>(config.supabaseUrl, secretKey, options);
const asUser = (token: string) =>
  createClient<Database>(config.supabaseUrl, config.publishableKeys[0], {
    ...options,
    global: { ...options.global, headers: { authorization: `Bearer ${token}` } },
  });

const gemini = createGemini({ ...config.gemini, clock, log });
const storage = createStorage({ url: config.supabaseUrl, key: secretKey, fetch, clock, log });
const jobs = createJobs(supabase, clock);
const worker = createWorker({ jobs, storage, gemini, clock, log, deadline }, keepAlive);
const health = createHealthCheck({ supabase, gemini, clock });

addEventListener("beforeunload", () => keepAlive(worker.releaseAll()));

const app = createApp({
  config,
  supabase,
  asUser,
  jobs,
  worker,
  health,
  clock,
  log,
  deadline,
  keepAlive,
});

export default { fetch: (request: Request) => app.fetch(request) };
