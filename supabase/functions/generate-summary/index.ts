/** The edge function `generate-summary`: wires its parts and serves. */
import { createClient } from "@supabase/supabase-js";
import { readConfig } from "./config.ts";
import { systemClock as clock } from "./core/clock.ts";
import { createLog } from "./core/log.ts";
import { workDeadline } from "./core/times.ts";
import type { Database } from "./database.types.ts";
import { createStorageReader } from "./extract/storage.ts";
import { createApp } from "./http/app.ts";
import { createHealthCheck } from "./http/health.ts";
import { createQueue } from "./job/queue.ts";
import { createWorker } from "./job/worker.ts";
import { createGeminiClient } from "./models/gemini_api/client.ts";
import { geminiApi } from "./models/gemini_api/gemini_api.ts";

declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void };

const config = readConfig((name) => Deno.env.get(name));
const log = createLog((line) => console.log(line));
// `performance.timeOrigin` is undefined in the edge runtime.
const deadline = workDeadline(clock.now() - performance.now(), config.wallClockSeconds);
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

const model = geminiApi(createGeminiClient({ ...config.gemini, clock, log }));
const storage = createStorageReader({ url: config.supabaseUrl, key: secretKey, fetch, clock, log });
const queue = createQueue(supabase, clock);
const worker = createWorker({ queue, storage, model, clock, log, deadline }, keepAlive);
const health = createHealthCheck({ queue, model, clock });

addEventListener("beforeunload", () => keepAlive(worker.releaseAll()));

const app = createApp({
  config,
  supabase,
  asUser,
  queue,
  worker,
  health,
  clock,
  log,
  deadline,
  keepAlive,
});

export default { fetch: (request: Request) => app.fetch(request) };
