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

export interface HeldClock extends FakeClock {
  /** Milliseconds of what is slept for right now. */
  readonly sleeping: number[];
  /** Ends all sleeps, and lets what follows from it happen. */
  wake(): Promise<void>;
}

/** A clock whose sleeps last until a test ends them. */
export function heldClock(): HeldClock {
  const plain = fakeClock();
  const sleepers = new Set<{ ms: number; wake: () => void }>();
  const start = plain.now();
  let passed = 0;
  return {
    ...plain,
    get timers() {
      return plain.timers;
    },
    now: () => start + passed,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        }, { once: true });
      }),
    get sleeping() {
      return [...sleepers].map(({ ms }) => ms);
    },
    async wake() {
      passed += Math.max(0, ...[...sleepers].map(({ ms }) => ms));
      for (const { wake } of sleepers) wake();
      sleepers.clear();
      await settled();
    },
  };
}

/** After everything that is due without time going on. */
export const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
