/** What a model is told is wrong with its answer: a second text beside the input, with a task of its own. */
import type { Warning } from "../checks/warnings.ts";
import type { StatementAnswer } from "./prompt.ts";

/** What is wrong with an answer, as it is quoted to the model. */
export interface Objection {
  section: string | null;
  statement: string | null;
  code: Warning["code"] | "schema" | "nothing_clinical";
  /** What is wrong, as a sentence. */
  message: string;
  /** The words it is about. */
  detail: string;
}

/** A statement that the checks object to. */
export interface Flagged {
  section: string;
  statement: StatementAnswer;
  /** One or more. */
  faults: Pick<Objection, "code" | "message" | "detail">[];
}

/** Asks for an answer that could be used: this one can't, or lacks a section. */
export function againInput(answer: unknown, faults: Objection[]): string {
  return JSON.stringify({
    repair: { faults, answer },
    task:
      "Answer again in full, without these faults. Statements that have none stay word for word.",
  });
}

/** Asks for these statements once more, and for no other. */
export function mendingInput(flagged: Flagged[]): string {
  return JSON.stringify({
    repair: { statements: flagged.map((one, index) => ({ n: index + 1, ...one })) },
    // Told only that something is wrong, models change what was right.
    task:
      "Give each of these statements once more, under its n, and no other: correct it, or keep it " +
      "word for word where the evidence says it. Take nothing out that the evidence says.",
  });
}
