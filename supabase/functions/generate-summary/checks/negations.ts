/** What is denied: "no known allergies", "कोई एलर्जी नहीं"; and what the evidence denies. */
import type { Segment } from "../core/domain.ts";
import { guessLanguage } from "./language.ts";
import { conceptsIn } from "./words/concepts.ts";
import {
  type Clause,
  CLAUSE_END,
  clausesOf,
  NEGATIONS,
  plain,
  root,
  withoutIdioms,
} from "./words/denials.ts";
import { type Language, languageOf, LANGUAGES } from "./words/languages.ts";
import { stem, whole, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** Words of statements that name nothing which could be compared. */
const EMPTY = new Set(
  ("known other further history complaint complaints symptoms symptom problem problems change " +
    "changes patient reported reports noted mentioned currently present previous significant any " +
    "such there kända andra några besvär patienten symtom bekannt bekannte bekannten weitere " +
    "beschwerden patientin").split(" "),
);

const LITTLE = new Set(LANGUAGES.flatMap(({ words, negations }) => [...words, ...negations]));
/** What may come about isn't denied: "if she does not improve". */
const CONDITION = new RegExp(
  `${whole("if|unless|should|in case|om|ifall|wenn|falls|agar|yadi|अगर|यदि|si")}`,
  "u",
);

interface Said {
  clauses: Clause[];
  /** The evidence's language, where it can be told. */
  spoken: string | null;
}

/** By the first segment of the evidence, of which statements often share all. */
const read = new WeakMap<Segment, { evidence: Segment[]; said: Said }>();

function saidIn(evidence: Segment[]): Said {
  const before = read.get(evidence[0]);
  if (
    before?.evidence.length === evidence.length &&
    evidence.every((segment, index) => segment === before.evidence[index])
  ) return before.said;
  const texts = evidence.map(({ text }) => text);
  const said = { clauses: clausesOf(texts), spoken: guessLanguage(texts.join(" ")) };
  read.set(evidence[0], { evidence, said });
  return said;
}

/**
 * Something denied that the evidence doesn't deny. A concept of the table must be in the evidence,
 * in whatever language, and denied where it is or by the answer to a question; for other things
 * statement and evidence must share a word that is denied when they are in one language; across
 * languages any denial will do. Nothing is found in a language that isn't listed.
 */
export function negations(claim: string, evidence: Segment[], asked: string): Warning[] {
  const code = languageOf(asked)?.code;
  const language = LANGUAGES.find((language) => language.code === code);
  if (!language) return [];
  const said = saidIn(evidence);
  return withoutIdioms(plain(claim)).split(CLAUSE_END)
    // Where "not" may stand at the end, a comma is all that tells how far back it reaches.
    .flatMap((clause) => language.deniesForward ? [clause] : clause.split(/,\s/))
    .filter((clause) =>
      NEGATIONS.get(language.code)!.test(clause) &&
      !CONDITION.test(clause.slice(0, NEGATIONS.get(language.code)!.exec(clause)!.index)) &&
      !isDenied(clause, language, said)
    )
    .map((clause) => ({ code: "negation_unsupported", detail: clause.trim().slice(0, 80) }));
}

/** "No blood in the stool": of the two the blood is denied. */
const MODIFIER = new RegExp(
  `${whole("in|of|on|with|from|during|after|i|vid|från|på|im|bei|mit|von|am")} [^,;]*`,
  "gu",
);

const namedIn = (text: string) =>
  words(text).filter((word) => word.length > 2 && !LITTLE.has(word) && !EMPTY.has(word));

function isDenied(text: string, language: Language, { clauses, spoken }: Said): boolean {
  const denied = clauses.filter(({ denied }) => denied);
  if (denied.length === 0) return false;
  const negation = NEGATIONS.get(language.code)!;
  const at = language.deniesForward ? negation.exec(text)!.index : 0;
  const concepts = conceptsIn(text.slice(at));
  if (concepts.length > 0) {
    const core = conceptsIn(text.slice(at).replace(MODIFIER, " "));
    return concepts.every((concept) =>
      denied.some(({ concepts }) => concepts.has(concept)) ||
      (core.length > 0 && !core.includes(concept) &&
        clauses.some(({ concepts }) => concepts.has(concept)))
    );
  }
  const named = namedIn(text.slice(at));
  const comparable = spoken === language.code ||
    (spoken === null && denied.some(({ text }) => negation.test(text)));
  if (!comparable || namedIn(text).length === 0) return true;
  const isIn = (clauses: Clause[]) => (word: string) =>
    clauses.some(({ stems }) => stems.has(stem(word)));
  if (namedIn(text).some(isIn(denied))) return true;
  // In other words; or the question that a bare "no" answers isn't named.
  return !named.some(isIn(clauses)) &&
    (namedIn(text.slice(0, at)).filter(isIn(clauses)).length > 1 ||
      denied.some(({ text, stems }) =>
        text.length < 60 && stems.size > 0 && namedIn(text).length === 0
      ));
}

/** Words that turn a statement, or that say of a denied thing what is so without a "not". */
const TURNED = whole(
  "non|free|absent|absence|unable|negative|normal|unremarkable|clear|stopped|stops?|avoids?|avoided|discontinued?|resolved|" +
    "fine|well|intact|unchanged|only|except|apart|instead|refuses?|refused|declines?|declined|rule out|to|if|less|" +
    "fri|normalt?|utan anmärkning|ua|slutat|slutade|undvik|undviker|negativt?|bara|om|unauffällig|frei|normal|" +
    "abgesetzt|vermeiden|negativ|nur|wenn|lehnt|band|बंद|सामान्य|normal|sirf|सिर्फ",
);

/** Stands in findings of every kind. */
const COMMON = new Set(
  ("has have had does did with and the that this there evidence history some any also now very more " +
    "left right both area areas time times day days week weeks month months year years today")
    .split(" "),
);

/**
 * Something stated that the evidence denies: all of its words that the evidence has are denied there,
 * or their question was answered with no.
 */
export function denials(claim: string, evidence: Segment[], asked: string): Warning[] {
  const code = languageOf(asked)?.code;
  const language = LANGUAGES.find((language) => language.code === code);
  if (!language) return [];
  const { clauses } = saidIn(evidence);
  if (!clauses.some(({ denied }) => denied)) return [];
  const turned = new RegExp(TURNED, "u");
  return plain(claim).split(CLAUSE_END).filter((text) =>
    text && !NEGATIONS.get(language.code)!.test(text) && !turned.test(text) &&
    isDeniedThere(text, clauses)
  ).map((text) => ({ code: "finding_denied", detail: text.trim().slice(0, 80) }));
}

function isDeniedThere(text: string, clauses: Clause[]): boolean {
  const concepts = conceptsIn(text);
  const named = namedIn(text).filter((word) => !COMMON.has(word) && conceptsIn(word).length === 0);
  const things = [
    ...concepts.map((concept) => ({ concepts }: Clause) => concepts.has(concept)),
    ...named.map((word) => ({ roots }: Clause) => roots.has(root(word))),
  ];
  const found = things.map((isIn) => clauses.filter(isIn)).filter((places) => places.length > 0);
  return found.length > 0 && found.length * 2 >= things.length &&
    found.every((places) => places.every(({ denied }) => denied));
}
