/** Checks the model's answer against the segments: what can't be verified becomes a warning. */
import type { Segment } from "../core/domain.ts";
import type { CompositionAnswer } from "../compose/prompt.ts";
import type { Medication, Section, Statement } from "../compose/sections.ts";
import type { Template } from "../compose/template.ts";
import { arrange } from "../compose/arrange.ts";
import { drugs } from "./drugs.ts";
import { dates } from "./dates.ts";
import { otherLanguage } from "./language.ts";
import { negations } from "./negations.ts";
import { quantities } from "./quantities.ts";
import { sides } from "./sides.ts";
import { words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

export interface NumberedSegment extends Segment {
  /** `s1`, `s2`… */
  id: string;
  recording_id: string;
  /** 1 for the first. */
  recording: number;
}

/** The statement's text and its medication, as what they claim; the evidence they claim it from. */
type Check = (claim: string, evidence: Segment[], language: string) => Warning[];

const AGAINST_EVIDENCE: Check[] = [quantities, dates, sides, negations];

/** The answer as sections in the template's order, with evidence in full and with warnings. */
export function check(
  answer: CompositionAnswer,
  segments: NumberedSegment[],
  template: Template,
): Section[] {
  const byId = new Map(segments.map((segment) => [segment.id, segment]));
  const allDrugs = segments.flatMap(({ mentions }) => mentions.drugs);
  const seen = new Set<string>();

  function statement(given: CompositionAnswer["sections"][0]["statements"][0]): Statement {
    const text = withoutIds(given.text);
    const medication = template.prescription_format === "structured" ? given.medication : null;
    const claim = [text, ...fields(medication)].join(" . ");
    const ids = [...new Set(given.evidence)];
    const evidence = ids.flatMap((id) => byId.get(id) ?? []);

    const warnings: Warning[] = ids.filter((id) => !byId.has(id))
      .map((id) => ({ code: "evidence_unknown", detail: id }));
    if (ids.length === 0) warnings.push({ code: "evidence_missing", detail: "" });
    if (evidence.length > 0) {
      warnings.push(
        ...AGAINST_EVIDENCE.flatMap((check) => check(claim, evidence, template.language)),
      );
      warnings.push(...drugs(claim, medication?.drug ?? null, evidence, allDrugs));
    }
    warnings.push(...otherLanguage(text, template.language));
    const key = words(text).join(" ");
    if (seen.has(key)) warnings.push({ code: "repeated", detail: "" });
    seen.add(key);

    return {
      text,
      evidence: evidence.map(({ id, recording_id, speaker, kind, start, text }) => ({
        segment: id,
        recording_id,
        speaker,
        kind,
        start,
        text,
      })),
      medication,
      warnings: distinct(warnings),
    };
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

function fields(medication: Medication | null): string[] {
  return medication ? Object.values(medication).filter((field) => field !== null) : [];
}

/** Models put ids into the text although told not to; `S1` is a heart sound and stays. */
function withoutIds(text: string): string {
  return text.replace(/\s*[([]s\d+(?:\s*[,;]\s*s\d+)*[)\]]/g, "").trim();
}

function distinct(warnings: Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}
