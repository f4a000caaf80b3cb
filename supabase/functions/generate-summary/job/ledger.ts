/** What was paid for, told to the database on the way with the calls that are made anyway. */
import type { ModelCall } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import type { GenerateRequest, Model } from "../models/model.ts";
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
  /** A model that is asked for nothing more once the database says that the budget is spent: `over_budget`. */
  withinBudget<M extends Pick<Model, "generate">>(model: M): M;
  /** Tells what no call has told yet, with or without the lease. */
  close(): Promise<void>;
}

export function createLedger(
  queue: Queue,
  lease: Lease,
  cpuTime: Pick<CpuTime, "answered">,
): Ledger {
  const untold: ModelCall[] = [];
  let maySpend = true;
  async function tell<T>(calling: (p_calls: ModelCall[]) => Promise<T>): Promise<T> {
    const p_calls = untold.splice(0);
    try {
      return await calling(p_calls);
    } catch (error) {
      // Each has an id: what is told twice is written once.
      untold.unshift(...p_calls);
      throw error;
    }
  }
  const telling: Queue = async (name, args) => {
    if (!TELLS.some((tells) => tells === name) || untold.length === 0) {
      return await queue(name, args);
    }
    const answer = await tell((p_calls) => queue(name, { ...args, p_calls }));
    if (typeof answer === "object" && answer && "may_spend" in answer) maySpend = answer.may_spend;
    return answer;
  };
  return {
    book(call) {
      untold.push(call);
      cpuTime.answered(call.output_tokens);
    },
    queue: telling,
    withinBudget(model) {
      const within = Object.create(model);
      within.generate = async (request: GenerateRequest) => {
        // Nothing came of those that could be saved.
        if (untold.length > 0) {
          maySpend = await tell((p_calls) => queue("tell_calls", { ...lease, p_calls }));
        }
        if (!maySpend) throw new AppError("over_budget");
        return await model.generate(request);
      };
      return within;
    },
    async close() {
      if (untold.length > 0) await telling("release_summary", { ...lease, p_late: false });
    },
  };
}
