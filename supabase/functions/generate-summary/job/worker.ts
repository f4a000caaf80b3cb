/** The jobs that this isolate works on. */
import type { RecordingVersion } from "../core/domain.ts";
import { asAppError } from "../core/errors.ts";
import { logAbout } from "../core/log.ts";
import type { Job } from "./queue.ts";
import { type RunDeps, runJob } from "./run.ts";

export interface SummaryWorker {
  /** Works on a job that was claimed with `token`; resolves when this isolate is done with it. */
  start(job: Job, token: string): Promise<void>;
  /**
   * Claims a summary and works on it, or deletes what an ended one left at the model's service; never
   * rejects.
   */
  take(id: string): Promise<void>;
  /** The isolate is going: gives all its jobs back. */
  releaseAll(): Promise<void>;
}

/** `keepAlive` is `EdgeRuntime.waitUntil`: it keeps the isolate while the work goes on. */
export function createWorker(
  deps: RunDeps,
  keepAlive: (work: Promise<unknown>) => void,
): SummaryWorker {
  const { queue, model, log } = deps;
  const shutdown = new AbortController();
  const running = new Set<Promise<void>>();

  function start(job: Job, token: string): Promise<void> {
    const run = logAbout(
      { summary_id: job.summary_id },
      () => runJob(job, token, deps, shutdown.signal),
    ).finally(() => running.delete(run));
    running.add(run);
    keepAlive(run);
    return run;
  }

  async function clean(id: string, files: RecordingVersion[], token: string): Promise<void> {
    const deleted = await Promise.all(
      files.map(async (file) => await model.deleteFile(await model.fileName(file))),
    );
    if (deleted.every(Boolean)) await queue("cleaned_summary", { p_id: id, p_token: token });
    log.info("cleaned", { count: deleted.filter(Boolean).length });
  }

  return {
    start,
    take: (id) =>
      logAbout({ summary_id: id }, async () => {
        const token = crypto.randomUUID();
        try {
          const claim = await queue("claim_summary", { p_id: id, p_token: token });
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
