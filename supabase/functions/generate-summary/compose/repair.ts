/** A second answer, which is told what is wrong with the first; the better of the two is taken. */
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Json } from "../models/json.ts";
import { better, clinicalIds, type Judged, saysNothing } from "./judge.ts";
import type { NumberedSegment, Section } from "./sections.ts";

/** An answer of the model, and what became of it. */
export interface Answer extends Judged {
  model: string;
  /** As it came: JSON. */
  value: Json;
}

export interface UsableAnswer extends Answer {
  sections: Section[];
}

interface RepairDeps {
  segments: NumberedSegment[];
  /** Asks the model again, quoting what is wrong. */
  again(): Promise<Answer>;
  /** Keeps an answer for the attempts to come. */
  keep(answer: Answer): Promise<void>;
  /** How many attempts the job has left, this one included. */
  triesLeft: number;
  /** Whether the job ends with this error, which passes; throws when another attempt follows. */
  endsWith(error: AppError): Promise<boolean>;
  log: Log;
}

/**
 * The better one of an answer with objections and of the one that comes when they are quoted.
 *
 * Throws what `again` throws while that may pass: the first answer is kept, and the next attempt goes on
 * with it. When it won't, or there is no next attempt, the first answer is taken, if it can be used.
 * Throws `no_clinical_content` when both find nothing clinical and no segment speaks of drugs or
 * quantities, and `model_answer` when neither can be used.
 */
export async function repair(first: Answer, deps: RepairDeps): Promise<UsableAnswer> {
  let second: Answer;
  try {
    second = await deps.again();
  } catch (thrown) {
    const error = asAppError(thrown);
    const goesOn = error.retry && (error.blame !== "own" || deps.triesLeft > 1);
    // An answer with warnings is worth more than none.
    if (!isUsable(first) || (goesOn && !await deps.endsWith(error))) throw thrown;
    deps.log.warn("retry", { code: error.code });
    return first;
  }
  if (isUsable(second) && better(second, first)) return second;
  if (isUsable(first)) return first;
  // It is believed when it is said twice, and never against what was said.
  if (saysNothing(second) && clinicalIds(deps.segments).length === 0) {
    if (saysNothing(first)) throw new AppError("no_clinical_content");
    // So that it is said twice once it is said again.
    await deps.keep(second);
  }
  throw new AppError("model_answer");
}

export function isUsable(answer: Answer): answer is UsableAnswer {
  return answer.sections !== null;
}
