/** The work on one claimed summary: extract what is new, compose, complete. */
import type { Clock } from "../core/clock.ts";
import type { Extraction, Recording } from "../core/domain.ts";
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { asBefore, extractFiles, type Looked } from "../extract/files.ts";
import type { StorageReader } from "../extract/storage.ts";
import type { Model } from "../models/model.ts";
import type { CpuTime } from "./cpu_time.ts";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";
import { composeFrom } from "./composing.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { assertUsable, endRun, isUsable, passingFault, RunEnded, usedOf } from "./outcome.ts";
import type { Claimed, Inputs, Lease, Queue, Used } from "./queue.ts";

export interface RunDeps {
  queue: Queue;
  storage: StorageReader;
  model: Model;
  /** What reads a summary a second time; null: nothing does. */
  reader: Pick<Model, "model" | "generate"> | null;
  clock: Clock;
  log: Log;
  /** When the isolate's work must have ended, as time since the epoch. */
  deadline: number;
  /** What one call of the model may take. */
  modelCallMs: number;
  /** Of this isolate. */
  cpuTime: Pick<CpuTime, "answered">;
}

/** A claim and the token that it was made with. */
export interface Held {
  claimed: Claimed;
  token: string;
}

/**
 * Works on a claimed job until it is completed, failed, back in the queue, released or lost; never
 * rejects. `nextToken` is asked when it is completed: with a token, the next job is claimed in the same
 * call, and returned. `shutdown` says that the isolate is going: the job is released.
 */
export async function runJob(
  { claimed, token }: Held,
  given: RunDeps,
  shutdown: AbortSignal,
  nextToken: () => string | null = () => null,
): Promise<Held | null> {
  const { clock, log } = given;
  const { job } = claimed;
  const lease: Lease = { p_id: job.summary_id, p_token: token };
  const heartbeat = startHeartbeat(given.queue, lease, clock, shutdown);
  const ledger = createLedger(given.queue, lease, given.cpuTime);
  const { withinBudget } = ledger;
  const reader = given.reader && withinBudget(given.reader);
  const deps = { ...given, model: withinBudget(given.model), reader };
  const { queue } = ledger;
  /** Names of the files that may be at the model's service. */
  const left = new Set<string>();
  let used: Used[] = [];
  const end = (error: AppError, usable = false) =>
    endRun(error, { lease, used, leftFiles: left.size > 0, usable }, { queue, log });
  /** Whether this was the last attempt, and the summary is made of what there is; else the run has ended. */
  async function endsWith(error: AppError, usable = true): Promise<boolean> {
    heartbeat.signal.throwIfAborted();
    if (await end(error, usable) === "ended") throw new RunEnded();
    return true;
  }
  const started = clock.now();
  log.info("claim", { attempt: job.attempt });
  try {
    for (let { inputs } = claimed;; inputs = await inputsNow(queue, lease)) {
      heartbeat.signal.throwIfAborted();
      let looked = await extract(inputs.recordings, claimed, lease, heartbeat, left, ledger, deps);
      heartbeat.signal.throwIfAborted();
      looked = looked.map((one) => one.error?.retry ? one : asBefore(one));
      used = looked.map(usedOf);
      const passing = passingFault(looked);
      if (passing) {
        if (passing.code === "file_changed" && await changed(inputs, queue, lease)) continue;
        await endsWith(passing, looked.map(asBefore).some(isUsable));
        looked = looked.map(asBefore);
        used = looked.map(usedOf);
      }
      assertUsable(looked);
      heartbeat.enter("composing");
      const composed = await composeFrom(inputs, looked, claimed, lease, heartbeat, ledger, {
        ...deps,
        endsWith,
      });
      heartbeat.signal.throwIfAborted();
      const next = nextToken();
      const answer = await queue("complete_summary", {
        ...lease,
        p_used: used,
        p_result: { ...composed, left_files: left.size > 0 },
        p_next_token: next ?? undefined,
      });
      if (answer.outcome === "lost") throw new AppError("lease_lost");
      if (answer.outcome === "completed") {
        log.info("completed", { ms: clock.now() - started });
        return next && answer.next ? { claimed: answer.next, token: next } : null;
      }
      log.info("stale");
      heartbeat.enter("extracting");
    }
  } catch (thrown) {
    if (thrown instanceof RunEnded) return null;
    await (shutdown.aborted ? release(lease, { queue, log }) : end(asAppError(thrown)))
      .catch((error) => log.error("failed", { code: asAppError(error).code }));
    return null;
  } finally {
    await heartbeat.stop();
    await ledger.close().catch((error) => log.error("failed", { code: asAppError(error).code }));
  }
}

/** The isolate goes: that is nobody's attempt. */
async function release(
  lease: Lease,
  { queue, log }: Pick<RunDeps, "queue" | "log">,
): Promise<void> {
  await queue("release_summary", { ...lease, p_late: false });
  log.info("released");
}

async function inputsNow(queue: Queue, lease: Lease): Promise<Inputs> {
  const inputs = await queue("summary_inputs", lease);
  if (!inputs) throw new AppError("lease_lost");
  return inputs;
}

/** Whether the rows tell of other versions by now; if not, the CDN has not heard of the overwrite. */
async function changed({ recordings }: Inputs, queue: Queue, lease: Lease): Promise<boolean> {
  const versions = (all: Recording[]) => all.map(({ object_version }) => object_version).join();
  return versions((await inputsNow(queue, lease)).recordings) !== versions(recordings);
}

function extract(
  recordings: Recording[],
  { job }: Claimed,
  lease: Lease,
  { signal, holds }: Heartbeat,
  left: Set<string>,
  { queue, book }: Ledger,
  deps: RunDeps,
): Promise<Looked[]> {
  const missing = new Set(
    recordings.filter(({ extractions }) => !extractions.at(-1)?.is_last),
  );
  const save = async (recording: Recording, part: Extraction) => {
    if (part.is_last) missing.delete(recording);
    const { outcome } = await queue("save_extraction", {
      ...lease,
      p_recording: recording.recording_id,
      p_object_version: recording.object_version,
      p_part: { take: recording.take, ...part },
      p_stage: missing.size === 0 ? "composing" : undefined,
    });
    return outcome;
  };
  const triesLeft = job.tries_left;
  return extractFiles(recordings, { ...deps, signal, left, holds, triesLeft, book }, save);
}
