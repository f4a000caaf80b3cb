/**
 * What an isolate may use in its life, and what happens on the way: crates/base/src/worker/supervisor/
 * strategy_per_worker.rs and the thresholds of crates/base/src/runtime/mod.rs.
 */

export interface Limits {
  /** Of the thread that runs the function, over the isolate's whole life. */
  cpuMs: number;
  /** What the heap and what hangs on it may hold, in MiB. */
  memoryMb: number;
  wallClockSeconds: number;
}

/** Of every plan (docs, guides/functions/limits). */
export const HOSTED = { cpuMs: 2000, memoryMb: 256 };

/** As `beforeunload` names it. */
export type Reason = "cpu" | "memory" | "wall_clock";

export interface Consequences {
  /** It gets no new requests, and goes once it has nothing to do. */
  retire(): void;
  /** It hears `beforeunload`. */
  unload(reason: Reason): void;
  /** It is killed, and whoever waits for an answer gets 546. */
  end(reason: Reason): void;
}

/** `SUPABASE_RESOURCE_LIMIT_CPU_SOFT_MS`, half of the wall clock, `mem_reached_half` */
const RETIRE_SHARE = 0.5;
/** `--dispatch-beforeunload-{cpu,memory,wall-clock}-ratio` */
const UNLOAD_SHARE = 0.9;

/** Told how much is used, calls each consequence once, in their order. */
export type Gauge = (used: number) => void;

export function createGauge(reason: Reason, limit: number, consequences: Consequences): Gauge {
  const stages = [
    { at: limit * RETIRE_SHARE, act: () => consequences.retire() },
    { at: limit * UNLOAD_SHARE, act: () => consequences.unload(reason) },
    { at: limit, act: () => consequences.end(reason) },
  ];
  return (used) => {
    while (stages.length > 0 && used >= stages[0].at) stages.shift()!.act();
  };
}

/**
 * CPU time of the thread that a process began with, which is the one that runs the function, in
 * milliseconds. Linux alone tells it; elsewhere it is 0 and limits nothing, as in crates/cpu_timer.
 */
export function cpuMsOf(pid: number): number {
  try {
    // proc(5): nanoseconds on the CPU, nanoseconds waiting for it, turns.
    return Number(Deno.readTextFileSync(`/proc/${pid}/schedstat`).split(" ")[0]) / 1e6;
  } catch {
    return 0;
  }
}
