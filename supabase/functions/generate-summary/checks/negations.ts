/** What is denied: "no known allergies", "कोई एलर्जी नहीं"; and what the evidence denies. */
import type { Segment } from "../core/domain.ts";
import { guessLanguage } from "./language.ts";
import { conceptsIn } from "./words/concepts.ts";
import { CLAUSE_END, negationOf, NEXT } from "./words/denial_words.ts";
import { type Clause, clausesOf, plain, root, withoutIdioms } from "./words/denials.ts";
import { type Language, languageOf, LANGUAGES, LITTLE } from "./words/languages.ts";
import { stem, whole, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** Words of statements that name nothing which could be compared. */
const EMPTY = new Set(
  ("known other further history complaint complaints symptoms symptom problem problems change " +
    "changes patient reported reports noted mentioned currently present previous significant any " +
    "moment time now today nu just gerade zurzeit derzeit aktuell such there kända andra några besvär patienten symtom bekannt bekannte bekannten weitere " +
    "beschwerden patientin").split(" "),
);

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
  return withoutIdioms(plain(claim)).split(CLAUSE_END())
    // Where "not" may stand at the end, a comma is all that tells how far back it reaches.
    .flatMap((clause) => language.deniesForward ? [clause] : clause.split(/,\s/))
    .filter((clause) =>
      negationOf(language.code).test(clause) &&
      !CONDITION.test(clause.slice(0, negationOf(language.code).exec(clause)!.index)) &&
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
  const negation = negationOf(language.code);
  const at = language.deniesForward ? negation.exec(text)!.index : 0;
  const reach = text.slice(at).split(NEXT()).find((part) => negation.test(part)) ?? text;
  const concepts = conceptsIn(reach);
  if (concepts.length > 0) {
    const core = conceptsIn(reach.replace(MODIFIER, " "));
    const rest = namedIn(text).filter((word) => conceptsIn(word).length === 0);
    return concepts.every((concept) =>
      denied.some(({ concepts }) => concepts.has(concept)) ||
      (clauses.some(({ concepts }) => concepts.has(concept))
        ? core.length > 0 && !core.includes(concept)
        // "It": named before; the rest of the sentence is there.
        : denied.some(({ stems }) => rest.filter((word) => stems.has(stem(word))).length > 1))
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
  "non|no|defer(?:s|red)?|postponed?|hold|withhold|free|absent|absence|unable|negative|normal|unremarkable|clear|stopped|stops?|avoids?|avoided|discontinued?|resolved|" +
    "fine|well|intact|unchanged|only|except|apart|instead|refuses?|refused|declines?|declined|rule out|excludes?|exclude|screen(?:ing)?|tests?|if|" +
    "fri|normalt?|utan anmärkning|ua|slutat|slutade|undvik|undviker|negativt?|bara|om|unauffällig|frei|normal|" +
    "abgesetzt|vermeiden|negativ|nur|wenn|lehnt|band|बंद|सामान्य|normal|sirf|सिर्फ",
);

/** Before what is found, and before where it is. */
const VERB = new RegExp(
  whole(
    "shows?|showed|reveals?|demonstrates?|reports?|reported|has|have|had|is|are|was|were|with|positive for|endorses|" +
      "har|hade|är|visar|uppger|med|hat|hatte|ist|sind|zeigt|berichtet|mit",
  ),
  "u",
);
const SIGNS = new RegExp(
  `${whole("history|evidence|(?:any )?signs?|symptoms?|tecken|anamnes|hinweise?|zeichen")} ${
    whole("of|på|för|auf|von|für")
  }`,
  "gu",
);
const PLACE = new RegExp(whole("in|of|on|over|at|i|på|vid|im|am|an|bei|von"), "u");

/** Stands in findings of every kind. */
const COMMON = new Set(
  ("has have had does did with and the that this there evidence history some any also now very more " +
    "sign signs left right both area areas time times day days week weeks month months year years today")
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
  const turned = new RegExp(`^ ?to |${TURNED}`, "u");
  return plain(claim).split(CLAUSE_END()).flatMap((part) => part?.split(NEXT()) ?? [])
    .flatMap((part) => statedIn(part, negationOf(language.code)))
    .filter((text) =>
      // What is measured was found.
      !/\d/.test(text) && !turned.test(text) &&
      text.replace(SIGNS, " ").split(VERB).flatMap((part) => part.split(PLACE)[0]).some((part) =>
        isDeniedThere(part, clauses)
      )
    ).map((text) => ({ code: "finding_denied", detail: text.trim().slice(0, 80) }));
}

/** What a clause states: not what a "no" reaches, nor a heading. */
function statedIn(clause: string, negation: RegExp): string[] {
  const pieces = clause.split(/, |(?<=:) /).filter((piece) => piece !== "");
  const no = pieces.findIndex((piece) => negation.test(piece));
  if (no < 0) return pieces.filter((piece) => !piece.endsWith(":"));
  // "Asthma, not controlled": said of it.
  if (/^(?:not|inte|nicht)(?!\p{L})/u.test(pieces[no])) return [];
  // "Fever, none now": a denial that names nothing is of what stands before it.
  if (namedIn(pieces[no]).length === 0) return [];
  // Beside a denial a finding of the table alone is told from a turn of phrase.
  return pieces.slice(0, no).filter((piece) =>
    !piece.endsWith(":") && conceptsIn(piece).length > 0 && piece.length < 40
  );
}

function isDeniedThere(text: string, clauses: Clause[]): boolean {
  const concepts = conceptsIn(text);
  const named = namedIn(text).filter((word) => !COMMON.has(word) && conceptsIn(word).length === 0);
  const things = [
    ...concepts.map((concept) => ({ concepts }: Clause) => concepts.has(concept)),
    ...named.map((word) => ({ roots }: Clause) => roots.has(root(word))),
  ];
  const found = things.map((isIn) => clauses.filter((clause) => isIn(clause)))
    .filter((places) => places.length > 0);
  return found.length > 0 && found.length * 2 >= things.length &&
    found.every((places) =>
      places.some(({ denied, answers }) => denied && !answers) &&
      places.every(({ denied }) => denied !== false)
    );
}
