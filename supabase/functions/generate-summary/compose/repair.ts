/** A second answer, which is told what is wrong with the first: it can make it better only. */
import { words } from "../checks/words/text.ts";
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Json } from "../models/json.ts";
import { clinicalIds, type Judged, saysNothing } from "./judge.ts";
import { mended } from "./mend.ts";
import type { CompositionAnswer } from "./prompt.ts";
import type { Flagged } from "./repair_prompt.ts";
import type { NumberedSegment, Section } from "./sections.ts";
import type { Template } from "./template.ts";

/** An answer of the model, and what became of it. */
export interface Answer extends Judged {
  model: string;
  /** As it came: JSON. */
  value: Json;
}

export interface UsableAnswer extends Answer {
  sections: Section[];
  answer: CompositionAnswer;
}

interface RepairDeps {
  segments: NumberedSegment[];
  template: Template;
  /** Asks the model again: for these statements, or without any for the whole. */
  again(flagged: Flagged[]): Promise<{ value: Json; model: string }>;
  judged(answer: { value: Json; model: string }): Answer;
  /** Keeps an answer for the attempts to come. */
  keep(answer: Answer): Promise<void>;
  /** How many attempts the job has left, this one included. */
  triesLeft: number;
  /** Whether the job ends with this error, which passes; throws when another attempt follows. */
  endsWith(error: AppError): Promise<boolean>;
  log: Log;
}

/**
 * The better one of an answer with objections and of what comes when they are quoted. `flagged` are its
 * statements that have some: where there are any those alone are asked for, and each is taken by itself.
 *
 * Throws what `again` throws while that may pass: the first answer is kept, and the next attempt goes on
 * with it. When it won't, or there is no next attempt, the first answer is taken, if it can be used.
 * Throws `no_clinical_content` when both find nothing clinical and no segment speaks of drugs or
 * quantities, and `model_answer` when neither can be used.
 */
export async function repair(
  first: Answer,
  flagged: Flagged[],
  deps: RepairDeps,
): Promise<UsableAnswer> {
  let given;
  try {
    given = await deps.again(flagged);
  } catch (thrown) {
    const error = asAppError(thrown);
    const goesOn = error.retry && (error.blame !== "own" || deps.triesLeft > 1);
    // An answer with warnings is worth more than none.
    if (!isUsable(first) || (goesOn && !await deps.endsWith(error))) throw thrown;
    deps.log.warn("retry", { code: error.code });
    return first;
  }
  if (isUsable(first) && flagged.length > 0) {
    const value = mended(first.answer, flagged, given.value, deps.segments, deps.template);
    const second = value && deps.judged({ ...given, value });
    return second && isUsable(second) ? second : first;
  }
  const second = deps.judged(given);
  if (isUsable(second) && (!isUsable(first) || better(second, first))) return second;
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

/** Fewer faults, and every statement of the first still there: none of them had any. */
function better(second: UsableAnswer, first: UsableAnswer): boolean {
  const there = new Set(textsOf(second));
  return second.objections.length < first.objections.length &&
    textsOf(first).every((text) => there.has(text));
}

const textsOf = ({ sections }: UsableAnswer) =>
  sections.flatMap(({ statements }) => statements.map(({ text }) => words(text).join(" ")));
