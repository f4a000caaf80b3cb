/** What was paid for, told to the database on the way with the calls that are made anyway. */
import type { ModelCall } from "../core/domain.ts";
import type { CpuTime } from "./cpu_time.ts";
import type { Lease, Queue } from "./queue.ts";

/** These tell it. */
const TELLS = [
  "save_extraction",
  "save_draft",
  "complete_summary",
  "fail_summary",
  "release_summary",
] as const;

export interface Ledger {
  book(call: ModelCall): void;
  /** The queue, each of whose calls tells what has come to be known since the last one that did. */
  queue: Queue;
  /** Tells what no call has told yet, with or without the lease. */
  close(lease: Lease): Promise<void>;
}

export function createLedger(queue: Queue, cpuTime: Pick<CpuTime, "answered">): Ledger {
  const untold: ModelCall[] = [];
  const telling: Queue = async (name, args) => {
    if (!TELLS.some((tells) => tells === name) || untold.length === 0) {
      return await queue(name, args);
    }
    const p_calls = untold.splice(0);
    try {
      return await queue(name, { ...args, p_calls });
    } catch (error) {
      // Each has an id: what is told twice is written once.
      untold.unshift(...p_calls);
      throw error;
    }
  };
  return {
    book(call) {
      untold.push(call);
      cpuTime.answered(call.output_tokens);
    },
    queue: telling,
    async close(lease) {
      if (untold.length > 0) await telling("release_summary", { ...lease, p_late: false });
    },
  };
}
