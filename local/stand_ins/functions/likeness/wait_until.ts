/** `EdgeRuntime.waitUntil` of supabase/edge-runtime: ext/runtime/js/async_hook.js. */

export interface Waiting {
  waitUntil(work: unknown): unknown;
  /** Calls `then` once nothing is waited for: at once, or when the last of it has settled. */
  whenIdle(then: () => void): void;
}

export function createWaiting(): Waiting {
  const pending = new Set<unknown>();
  let idle: (() => void) | undefined;
  return {
    waitUntil(work) {
      // Anything else is given back, and nobody waits for it.
      if (work instanceof Promise) {
        pending.add(work);
        // Its rejection stays nobody's, and ends the isolate as any other.
        work.finally(() => {
          pending.delete(work);
          if (pending.size === 0) idle?.();
        });
      }
      return work;
    },
    whenIdle(then) {
      idle = then;
      if (pending.size === 0) then();
    },
  };
}
