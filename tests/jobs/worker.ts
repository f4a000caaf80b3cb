/** A worker in the test's own process, whose time is the test's: for what another process can't show. */
import { readConfig } from "../../supabase/functions/generate-summary/config.ts";
import type { Clock } from "../../supabase/functions/generate-summary/core/clock.ts";
import { createDataApi } from "../../supabase/functions/generate-summary/job/data_api.ts";
import { createDeleteFiles } from "../../supabase/functions/generate-summary/job/project.ts";
import { createModel } from "../../supabase/functions/generate-summary/models/ways.ts";
import { createQueue } from "../../supabase/functions/generate-summary/job/queue.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import { createStorageReader } from "../../supabase/functions/generate-summary/extract/storage.ts";
import { HEARTBEAT_MS } from "../../supabase/functions/generate-summary/core/times.ts";
import { createWorker } from "../../supabase/functions/generate-summary/job/worker.ts";
import type { Scene } from "../e2e/harness.ts";

/** Long enough for any answer here. */
const MODEL_CALL_MS = 50_000;

/** Works on what is due like an isolate that sees nothing of what happens, but at a heartbeat. */
export function startWorker({ stack }: Scene, readAgain = true) {
  let heartbeat = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => Date.now(),
    sleep(ms, signal) {
      if (ms !== HEARTBEAT_MS) return Promise.resolve();
      const stopped = new Promise<void>((resolve) => {
        signal!.addEventListener("abort", () => resolve(), { once: true });
      });
      return Promise.race([heartbeat.promise, stopped]);
    },
    // Nothing hangs in these tests.
    timer: () => () => {},
  };
  const events: string[] = [];
  const log = createLog((line) => events.push(JSON.parse(line).event));
  const dataApi = createDataApi({ url: stack.url, key: stack.keys.secret, fetch });
  const environment: Record<string, string> = {
    ...stack.gemini!.settings,
    SUPABASE_URL: stack.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.keys.secret }),
  };
  const settings = readConfig((name) => environment[name]).model;
  const model = createModel(settings, { fetch, clock, log, longest: MODEL_CALL_MS });
  const worker = createWorker({
    queue: createQueue(dataApi, clock),
    storage: createStorageReader({ url: stack.url, key: stack.keys.secret, fetch, clock, log }),
    model,
    reader: readAgain ? model : null,
    clock,
    log,
    modelCallMs: MODEL_CALL_MS,
    deadline: Date.now() + 300_000,
    retiresAt: Date.now() + 300_000,
    cpuTime: {
      asked: () => {},
      answered: () => {},
      ended: () => {},
      mayBeHalfUsed: () => false,
      isLeft: () => true,
    },
    handOver: () => Promise.resolve(false),
    deleteFiles: createDeleteFiles({ url: stack.url, key: stack.keys.secret, fetch }),
  }, () => {});
  return {
    wake: () => worker.wake(),
    /** What it logged. */
    events,
    /** The time of a heartbeat comes. */
    beat() {
      heartbeat.resolve();
      heartbeat = Promise.withResolvers<void>();
    },
  };
}
