/** What is denied: "no known allergies", "कोई एलर्जी नहीं". */
import type { Segment } from "../core/domain.ts";
import { CONCEPTS, conceptsIn } from "./words/concepts.ts";
import { guessLanguage } from "./language.ts";
import { type Language, languageOf, LANGUAGES } from "./words/languages.ts";
import { normalize, stem, words } from "./words/text.ts";
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

const LITTLE = new Set(LANGUAGES.flatMap(({ words, negations }) => [...words, ...negations]));

const plain = (text: string) => normalize(text).replaceAll("’", "'");

/**
 * Something denied that the evidence doesn't deny. A concept of the table must be in the evidence,
 * in whatever language, and denied where it is or in another segment (an answer); for other things
 * statement and evidence must share a word when they are in one language; across languages any
 * denial will do. Nothing is found in a language that isn't listed.
 */
export function negations(claim: string, evidence: Segment[], asked: string): Warning[] {
  const code = languageOf(asked)?.code;
  const language = LANGUAGES.find((language) => language.code === code);
  if (!language) return [];
  const texts = evidence.map(({ text }) => plain(text));
  return plain(claim).split(CLAUSE_END)
    // Where "not" may stand at the end, a comma is all that tells how far back it reaches.
    .flatMap((clause) => language.deniesForward ? [clause] : clause.split(/,\s/))
    .filter((clause) => NEGATIONS.get(code!)!.test(clause) && !isDenied(clause, language, texts))
    .map((clause) => ({ code: "negation_unsupported", detail: clause.trim().slice(0, 80) }));
}

function isDenied(clause: string, language: Language, texts: string[]): boolean {
  if (!texts.some((text) => ANY_NEGATION.test(text))) return false;
  const negation = NEGATIONS.get(language.code)!;
  const concepts = conceptsIn(
    language.deniesForward ? clause.slice(negation.exec(clause)!.index) : clause,
  );
  if (concepts.length > 0) return concepts.every((concept) => isConceptDenied(concept, texts));

  const named = words(clause).filter((word) => word.length > 2 && !LITTLE.has(word));
  const whole = texts.join(" ");
  const spoken = guessLanguage(whole);
  const comparable = spoken === language.code || (spoken === null && negation.test(whole));
  if (!comparable || named.every((word) => EMPTY.has(word))) return true;
  const said = new Set(words(whole).map(stem));
  return named.some((word) => said.has(stem(word)));
}

function isConceptDenied(concept: string, texts: string[]): boolean {
  const pattern = CONCEPTS[concept];
  return texts.some((text, index) =>
    pattern.test(text) && (
      text.includes("?") ||
      texts.some((other, at) => at !== index && ANY_NEGATION.test(other)) ||
      text.split(CLAUSE_END).some((clause) => pattern.test(clause) && deniesIn(clause, pattern))
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
