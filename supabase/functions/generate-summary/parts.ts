/** Wires what works: the queue, Storage, the model, the worker; and what answers users. */
import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import type { Log } from "./core/log.ts";
import { modelCallMs } from "./core/times.ts";
import { createStorageReader } from "./extract/storage.ts";
import type { Parts } from "./http/app.ts";
import { createHealthCheck } from "./http/health.ts";
import { createGetClaims } from "./http/identify.ts";
import { countCpuTime } from "./job/cpu_time.ts";
import { createDataApi } from "./job/data_api.ts";
import { createDeleteFiles } from "./job/delete_files.ts";
import { createHandOver } from "./job/hand_over.ts";
import { createQueue } from "./job/queue.ts";
import { createWorker } from "./job/worker.ts";
import { createGeminiClient } from "./models/gemini_api/client.ts";
import { geminiApi } from "./models/gemini_api/gemini_api.ts";

interface PartsDeps {
  config: Config;
  /** Its name. */
  isolate: string;
  fetch: typeof fetch;
  clock: Clock;
  log: Log;
  /** When the isolate's work must have ended, as time since the epoch. */
  deadline: number;
  /** From then on it takes no more, as time since the epoch. */
  retiresAt: number;
  /** `EdgeRuntime.waitUntil`: keeps the isolate while the work goes on. */
  keepAlive(work: Promise<unknown>): void;
}

export function createParts(
  { config, isolate, fetch: makeRequest, clock, log, deadline, retiresAt, keepAlive }: PartsDeps,
): Parts {
  const cpuTime = countCpuTime(makeRequest);
  const { fetch } = cpuTime;
  const url = config.supabaseUrl;
  const [key] = config.secretKeys;
  const [publishableKey] = config.publishableKeys;
  const dataApi = createDataApi({ url, key, fetch });
  const queue = createQueue(dataApi, clock);
  const storage = createStorageReader({ url, key, fetch, clock, log });
  const gemini = createGeminiClient({ ...config.gemini, fetch, clock, log });
  const callMs = modelCallMs(config.wallClockSeconds);
  const model = geminiApi(gemini, callMs);
  const handOver = createHandOver({ url, key: config.hintKey ?? key, isolate, fetch });
  const deleteFiles = createDeleteFiles({ url, key, fetch });
  const worker = createWorker(
    {
      queue,
      storage,
      model,
      modelCallMs: callMs,
      clock,
      log,
      deadline,
      retiresAt,
      cpuTime,
      handOver,
      deleteFiles,
    },
    keepAlive,
  );
  return {
    queue,
    worker,
    dataApi,
    clock,
    log,
    deadline,
    health: createHealthCheck({ queue, model, clock }),
    getClaims: createGetClaims({ url, key, fetch }),
    asUser: (token) => createDataApi({ url, key: publishableKey, token, fetch }),
  };
}
