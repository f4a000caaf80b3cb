/** Makes the model's stand-in slow, or fail by one of the function's codes, until it is switched off. */
import type { ErrorCode } from "../../../supabase/functions/generate-summary/core/errors.ts";
import type { RequestFault } from "../../stand_ins/gemini/faults.ts";
import { REFUSALS } from "../../stand_ins/gemini/refusals.ts";
import type { ModelService } from "../../stand_ins/gemini/service.ts";

/** What makes each code. */
export const FAULTS = {
  model_quota: { on: "generate", refusal: REFUSALS.daily() },
  model_rate_limited: { on: "generate", refusal: REFUSALS.limited("10s") },
  model_unavailable: { on: "generate", refusal: REFUSALS.overloaded() },
  model_key: { on: "generate", refusal: REFUSALS.keyInvalid() },
  model_account: { on: "generate", refusal: REFUSALS.billing() },
  model_answer: { on: "generate", answer: { text: "This is no JSON." } },
  file_refused: { on: "generate", answer: { blockReason: "PROHIBITED_CONTENT" } },
} satisfies Partial<Record<ErrorCode, RequestFault>>;

export interface Switch {
  /** The code that it fails with now. */
  fail: string | undefined;
}

/** `slow`: seconds. */
export function createSwitch(model: ModelService, slow: number, fail?: string): Switch {
  const now: Switch = { fail };
  for (const [code, fault] of Object.entries(FAULTS)) {
    model.fail({ ...fault, times: Infinity, when: () => now.fail === code });
  }
  if (slow > 0) {
    model.answer = async () => {
      await new Promise((done) => setTimeout(done, slow * 1000));
      return undefined;
    };
  }
  return now;
}
