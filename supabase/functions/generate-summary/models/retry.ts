/** Tries a call again as the table of `policy.ts` says. */
import type { Clock, Limits } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Fault, POLICY, type Policy } from "./policy.ts";

interface Retrying extends Limits {
  clock: Clock;
  log: Log;
  /** Milliseconds that one try may take: none is begun that could not end before the deadline. */
  needs: number;
  /** Whether the call is about a file: then it may be the file's fault. */
  ofFile?: boolean;
}

/**
 * Calls `attempt`, again as the table says for the `Fault` that it throws, and then throws that
 * fault's `AppError`. Gives up at once when the wait would leave too little time. Anything else that
 * is thrown passes through.
 */
export async function withRetry<T>(attempt: () => Promise<T>, retrying: Retrying): Promise<T> {
  const { clock, log, deadline, signal, needs } = retrying;
  for (let tried = 1;; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const pause = pauseAfter(error, tried);
      if (tried > POLICY[error.kind].retries || clock.now() + pause + needs > deadline) {
        throw errorOf(error, retrying.ofFile);
      }
      log.warn("retry", { code: error.kind, attempt: tried, ms: Math.round(pause) });
      await clock.sleep(pause, signal);
    }
  }
}

/**
 * Milliseconds to wait before the next try. Services name delays of none at all: never less than the
 * table says. Some of it is jitter, so that those who were refused together don't come back together.
 */
export function pauseAfter({ kind, delay }: Fault, tried: number): number {
  const wait = POLICY[kind].wait * 2 ** (tried - 1);
  if (delay === undefined) return wait * (0.5 + Math.random() / 2);
  return Math.max(delay, wait) * (1 + Math.random() / 4);
}

/** What a fault becomes when trying again is no use; `ofFile`: the request was about a file. */
export function errorOf(fault: Fault, ofFile = false): AppError {
  const { code, ofFile: fileCode = code, wait }: Policy = POLICY[fault.kind];
  const { delay } = fault;
  const retryAfter = delay === undefined ? undefined : Math.max(delay, wait) / 1000;
  return new AppError(ofFile ? fileCode : code, { retryAfter, cause: fault });
}
