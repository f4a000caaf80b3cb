/** Makes sections of the model's answer: evidence in full, warnings, the template's order. */
import { checkStatement } from "../checks/check.ts";
import { words } from "../checks/words/text.ts";
import { arrange } from "./arrange.ts";
import type { CompositionAnswer, StatementAnswer } from "./prompt.ts";
import type { NumberedSegment, Section, Statement } from "./sections.ts";
import type { Template } from "./template.ts";

/** The answer as sections in the template's order, with evidence in full and with warnings. */
export function assemble(
  answer: CompositionAnswer,
  numbered: NumberedSegment[],
  template: Template,
): Section[] {
  const make = statementMaker(numbered, template);
  const seen = new Set<string>();

  function statement(given: StatementAnswer): Statement {
    const made = make(given);
    const key = words(made.text).join(" ");
    if (seen.has(key)) made.warnings.push({ code: "repeated", detail: "" });
    seen.add(key);
    return made;
  }

  return arrange(
    answer.sections.map(({ section, heading, statements }) => ({
      section,
      heading: words(heading).length > 0 ? heading.trim() : "",
      statements: statements.map(statement).filter(({ text }) => words(text).length > 0),
    })),
    template.sections,
  );
}

/** What makes a statement of what a model gives: checked by itself against these segments. */
export function statementMaker(
  numbered: NumberedSegment[],
  template: Template,
): (given: StatementAnswer) => Statement {
  const segments = new Map(numbered.map((segment) => [segment.id, segment]));
  const mentioned = numbered.flatMap(({ mentions }) => mentions.drugs);
  return (given) => {
    const text = withoutIds(given.text);
    const medication = template.prescription_format === "structured" ? given.medication : null;
    const ids = [...new Set(given.evidence)];
    return {
      text,
      evidence: ids.flatMap((id) => segments.get(id) ?? [])
        .map(({ id, recording_id, speaker, kind, start, text }) => ({
          segment: id,
          recording_id,
          speaker,
          kind,
          start,
          text,
        })),
      medication,
      warnings: checkStatement(
        { text, medication, evidence: ids },
        { segments, mentioned, language: template.language },
      ),
    };
  };
}

/** Models put ids into the text although told not to; `S1` is a heart sound and stays. */
function withoutIds(text: string): string {
  return text.replace(/\s*[([]s\d+(?:\s*[,;]\s*s\d+)*[)\]]/g, "").trim();
}
