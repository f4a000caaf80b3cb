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
      const { code, ofFile = code, retries, wait }: Policy = POLICY[error.kind];
      const pause = error.delay ??
        wait * 2 ** (tried - 1) * (0.5 + Math.random() / 2);
      if (tried > retries || clock.now() + pause + needs > deadline) {
        throw new AppError(retrying.ofFile ? ofFile : code, {
          retryAfter: error.delay === undefined ? undefined : error.delay / 1000,
          cause: error,
        });
      }
      log.warn("retry", { code: error.kind, attempt: tried, ms: Math.round(pause) });
      await clock.sleep(pause, signal);
    }
  }
}
