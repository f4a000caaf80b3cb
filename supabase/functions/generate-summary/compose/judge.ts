/** Judges an answer of the model: whether a summary can be made of it, and what a second try may mend. */
import { type Warning, WARNINGS } from "../checks/warnings.ts";
import { assemble } from "./assemble.ts";
import { CompositionAnswer } from "./prompt.ts";
import type { Objection } from "./repair_prompt.ts";
import type { NumberedSegment, Section } from "./sections.ts";
import type { Template } from "./template.ts";

export interface Judged {
  /** null: it breaks the schema, or has no statement. */
  sections: Section[] | null;
  /** What a second try may mend. */
  objections: Objection[];
  /** What the sections were made of, where there are any. */
  answer?: CompositionAnswer;
}

/** Validates the answer and checks it against the segments. */
export function judge(value: unknown, segments: NumberedSegment[], template: Template): Judged {
  const answer = CompositionAnswer.safeParse(value);
  if (!answer.success) {
    const { path, message } = answer.error.issues[0];
    return useless({ code: "schema", message, detail: path.join(".") });
  }
  const sections = answer.data.clinical_content ? assemble(answer.data, segments, template) : [];
  if (countStatements(sections) === 0) return useless(nothingFound(segments));
  const objections = sections.flatMap(({ section, warnings, statements }) => [
    ...objectionsTo(section, null, warnings),
    ...statements.flatMap(({ text, warnings }) => objectionsTo(section, text, warnings)),
  ]);
  return { sections, objections, answer: answer.data };
}

/** Whether an answer says that nothing clinical was said or seen. */
export function saysNothing({ objections }: Judged): boolean {
  return objections[0]?.code === "nothing_clinical";
}

/** The ids of the segments that speak of drugs or quantities: who speaks of those speaks of illness. */
export function clinicalIds(segments: NumberedSegment[]): string[] {
  return segments
    .filter(({ mentions }) => mentions.drugs.length > 0 || mentions.quantities.length > 0)
    .map(({ id }) => id);
}

function useless(fault: Omit<Objection, "section" | "statement">): Judged {
  return { sections: null, objections: [{ section: null, statement: null, ...fault }] };
}

/** More ids than these are no better argument. */
const NAMED_SEGMENTS = 20;

function nothingFound(segments: NumberedSegment[]): Omit<Objection, "section" | "statement"> {
  const ids = clinicalIds(segments);
  return {
    code: "nothing_clinical",
    message: ids.length > 0
      ? "The answer finds nothing clinical, but these segments mention drugs or quantities."
      : "The answer finds nothing clinical. Look at every segment again: complaints, illnesses, " +
        "findings and advice are clinical. Say it again only if there is none of these.",
    detail: ids.slice(0, NAMED_SEGMENTS).join(", "),
  };
}

/** What a second try may mend of what these warnings say. */
export function objectionsTo(
  section: string,
  statement: string | null,
  warnings: Warning[],
): Objection[] {
  return warnings.filter(({ code }) => WARNINGS[code].repair)
    .map(({ code, detail }) => (
      { section, statement, code, message: WARNINGS[code].message, detail }
    ));
}

function countStatements(sections: Section[]): number {
  return sections.reduce((sum, { statements }) => sum + statements.length, 0);
}
