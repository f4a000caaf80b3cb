/** A second answer, which is told what is wrong with the first; the better of the two is taken. */
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { better, clinicalIds, type Judged, saysNothing } from "./judge.ts";
import type { NumberedSegment, Section } from "./sections.ts";

/** An answer of the model, and what became of it. */
export interface Answer extends Judged {
  model: string;
  /** As it came: JSON. */
  value: unknown;
}

export interface UsableAnswer extends Answer {
  sections: Section[];
}

interface RepairDeps {
  segments: NumberedSegment[];
  /** Asks the model again, quoting what is wrong. */
  again(): Promise<Answer>;
  log: Log;
}

/**
 * The better one of an answer with objections and of the one that comes when they are quoted.
 *
 * Throws `no_clinical_content` when both find nothing clinical and no segment speaks of drugs or
 * quantities, `model_answer` when neither can be used, and, unless the first one can, what `again`
 * throws.
 */
export async function repair(first: Answer, deps: RepairDeps): Promise<UsableAnswer> {
  let second: Answer;
  try {
    second = await deps.again();
  } catch (error) {
    // An answer with warnings is worth more than none.
    if (!isUsable(first)) throw error;
    deps.log.warn("retry", { code: asAppError(error).code });
    return first;
  }
  if (isUsable(second) && better(second, first)) return second;
  if (isUsable(first)) return first;
  // It is believed when it is said twice, and never against what was said.
  const agree = saysNothing(first) && saysNothing(second);
  throw new AppError(
    agree && clinicalIds(deps.segments).length === 0 ? "no_clinical_content" : "model_answer",
  );
}

export function isUsable(answer: Answer): answer is UsableAnswer {
  return answer.sections !== null;
}
