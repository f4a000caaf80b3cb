/** What an error ends: the file that it was met with, this run, or the job. */
import { AppError, causeOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Looked } from "../extract/files.ts";
import type { Job, Lease, Queue, Used } from "./queue.ts";

/**
 * A file that may succeed later sends the job back into the queue, until its last attempt: then the
 * summary is made without it. Throws what ends this run: the lease or the time, the account at the
 * model's service, trouble that may pass, or that no file is left.
 */
export function assertUsable(looked: Looked[], { attempt, max_attempts }: Job): void {
  const errors = looked.flatMap(({ error }) => error ?? []);
  const ending = errors.find(({ scope }) => scope !== "file");
  if (ending) throw ending;
  const passing = errors.find(({ retry }) => retry);
  if (passing && attempt < max_attempts) throw passing;
  if (looked.length === 0) throw new AppError("no_recordings");
  if (errors.length < looked.length) return;
  throw new Set(errors.map(({ code }) => code)).size === 1
    ? errors[0]
    : new AppError("no_usable_files");
}

/** A recording that was looked at, as it is written down. */
export function usedOf({ recording, error }: Looked): Used {
  return {
    recording_id: recording.recording_id,
    object_version: recording.object_version,
    outcome: error ? "failed" : "used",
    code: error?.code ?? null,
    message: error?.message ?? null,
  };
}

/** Ends a run with an error: gives the job back, sends it into the queue once more, or fails it. */
export async function endRun(
  error: AppError,
  { lease, used, leftFiles }: { lease: Lease; used: Used[]; leftFiles: boolean },
  { queue, log }: { queue: Queue; log: Log },
): Promise<void> {
  if (error.code === "lease_lost") return log.warn("lease_lost");
  if (error.code === "out_of_time") {
    await queue("release_summary", lease);
    return log.info("released");
  }
  if (error.code === "internal") log.error("failed", { code: causeOf(error) });
  const { outcome } = await queue("fail_summary", {
    ...lease,
    p_code: error.code,
    p_message: error.message,
    p_retryable: error.retry,
    p_retry_after: error.retryAfter === undefined ? undefined : Math.ceil(error.retryAfter),
    p_used: used,
    p_left_files: leftFiles,
  });
  if (outcome === "lost") return log.warn("lease_lost");
  log.warn(outcome === "queued" ? "requeued" : "failed", { code: error.code });
}
