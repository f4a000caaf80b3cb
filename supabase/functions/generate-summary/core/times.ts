/**
 * The times that must fit one another, in milliseconds where not said otherwise. A test asserts
 * how they relate, and that the database's own (lease, sweep, pg_net's timeout) agree.
 */

/** How often a worker says that it lives. */
export const HEARTBEAT_MS = 15_000;
/** After this long without a heartbeat the job is another's. */
export const LEASE_SECONDS = 60;
/** A call of the database may take this; what it waits for there is given up after eight seconds. */
export const DATABASE_CALL_MS = 10_000;
/** How long is waited before each repetition of a call that got no answer. */
export const REPEAT_AFTER_MS = [250, 1000, 3000];
/** Whoever holds a lease has paid for what he brings, and waits for as long as it lasts. */
export const REPEAT_LEASED_AFTER_MS = [...REPEAT_AFTER_MS, 5000, 10_000, 10_000];
/** The longest that one call of the model may take, as a share of the wall clock. */
export const MODEL_CALL_SHARE = 0.37;
/** No call of the model starts with less time left than this: too little would come of it. */
export const SHORTEST_MODEL_CALL_MS = 15_000;
/** Nor does a second reading of a summary, which takes longer: it is left to the next attempt. */
export const SHORTEST_READING_MS = 20_000;
/** A call of the model ends this long before the work's deadline: what came of it is saved then. */
export const SAVING_MS = 5_000;
/** Supabase answers 504 when a function has not begun its answer after this long. */
export const IDLE_LIMIT_MS = 150_000;
/** A user who waits gets an answer after this long at the latest. */
export const ANSWER_MS = 140_000;
/** An answer must be under way this long before the work's deadline. */
export const ANSWER_MARGIN_MS = 10_000;
/** `beforeunload` comes at this share of the wall clock. */
export const UNLOAD_SHARE = 0.9;
/** No work after this share of the wall clock. */
export const DEADLINE_SHARE = 0.87;
/** An isolate takes requests until this share of its wall clock has passed. */
export const RETIRE_SHARE = 0.5;

/**
 * When the isolate's work must have ended, as time since the epoch. Throws a `RangeError` when a time
 * that it is computed from is none.
 */
export function workDeadline(isolateStart: number, wallClockSeconds: number): number {
  assertFinite({ isolateStart, wallClockSeconds });
  return isolateStart + wallClockSeconds * 1000 * DEADLINE_SHARE;
}

/**
 * When an isolate takes no more summaries, as time since the epoch: as long as it takes requests, for
 * each of which the rest of its time is enough. Throws as `workDeadline` does.
 */
export function retirement(isolateStart: number, wallClockSeconds: number): number {
  assertFinite({ isolateStart, wallClockSeconds });
  return isolateStart + wallClockSeconds * 1000 * RETIRE_SHARE;
}

/** The longest that one call of the model may take, in milliseconds; throws as `workDeadline` does. */
export function modelCallMs(wallClockSeconds: number): number {
  assertFinite({ wallClockSeconds });
  return wallClockSeconds * 1000 * MODEL_CALL_SHARE;
}

/** When a waiting user must have an answer, as time since the epoch; throws as `workDeadline` does. */
export function answerDeadline(now: number, deadline: number): number {
  assertFinite({ now, deadline });
  return Math.min(now + ANSWER_MS, deadline - ANSWER_MARGIN_MS);
}

/**
 * Throws a `RangeError` that names the first value that is no finite number. NaN is before and after
 * nothing, and a timer of NaN milliseconds rings at once: unseen, it ends all work as it begins.
 */
export function assertFinite(values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) {
      throw new RangeError(`${name} must be a finite number, and is ${value}`);
    }
  }
}
