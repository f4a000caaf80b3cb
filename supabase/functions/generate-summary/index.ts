/** The edge function `generate-summary`: wires its parts and serves. */
import { readConfig } from "./config.ts";
import { systemClock as clock } from "./core/clock.ts";
import { createLog } from "./core/log.ts";
import { workDeadline } from "./core/times.ts";
import { createStorageReader } from "./extract/storage.ts";
import { createApp } from "./http/app.ts";
import { createHealthCheck } from "./http/health.ts";
import { createGetClaims } from "./http/identify.ts";
import { createDataApi } from "./job/data_api.ts";
import { createQueue } from "./job/queue.ts";
import { createWorker } from "./job/worker.ts";
import { createGeminiClient } from "./models/gemini_api/client.ts";
import { geminiApi } from "./models/gemini_api/gemini_api.ts";

declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void };

const config = readConfig((name) => Deno.env.get(name));
const log = createLog((line) => console.log(line));
const deadline = workDeadline(performance.timeOrigin, config.wallClockSeconds);
const keepAlive = (work: Promise<unknown>) => EdgeRuntime.waitUntil(work);

const url = config.supabaseUrl;
const [secretKey] = config.secretKeys;
const [publishableKey] = config.publishableKeys;
const dataApi = createDataApi({ url, key: secretKey, fetch });
const asUser = (token: string) => createDataApi({ url, key: publishableKey, token, fetch });
const getClaims = createGetClaims({ url, key: secretKey, fetch });

const model = geminiApi(createGeminiClient({ ...config.gemini, clock, log }));
const storage = createStorageReader({ url, key: secretKey, fetch, clock, log });
const queue = createQueue(dataApi, clock);
const worker = createWorker({ queue, storage, model, clock, log, deadline }, keepAlive);
const health = createHealthCheck({ queue, model, clock });

addEventListener("beforeunload", () => keepAlive(worker.releaseAll()));

const app = createApp({
  config,
  dataApi,
  getClaims,
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
