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
   * The same clock for who answers the requests (the stand-in for Gemini's `pace`): while that sleeps,
   * time does not wait for the request that it answers.
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
  /** A request waits for who sleeps. */
  service: boolean;
  wake: () => void;
}

export function virtualClock(): VirtualClock {
  let now = Date.now();
  /**
   * Requests with their answers, and those among them of which nothing more is expected. An answer that
   * nobody holds may be collected as garbage: an abort does not reach its body then.
   */
  const underWay = new Map<symbol, Response | null>();
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
    const slow = [...waiting].filter(({ service }) => service).length + hanging.size;
    const quiet = underWay.size <= slow && (!due.limit || slow > 0);
    watch = setTimeout(() => {
      if (!quiet) { for (const request of underWay.keys()) hanging.add(request); }
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

  const sleep = (ms: number, signal: AbortSignal | undefined, service: boolean) =>
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
    sleep: (ms, signal) => sleep(ms, signal, false),
    service: { now: () => now, sleep: (ms, signal) => sleep(ms, signal, true) },
    timer: (ms, ring) => wait({ at: now + ms, limit: true, service: false, wake: ring }),
    pass(ms) {
      const end = now + ms;
      while ((next()?.at ?? Infinity) <= end) wakeNext();
      now = end;
      stir();
    },
    fetch: async (input, init) => {
      const request = Symbol();
      underWay.set(request, null);
      stir();
      const over = () => {
        underWay.delete(request);
        hanging.delete(request);
        stir();
      };
      try {
        const response = await fetch(input, init);
        const streams = response.headers.get("content-type")?.startsWith("text/event-stream");
        if (streams) {
          underWay.set(request, response);
          return new Response(whileRead(response.body!, stir, over), response);
        }
        over();
        return response;
      } catch (error) {
        over();
        throw error;
      }
    },
  };
}

/** The same bytes; says when some come, and when no more will. */
function whileRead(body: ReadableStream<Uint8Array>, some: () => void, over: () => void) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (done) {
          over();
          controller.close();
        } else {
          some();
          controller.enqueue(value as Uint8Array<ArrayBuffer>);
        }
      } catch (error) {
        over();
        controller.error(error);
      }
    },
    async cancel(reason) {
      over();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
