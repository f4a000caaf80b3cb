/** Checks a statement against the segments that it names: what can't be verified becomes a warning. */
import type { Medication, Segment } from "../core/domain.ts";
import { bindings } from "./bindings.ts";
import { dates } from "./dates.ts";
import { drugs } from "./drugs.ts";
import { frequencies } from "./frequencies.ts";
import { otherLanguage } from "./language.ts";
import { needs } from "./needs.ts";
import { denials, negations } from "./negations.ts";
import { opposites } from "./opposites.ts";
import { persons } from "./persons.ts";
import { quantities } from "./quantities.ts";
import { sides } from "./sides.ts";
import { languageOf } from "./words/languages.ts";
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

/**
 * What is claimed; the evidence that it is claimed from; the code of the claim's language, empty
 * where it isn't known; the consultation that the evidence is of.
 */
type AgainstEvidence = (
  claim: string,
  evidence: Segment[],
  language: string,
  all: Segment[],
) => Warning[];

/** What the sentence and the fields of its medication claim alike. */
const OF_BOTH: AgainstEvidence[] = [quantities, frequencies, dates, sides];
/** What a sentence alone can say. */
const OF_THE_SENTENCE: AgainstEvidence[] = [
  bindings,
  negations,
  denials,
  opposites,
  needs,
  persons,
];

/** A reader looks up so many; what more names hides which of them says it. */
const MOST_EVIDENCE = 6;
/** Characters that are compared: a sentence has two hundred. */
const LONGEST = 2000;

/** What is wrong with a statement taken by itself, each thing once. */
export function checkStatement(
  { text, medication, evidence: ids }: Claim,
  { segments, mentioned, language }: Surroundings,
): Warning[] {
  const sentence = text.slice(0, LONGEST);
  const claim = [sentence, ...fieldsOf(medication)].join(" . ");
  const evidence = ids.flatMap((id) => segments.get(id) ?? []);
  const warnings: Warning[] = ids.filter((id) => !segments.has(id))
    .map((id) => ({ code: "evidence_unknown", detail: id }));
  if (ids.length === 0) warnings.push({ code: "evidence_missing", detail: "" });
  if (evidence.length > 0) {
    const all = [...segments.values()];
    const code = languageOf(language)?.code ?? "";
    warnings.push(
      ...OF_BOTH.flatMap((check) => check(claim, evidence, code, all)),
      ...OF_THE_SENTENCE.flatMap((check) => check(sentence, evidence, code, all)),
      ...drugs(claim, medication?.drug ?? null, evidence, mentioned, all),
    );
  }
  if (ids.length > MOST_EVIDENCE) warnings.push({ code: "evidence_wide", detail: `${ids.length}` });
  if (text.length > LONGEST) warnings.push({ code: "statement_long", detail: "" });
  warnings.push(...otherLanguage(sentence, language));
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}

function fieldsOf(medication: Medication | null): string[] {
  return medication
    ? Object.values(medication).filter((field) => field !== null).map((field) =>
      field.slice(0, LONGEST)
    )
    : [];
}
