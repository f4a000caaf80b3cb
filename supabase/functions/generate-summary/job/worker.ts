/** The jobs that this isolate works on. */
import { fileName } from "../models/gemini_api/upload.ts";
import type { Job, LeftFile } from "./queue.ts";
import { asAppError } from "../core/errors.ts";
import { logAbout } from "../core/log.ts";
import { work, type WorkDeps } from "./run.ts";

export interface Worker {
  /** Works on a job that was claimed with `token`; resolves when this isolate is done with it. */
  start(job: Job, token: string): Promise<void>;
  /** Claims a summary and works on it, or deletes what an ended one left at Gemini; never rejects. */
  take(id: string): Promise<void>;
  /** The isolate is going: gives all its jobs back. */
  releaseAll(): Promise<void>;
}

/** `keepAlive` is `EdgeRuntime.waitUntil`: it keeps the isolate while the work goes on. */
export function createWorker(
  deps: WorkDeps,
  keepAlive: (work: Promise<unknown>) => void,
): Worker {
  const { jobs, log } = deps;
  const shutdown = new AbortController();
  const running = new Set<Promise<void>>();

  function start(job: Job, token: string): Promise<void> {
    const run = logAbout(
      { summary_id: job.summary_id },
      () => work(job, token, deps, shutdown.signal),
    ).finally(() => running.delete(run));
    running.add(run);
    keepAlive(run);
    return run;
  }

  async function clean(id: string, files: LeftFile[], token: string): Promise<void> {
    const names = await Promise.all(
      files.map((file) => fileName(file.recording_id, file.object_version)),
    );
    const deleted = await Promise.all(names.map((name) => deps.gemini.deleteFile(name)));
    if (deleted.every(Boolean)) await jobs.cleaned(id, token);
    log.info("cleaned", { count: deleted.filter(Boolean).length });
  }

  return {
    start,
    take: (id) =>
      logAbout({ summary_id: id }, async () => {
        const token = crypto.randomUUID();
        try {
          const claim = await jobs.claim(id, token);
          if (claim.outcome === "claimed") await start(claim.job, token);
          if (claim.outcome === "cleanup") await clean(id, claim.files, token);
        } catch (error) {
          log.error("failed", { code: asAppError(error).code });
        }
      }),
    async releaseAll() {
      log.info("shutdown", { count: running.size });
      shutdown.abort();
      await Promise.all(running);
    },
  };
}
