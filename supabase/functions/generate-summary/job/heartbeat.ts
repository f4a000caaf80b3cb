/** Says every few seconds that the worker lives and what it does, and learns when the lease is lost. */
import type { Clock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { follow } from "../core/follow.ts";
import { HEARTBEAT_MS } from "../core/times.ts";
import type { Lease, Queue } from "./queue.ts";

type Stage = "extracting" | "composing" | "checking" | "verifying";

export interface Heartbeat {
  /** Aborted when the lease is lost, or the isolate goes. */
  signal: AbortSignal;
  /** What the next heartbeat tells. */
  enter(stage: Stage): void;
  /** Whether the lease is still ours; asks. */
  holds(): Promise<boolean>;
  stop(): Promise<void>;
}

/** `shutdown` says that the isolate goes. */
export function startHeartbeat(
  queue: Queue,
  lease: Lease,
  clock: Clock,
  shutdown: AbortSignal,
): Heartbeat {
  const stopped = new AbortController();
  const letGo = follow(shutdown, stopped);
  const { signal } = stopped;
  let stage: Stage = "extracting";

  const holds = () => queue("heartbeat_summary", { ...lease, p_stage: stage });

  async function beat(): Promise<void> {
    if (!await holds()) stopped.abort(new AppError("lease_lost"));
  }

  const beating = (async () => {
    while (!signal.aborted) {
      await clock.sleep(HEARTBEAT_MS, signal).catch(() => {});
      // A database that is away is no death.
      if (!signal.aborted) await beat().catch(() => {});
    }
  })();

  return {
    signal,
    enter(next) {
      stage = next;
    },
    holds,
    async stop() {
      letGo();
      stopped.abort();
      await beating;
    },
  };
}
