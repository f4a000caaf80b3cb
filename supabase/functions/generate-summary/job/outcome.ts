/** What an error ends: the file that it was met with, this run, or the job. */
import { AppError, causeOf, ERRORS } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Looked } from "../extract/files.ts";
import type { Lease, Queue, Used } from "./queue.ts";

/**
 * The error of a file that may succeed later, which sends the job back into the queue; null when there
 * is none. Throws what ends this run, whatever becomes of the other files: the lease or the time, the
 * account at the model's service.
 */
export function passingFault(looked: Looked[]): AppError | null {
  const errors = looked.flatMap(({ error }) => error ?? []);
  const ending = errors.find(({ scope }) => scope !== "file");
  if (ending) throw ending;
  const passing = errors.filter(({ retry }) => retry);
  // Its own faults first: those are counted.
  return passing.find(({ blame }) => blame === "own") ?? passing[0] ?? null;
}

/** Whether a summary can be made of it: of one that was heard in part, too. */
export function isUsable({ error, segments }: Looked): boolean {
  return !error || segments.length > 0;
}

/** Throws when there is nothing left that a summary could be made of. */
export function assertUsable(looked: Looked[]): void {
  if (looked.length === 0) throw new AppError("no_recordings");
  if (looked.some(({ segments }) => segments.length > 0)) return;
  const errors = looked.flatMap(({ error, missing }) =>
    error ?? missing.map(({ code }) => new AppError(code))
  );
  // Nothing was said, in none of them: composing tells of that.
  if (errors.length === 0) return;
  throw new Set(errors.map(({ code }) => code)).size === 1
    ? errors[0]
    : new AppError("no_usable_files");
}

/** A recording that was looked at, as it is written down. */
export function usedOf(looked: Looked): Used {
  const { recording, error, missing } = looked;
  const code = error?.code ?? missing[0]?.code ?? null;
  const outcome = !code ? "used" : isUsable(looked) ? "partial" : "failed";
  return {
    recording_id: recording.recording_id,
    object_version: recording.object_version,
    take: recording.take,
    outcome,
    code,
    message: error?.message ?? (code && ERRORS[code].message),
    missing: outcome === "partial" ? missing : null,
  };
}

/** Thrown where a run has ended, and everything about it is told. */
export class RunEnded extends Error {}

interface Ended {
  lease: Lease;
  used: Used[];
  /** Whether files may be left at the model's service. */
  leftFiles: boolean;
  /** Whether the summary could be made without the file that failed. */
  usable?: boolean;
}

/**
 * Ends a run with an error: gives the job back, sends it into the queue once more, or fails it. With
 * `usable`, `last` says that this was the last attempt, and nothing has ended: go on without the file.
 */
export async function endRun(
  error: AppError,
  { lease, used, leftFiles, usable = false }: Ended,
  { queue, log }: { queue: Queue; log: Log },
): Promise<"ended" | "last"> {
  if (error.code === "lease_lost") {
    log.warn("lease_lost");
    return "ended";
  }
  if (error.code === "out_of_time") {
    await queue("release_summary", { ...lease, p_late: true });
    log.info("released");
    return "ended";
  }
  if (error.code === "internal") log.error("failed", { code: causeOf(error) });
  const { outcome } = await queue("fail_summary", {
    ...lease,
    p_code: error.code,
    p_message: error.message,
    p_fault: error.blame,
    p_retry_after: error.retryAfter === undefined ? undefined : Math.ceil(error.retryAfter),
    p_used: used,
    p_left_files: leftFiles,
    p_usable: usable,
    p_tries: error.tries,
  });
  if (outcome === "last") return outcome;
  if (outcome === "lost") log.warn("lease_lost");
  else log.warn(outcome === "queued" ? "requeued" : "failed", { code: error.code });
  return "ended";
}
