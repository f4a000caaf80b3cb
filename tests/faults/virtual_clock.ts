/**
 * A clock for work that makes real requests: time stands still while they are under way, and jumps to
 * whatever is waited for next when nothing else goes on. So hours pass in a moment, in their order.
 */
import type { PaceClock } from "../../local/stand_ins/gemini/behaviour.ts";
import type { Clock } from "../../supabase/functions/generate-summary/core/clock.ts";

export interface VirtualClock extends Clock {
  /** The requests that time waits for. */
  fetch: typeof fetch;
  /** Whether requests are under way. */
  readonly busy: boolean;
  /** Time goes on by so many milliseconds, while a request is under way. */
  pass(ms: number): void;
  /**
   * The same clock for who answers the requests (the stand-in for Gemini's `pace`): while that sleeps
   * before an answer begins, time does not wait for the request.
   */
  readonly service: PaceClock;
}

/** Real milliseconds without anything going on, after which what is slept for comes. */
const QUIET_MS = 3;
/** The same while something is under way, or before a limit: then it hangs. */
const HANGING_MS = 1500;

interface Waiting {
  at: number;
  /** Something's limit, which comes only when that hangs. */
  limit: boolean;
  /** Who sleeps answers requests; `unanswered`: one of them waits for it. */
  service?: { unanswered: boolean };
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
    const services = [...waiting].flatMap(({ service }) => service ?? []);
    const unanswered = services.filter(({ unanswered }) => unanswered).length;
    const slow = hanging.size > 0 || services.length > 0;
    const quiet = underWay.size - unanswered <= hanging.size && (!due.limit || slow);
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

  const sleep = (ms: number, signal?: AbortSignal, service?: Waiting["service"]) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = wait({
        at: now + ms,
        limit: false,
        service,
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
    });

  return {
    now: () => now,
    get busy() {
      return underWay.size > 0;
    },
    sleep: (ms, signal) => sleep(ms, signal),
    service: {
      now: () => now,
      sleep: (ms, signal, begun) => sleep(ms, signal, { unanswered: !begun }),
    },
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
