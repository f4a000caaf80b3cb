/** Checks a statement against the segments that it names: what can't be verified becomes a warning. */
import type { Medication, Segment } from "../core/domain.ts";
import { dates } from "./dates.ts";
import { drugs } from "./drugs.ts";
import { otherLanguage } from "./language.ts";
import { negations } from "./negations.ts";
import { quantities } from "./quantities.ts";
import { sides } from "./sides.ts";
import type { Warning } from "./warnings.ts";

interface Claim {
  text: string;
  medication: Medication | null;
  /** Ids of the segments that it names, each once. */
  evidence: string[];
}

interface Surroundings {
  /** Of the consultation, by id. */
  segments: Map<string, Segment>;
  /** The drugs that any of them mentions. */
  mentioned: string[];
  /** The language that the statement should be in: a name or a BCP 47 code. */
  language: string;
}

/** The statement's text and its medication, as what they claim; the evidence they claim it from. */
type AgainstEvidence = (claim: string, evidence: Segment[], language: string) => Warning[];

const AGAINST_EVIDENCE: AgainstEvidence[] = [quantities, dates, sides, negations];

/** What is wrong with a statement taken by itself, each thing once. */
export function checkStatement(
  { text, medication, evidence: ids }: Claim,
  { segments, mentioned, language }: Surroundings,
): Warning[] {
  const claim = [text, ...fieldsOf(medication)].join(" . ");
  const evidence = ids.flatMap((id) => segments.get(id) ?? []);
  const warnings: Warning[] = ids.filter((id) => !segments.has(id))
    .map((id) => ({ code: "evidence_unknown", detail: id }));
  if (ids.length === 0) warnings.push({ code: "evidence_missing", detail: "" });
  if (evidence.length > 0) {
    warnings.push(
      ...AGAINST_EVIDENCE.flatMap((check) => check(claim, evidence, language)),
      ...drugs(claim, medication?.drug ?? null, evidence, mentioned),
    );
  }
  warnings.push(...otherLanguage(text, language));
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}

function fieldsOf(medication: Medication | null): string[] {
  return medication ? Object.values(medication).filter((field) => field !== null) : [];
}
