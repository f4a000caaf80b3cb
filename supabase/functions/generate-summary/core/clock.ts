/** Time as the work sees it, so that tests can move it. */
import { follow } from "./follow.ts";
import { assertFinite } from "./times.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Resolves after `ms`; rejects with the signal's reason as soon as that aborts, and with a `RangeError`
   * when `ms` is no finite number.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls `ring` after `ms`, unless the function that it gives back was called before. Throws a
   * `RangeError` when `ms` is no finite number.
   */
  timer(ms: number, ring: () => void): () => void;
}

/** How long something may go on, and what ends it before. */
export interface Limits {
  /** Milliseconds since the epoch. */
  deadline: number;
  signal?: AbortSignal;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      assertFinite({ ms });
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal?.addEventListener("abort", stop, { once: true });
    }),
  timer(ms, ring) {
    assertFinite({ ms });
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Runs something with a signal of its own, which aborts after `ms` with `reason`, and with `signal`.
 * Whatever it fails with then, the abort's reason is thrown: libraries turn it into a bare
 * `AbortError`.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  reason: Error,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const own = new AbortController();
  const stop = clock.timer(ms, () => own.abort(reason));
  const letGo = follow(signal, own);
  try {
    return await run(own.signal);
  } catch (error) {
    throw own.signal.aborted ? own.signal.reason : error;
  } finally {
    stop();
    letGo();
  }
}
