/** The loops of this isolate: each takes the summary whose turn it is, works on it, and takes the next. */
import { asAppError } from "../core/errors.ts";
import { logOnlyAbout } from "../core/log.ts";
import type { CpuTime } from "./cpu_time.ts";
import type { Cleanup, DeleteFiles } from "./queue.ts";
import { type Held, type RunDeps, runJob } from "./run.ts";

export interface SummaryWorker {
  /**
   * For each request that the isolate gets: starts a loop, unless it takes no more; resolves when that
   * finds nothing more to do, never rejects.
   */
  wake(): Promise<void>;
  /**
   * Resolves when this isolate has ended its work on a summary, which it may never begin: until `signal`
   * is aborted.
   */
  ended(summaryId: string, signal: AbortSignal): Promise<void>;
  /** The platform gives the isolate no more requests: what it works on is its last. */
  retire(): void;
  /** The isolate is going: gives all its jobs back. */
  releaseAll(): Promise<void>;
}

interface WorkerDeps extends RunDeps {
  /** From then on it takes no more, as time since the epoch. */
  retiresAt: number;
  /** Of this isolate. */
  cpuTime: Omit<CpuTime, "fetch">;
  /** Wakes the isolate that gets the requests; tells whether that is another one by now. */
  handOver(): Promise<boolean>;
  /** Deletes files in Storage; whether they are gone. */
  deleteFiles(bucket: string, paths: string[]): Promise<boolean>;
}

/** As many as the sweep wakes at once: what each streams stays far below the memory of an isolate. */
const JOBS_AT_ONCE = 50;

/** Summaries between two looks at who gets the requests. */
const LOOK_EVERY = 4;

/** `keepAlive` is `EdgeRuntime.waitUntil`: it keeps the isolate while the work goes on. */
export function createWorker(
  deps: WorkerDeps,
  keepAlive: (work: Promise<unknown>) => void,
): SummaryWorker {
  const { queue, model, clock, log } = deps;
  const shutdown = new AbortController();
  const loops = new Set<Promise<void>>();
  /** An event's type is the summary's id. */
  const ends = new EventTarget();
  let retired = false;
  let ended = 0;
  let swept = false;
  /** Beside so many loops. */
  const takesMore = (others = loops.size - 1) =>
    !retired && clock.now() < deps.retiresAt && deps.cpuTime.isLeft(others);

  async function loop(): Promise<void> {
    while (takesMore()) {
      const token = crypto.randomUUID();
      const claim = await queue("claim_next", { p_token: token });
      if (claim.outcome === "nothing") return await sweep();
      if (claim.outcome === "full") return;
      // What can't be deleted now, the sweep asks for again.
      if (claim.outcome === "cleanup" && !await clean(claim, token)) return;
      if (claim.outcome === "delete_files" && !await remove(claim, token)) return;
      if (claim.outcome !== "claimed") continue;
      let held: Held | null = { claimed: claim, token };
      while (held) held = await run(held);
    }
    if (!shutdown.signal.aborted) await deps.handOver();
  }

  async function run(held: Held): Promise<Held | null> {
    const summary_id = held.claimed.job.summary_id;
    const next = await logOnlyAbout(
      { summary_id },
      () => runJob(held, deps, shutdown.signal, () => takesMore() ? crypto.randomUUID() : null),
    );
    deps.cpuTime.ended(loops.size - 1);
    ends.dispatchEvent(new Event(summary_id));
    if (++ended % LOOK_EVERY === 0 && deps.cpuTime.mayBeHalfUsed() && takesMore()) {
      keepAlive(noteRetirement());
    }
    return next;
  }

  /** Once in this isolate's life, as soon as there is nothing else to do. */
  async function sweep(): Promise<void> {
    if (swept) return;
    swept = true;
    await model.sweep();
  }

  /** Nobody tells an isolate that others get the requests: it asks, and the next one starts before it is needed. */
  async function noteRetirement(): Promise<void> {
    if (await deps.handOver()) retired = true;
  }

  async function clean({ summary_id, files }: Cleanup, token: string): Promise<boolean> {
    const deleted = await Promise.all(
      files.map(async (file) => await model.deleteFile(await model.fileName(file))),
    );
    const all = deleted.every(Boolean);
    await queue("cleaned_summary", { p_token: token, p_id: all ? summary_id : undefined });
    log.info("cleaned", { summary_id, count: deleted.filter(Boolean).length });
    return all;
  }

  async function remove({ bucket_id, paths }: DeleteFiles, token: string): Promise<boolean> {
    // When they stay, nobody tries again before the time that this one has is over.
    if (!await deps.deleteFiles(bucket_id, paths)) return false;
    await queue("cleaned_summary", { p_token: token });
    log.info("files_deleted", { count: paths.length });
    return true;
  }

  return {
    wake() {
      deps.cpuTime.asked();
      if (!takesMore(loops.size) || loops.size >= JOBS_AT_ONCE) return Promise.resolve();
      const work = loop()
        .catch((error) => log.error("failed", { code: asAppError(error).code }))
        .finally(() => loops.delete(work));
      loops.add(work);
      keepAlive(work);
      return work;
    },
    ended: (id, signal) =>
      new Promise((resolve) => {
        ends.addEventListener(id, () => resolve(), { once: true, signal });
      }),
    retire() {
      retired = true;
    },
    async releaseAll() {
      retired = true;
      log.info("shutdown", { count: loops.size });
      shutdown.abort();
      await Promise.all(loops);
    },
  };
}
