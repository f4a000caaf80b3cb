/** The work on one claimed summary: extract what is new, compose, complete. */
import { resolveTemplate } from "../compose/template.ts";
import type { Clock } from "../core/clock.ts";
import type { Extraction, Recording } from "../core/domain.ts";
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { extractFiles, type Looked } from "../extract/files.ts";
import type { StorageReader } from "../extract/storage.ts";
import type { Model } from "../models/model.ts";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";
import { assertUsable, endRun, usedOf } from "./outcome.ts";
import type { Inputs, Job, Lease, Queue, Used } from "./queue.ts";

export interface RunDeps {
  queue: Queue;
  storage: StorageReader;
  model: Model;
  clock: Clock;
  log: Log;
  /** When the isolate's work must have ended, as time since the epoch. */
  deadline: number;
}

/**
 * Works on a job that was claimed with `token` until it is completed, failed, back in the queue,
 * released or lost; never rejects. `shutdown` says that the isolate is going: the job is released.
 */
export async function runJob(
  job: Job,
  token: string,
  deps: RunDeps,
  shutdown: AbortSignal,
): Promise<void> {
  const { queue, clock, log } = deps;
  const lease: Lease = { p_id: job.summary_id, p_token: token };
  const heartbeat = startHeartbeat(queue, lease, clock, shutdown);
  /** Names of the files that may be at the model's service. */
  const left = new Set<string>();
  let used: Used[] = [];
  const started = clock.now();
  log.info("claim", { attempt: job.attempt });
  try {
    for (let outcome = ""; outcome !== "completed";) {
      await heartbeat.enter("extracting");
      const inputs = await queue("summary_inputs", { p_id: lease.p_id });
      const looked = await extract(inputs.recordings, lease, heartbeat, left, deps);
      heartbeat.signal.throwIfAborted();
      used = looked.map(usedOf);
      assertUsable(looked, job);
      await heartbeat.enter("composing");
      const composed = await composeFrom(inputs, looked, heartbeat, deps);
      heartbeat.signal.throwIfAborted();
      const result = { ...composed, left_files: left.size > 0 };
      outcome = await queue("complete_summary", { ...lease, p_used: used, p_result: result });
      if (outcome === "lost") throw new AppError("lease_lost");
      if (outcome === "stale") log.info("stale");
    }
    log.info("completed", { ms: clock.now() - started });
  } catch (thrown) {
    const error = asAppError(shutdown.aborted ? new AppError("out_of_time") : thrown);
    await endRun(error, { lease, used, leftFiles: left.size > 0 }, deps)
      .catch((error) => log.error("failed", { code: asAppError(error).code }));
  } finally {
    await heartbeat.stop();
  }
}

function extract(
  recordings: Recording[],
  lease: Lease,
  { signal, holds }: Heartbeat,
  left: Set<string>,
  deps: RunDeps,
): Promise<Looked[]> {
  const save = (recording: Recording, part: Extraction) =>
    deps.queue("save_extraction", {
      ...lease,
      p_recording: recording.recording_id,
      p_object_version: recording.object_version,
      p_part: part,
    });
  return extractFiles(recordings, { ...deps, signal, left, holds }, save);
}

async function composeFrom(
  inputs: Inputs,
  looked: Looked[],
  { signal }: Heartbeat,
  { model, deadline, log }: RunDeps,
) {
  const { clinic, consultation, summary } = inputs.templates;
  // Its patterns are many: an isolate that goes before it gets here needn't pay for them.
  const { compose } = await import("../compose/compose.ts");
  return await compose({
    recordings: looked.map(({ recording, segments }) => ({
      recording_id: recording.recording_id,
      segments,
    })),
    template: resolveTemplate(clinic, consultation, summary),
    submittedBy: inputs.submitted_by,
  }, { generate: (request) => model.generate({ ...request, signal }), deadline, log });
}
