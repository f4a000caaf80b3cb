/** A clock that tests move: sleeping takes no time, and is written down. */
import type { Clock } from "../../supabase/functions/generate-summary/core/clock.ts";

export interface FakeClock extends Clock {
  /** Milliseconds, in order. */
  slept: number[];
  /** How many timers are waiting. */
  readonly timers: number;
  /** Lets all timers ring that are waiting. */
  ring(): void;
}

export function fakeClock(now = Date.parse("2026-11-22T08:00:00Z")): FakeClock {
  const timers = new Set<() => void>();
  const slept: number[] = [];
  return {
    slept,
    get timers() {
      return timers.size;
    },
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
      // Others get their turn, as they would.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    timer(_ms, ring) {
      timers.add(ring);
      return () => timers.delete(ring);
    },
    ring() {
      for (const ring of timers) ring();
    },
  };
}
