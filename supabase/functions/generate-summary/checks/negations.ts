/** What is denied: "no known allergies", "कोई एलर्जी नहीं". */
import type { Segment } from "../domain.ts";
import { CONCEPTS, conceptsIn } from "./concepts.ts";
import { guessLanguage } from "./language.ts";
import { type Language, LANGUAGES } from "./languages.ts";
import { normalize, stem, words } from "./text.ts";
import type { Warning } from "./warnings.ts";

const anyOf = (list: string[]) => `(?<![\\p{L}\\p{M}'-])(?:${list.join("|")})(?![\\p{L}\\p{M}'-])`;
const NEGATIONS = new Map(
  LANGUAGES.map(({ code, negations }) => [code, new RegExp(anyOf(negations), "u")]),
);
const ANY_NEGATION = new RegExp(anyOf(LANGUAGES.flatMap(({ negations }) => negations)), "u");
/** Ends of sentences, and "but". */
const CLAUSE_END = new RegExp(
  `[.;!?।]+(?=\\s|$)|,? ?${anyOf(LANGUAGES.flatMap(({ but }) => but))}`,
  "gu",
);

/** Words of statements that name nothing which could be compared. */
const EMPTY = new Set(
  ("known other further history complaint complaints symptoms symptom problem problems change " +
    "changes patient reported reports noted mentioned currently present previous significant any " +
    "such there kända andra några besvär patienten symtom bekannt bekannte bekannten weitere " +
    "beschwerden patientin").split(" "),
);

const clausesOf = (text: string) =>
  normalize(text).replaceAll("’", "'").split(CLAUSE_END).filter((clause) => clause.trim() !== "");

interface Denied {
  language: Language;
  clause: string;
  /** What the clause denies. */
  scope: string;
}

function deniedIn(claim: string): Denied[] {
  const code = guessLanguage(claim);
  // Too short to tell its language: the negation tells it.
  const languages = LANGUAGES.filter((language) => code === null || language.code === code);
  return clausesOf(claim).flatMap((clause) => {
    for (const language of languages) {
      const at = NEGATIONS.get(language.code)!.exec(clause);
      if (at) return [{ language, clause, scope: scopeOf(clause, at, language) }];
    }
    return [];
  });
}

function scopeOf(clause: string, { 0: negation, index }: RegExpExecArray, language: Language) {
  return language.deniesForward ? clause.slice(index + negation.length) : clause;
}

/**
 * Something denied that the evidence doesn't deny. A concept of the table must be in the evidence,
 * in whatever language, and denied where it is or in another segment (an answer); for other things
 * statement and evidence must share a word when they are in one language; across languages any
 * denial will do.
 */
export function negations(claim: string, evidence: Segment[]): Warning[] {
  return deniedIn(claim).filter((denied) => !isDenied(denied, evidence))
    .map(({ clause }) => ({ code: "negation_unsupported", detail: clause.trim().slice(0, 80) }));
}

function isDenied({ language, scope }: Denied, evidence: Segment[]): boolean {
  const texts = evidence.map(({ text }) => normalize(text).replaceAll("’", "'"));
  if (!texts.some((text) => ANY_NEGATION.test(text))) return false;
  const concepts = conceptsIn(scope);
  if (concepts.length > 0) return concepts.every((concept) => isConceptDenied(concept, texts));

  const named = words(scope).filter((word) => word.length > 3 && !EMPTY.has(word)).map(stem);
  const whole = texts.join(" ");
  const spoken = guessLanguage(whole);
  const comparable = spoken === language.code ||
    (spoken === null && NEGATIONS.get(language.code)!.test(whole));
  if (named.length === 0 || !comparable) return true;
  const said = new Set(words(whole).map(stem));
  return named.some((word) => said.has(word));
}

function isConceptDenied(concept: string, texts: string[]): boolean {
  const pattern = CONCEPTS[concept];
  return texts.some((text, index) =>
    pattern.test(text) && (
      text.includes("?") ||
      texts.some((other, at) => at !== index && ANY_NEGATION.test(other)) ||
      clausesOf(text).some((clause) => pattern.test(clause) && deniesIn(clause, pattern))
    )
  );
}

/** English says "no" before what it denies; "a cough and no fever" doesn't deny the cough. */
function deniesIn(clause: string, pattern: RegExp): boolean {
  const english = NEGATIONS.get("en")!.exec(clause);
  if (english && guessLanguage(clause) === "en") {
    return pattern.test(clause.slice(english.index));
  }
  return ANY_NEGATION.test(clause);
}
