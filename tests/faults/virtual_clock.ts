/**
 * A clock for work that makes real requests: time stands still while they are under way, and jumps to
 * whatever is waited for next when nothing else goes on. So hours pass in a moment, in their order.
 */
import type { Clock } from "../../supabase/functions/generate-summary/core/clock.ts";

export interface VirtualClock extends Clock {
  /** The requests that time waits for. */
  fetch: typeof fetch;
  /** Whether requests are under way. */
  readonly busy: boolean;
  /** Time goes on by so many milliseconds, while a request is under way. */
  pass(ms: number): void;
}

/** Real milliseconds without anything going on, after which what is slept for comes. */
const QUIET_MS = 3;
/** The same while something is under way, or before a limit: then it hangs. */
const HANGING_MS = 1500;

interface Waiting {
  at: number;
  /** Something's limit, which comes only when that hangs. */
  limit: boolean;
  wake: () => void;
}

export function virtualClock(): VirtualClock {
  let now = Date.now();
  /** Requests, and those among them of which nothing more is expected. */
  const underWay = new Set<symbol>();
  const hanging = new Set<symbol>();
  let watch: ReturnType<typeof setTimeout> | undefined;
  const waiting = new Set<Waiting>();

  const next = () => [...waiting].sort((one, other) => one.at - other.at)[0] as Waiting | undefined;

  function wakeNext(): void {
    const due = next();
    if (!due) return;
    now = Math.max(now, due.at);
    waiting.delete(due);
    due.wake();
  }

  /** Something went on: the quiet begins anew. */
  function stir(): void {
    clearTimeout(watch);
    const due = next();
    if (!due) return;
    const quiet = underWay.size === hanging.size && (!due.limit || hanging.size > 0);
    watch = setTimeout(() => {
      if (!quiet) underWay.forEach((request) => hanging.add(request));
      wakeNext();
      stir();
    }, quiet ? QUIET_MS : HANGING_MS);
  }

  function wait(entry: Waiting): () => void {
    waiting.add(entry);
    stir();
    return () => {
      waiting.delete(entry);
      stir();
    };
  }

  return {
    now: () => now,
    get busy() {
      return underWay.size > 0;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = wait({
          at: now + ms,
          limit: false,
          wake: () => {
            signal?.removeEventListener("abort", stop);
            resolve();
          },
        });
        const stop = () => {
          leave();
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", stop, { once: true });
      }),
    timer: (ms, ring) => wait({ at: now + ms, limit: true, wake: ring }),
    pass(ms) {
      const end = now + ms;
      while ((next()?.at ?? Infinity) <= end) wakeNext();
      now = end;
      stir();
    },
    fetch: async (input, init) => {
      const request = Symbol();
      underWay.add(request);
      stir();
      try {
        return await fetch(input, init);
      } finally {
        underWay.delete(request);
        hanging.delete(request);
        stir();
      }
    },
  };
}
