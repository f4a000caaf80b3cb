/** Which words of a text are denied, and which are asked, by its clauses. */
import { conceptsIn } from "./concepts.ts";
import {
  AND_YET,
  ANY_NEGATION,
  ASKS,
  CLAUSE_END,
  CONDITION,
  negationOf,
  NEXT,
  NO_DENIAL,
  STARTS_WITH_NO,
  YES,
  YES_NO,
} from "./denial_words.ts";
import { normalize, stem, words } from "./text.ts";

/** What a clause says of the things that it names; null: it asks. */
export interface Clause {
  text: string;
  denied: boolean | null;
  /** By a "no" that answers alone: "No, it's better" may be about something else. */
  answers?: boolean;
  concepts: Set<string>;
  stems: Set<string>;
  /** Longer than a stem: "numb" is no number. */
  roots: Set<string>;
}

export const root = (word: string) => word.replace(/(?:ing|ed|es|e|s)$/, "").slice(0, 7);

/** With straight apostrophes, as `don't` is listed. */
export const plain = (text: string) => normalize(text).replaceAll("’", "'");

interface Sentence {
  text: string;
  asks: boolean;
}

function sentencesOf(text: string): Sentence[] {
  return (text.match(/[^.?!।]+(?:[.?!।]+(?!\d)|(?=[.?!।]\d)[.]|$)/gu) ?? [])
    .map((sentence) => sentence.trim()).filter((sentence) => sentence !== "")
    .map((sentence) => ({
      text: sentence,
      // Speech without marks runs on: a question's beginning says little of the rest.
      asks: sentence.endsWith("?") || (sentence.length < 150 && ASKS().test(sentence)),
    }));
}

/** Without words that hold a "no" and deny nothing. */
export const withoutIdioms = (text: string) => text.replace(NO_DENIAL(), " ");

/** What may come about isn't denied, either: "ring if it's no better". */
const bareOf = (text: string) => withoutIdioms(text).replace(CONDITION(), " ");

const denies = (text: string): boolean => ANY_NEGATION().test(bareOf(text));

function clause(text: string, denied: boolean | null): Clause {
  const said = words(text);
  return {
    text,
    denied,
    concepts: new Set(conceptsIn(text)),
    stems: new Set(said.map(stem)),
    roots: new Set(said.map(root)),
  };
}

/** Speech without marks: what people say between two thoughts is all that tells them apart. */
const RUN_ON = 150;
const FILLERS = /(?<!\p{L})(?:okay|ok|alright|um|uh|so|yeah|yes|and|och|und|aur|और)(?!\p{L})/u;
const TURNS =
  /(?<!\p{L})(?:okay|ok|alright|yeah|yes)(?!\p{L})| (?=there(?:'s| is| are| was| were) (?!any))/u;

const ANSWER = /^(?:(?:uh|um|oh|well)[,. ]+)*(?:no|nope|nah|nej|nein|nahi|nahin|नहीं), (?=\p{L})/u;

/** A sentence that asks nothing, clause by clause. */
function told(sentence: string): Clause[] {
  return sentence.split(CLAUSE_END()).flatMap((part) => part?.split(NEXT()) ?? [])
    .flatMap((part) => sentence.length > RUN_ON ? part.split(TURNS) : [part])
    .flatMap((part) => part.length > RUN_ON ? part.split(FILLERS) : [part]).filter(Boolean)
    .flatMap((part) => {
      const bare = bareOf(part);
      // English says "no" before what it denies; "isn't", "has not" deny what stands before them, too.
      const no =
        /(?<![\p{L}'-])(?:no|none|nope|nothing|nor|without|denies|denied|nil|neither)(?![\p{L}'-])/u
          .exec(bare);
      if (no && no.index > 0 && negationOf("en").test(bare)) {
        return [
          clause(bare.slice(0, no.index), denies(bare.slice(0, no.index))),
          clause(bare.slice(no.index), true),
        ];
      }
      return [{ ...clause(part, denies(part)), answers: !denies(part.replace(ANSWER, "")) }];
    });
}

/** "You don't smoke, do you?" – "Right.": assent to what is denied. */
const ASSENTED = /(?<![\p{L}])(?:right|correct|yeah|eller hur|stimmt's|oder|na|ना)\??$/u;

/** What was said after a question answers it; true: it denies. */
function answered(question: string, answer: string): boolean | null {
  if (answer === "") return null;
  if (YES().test(answer) && !YES_NO().test(answer)) {
    return ASSENTED.test(question) && ANY_NEGATION().test(question);
  }
  if (!denies(answer)) return null;
  // What comes much later is another story.
  const rest = AND_YET().exec(answer.slice(0, 80));
  if (!rest) return true;
  // "Now and then on the right, not on the left."
  if (rest.groups?.sometimes && rest.index < ANY_NEGATION().exec(answer)!.index) return false;
  const but = answer.slice(rest.index);
  // "No, but I have a cough" says nothing against it; "no, but sometimes" does.
  const others = conceptsIn(but).filter((concept) => !conceptsIn(question).includes(concept));
  return others.length > 0 || denies(but);
}

const isNo = (sentence?: Sentence) =>
  sentence !== undefined && !sentence.asks && STARTS_WITH_NO().test(sentence.text);

/** The clauses of what was said, in its order: a question's things are denied when its answer says so. */
export function clausesOf(texts: string[]): Clause[] {
  const turns = texts.map((text) => sentencesOf(plain(text)));
  return turns.flatMap((sentences, turn) =>
    sentences.flatMap(({ text, asks }, at) => {
      const next = turns.slice(turn + 1).find((turn) => turn.some(({ asks }) => !asks))
        ?.map(({ text }) => text).join(" ") ?? "";
      const last = at === sentences.length - 1;
      if (
        !asks && !(last && !denies(text) && isNo(turns[turn + 1]?.[0]))
      ) return told(text);
      const rest = sentences.slice(at + 1);
      const answer = rest.every(({ asks }) => asks) ? next : rest.map(({ text }) => text).join(" ");
      const denied = answered(text, answer);
      // Of two questions, a yes is to the second.
      const of = denied === false && rest[0]?.asks ? null : denied;
      return text.split(CLAUSE_END()).filter(Boolean).map((part) =>
        asked(clause(part, of), answer)
      );
    })
  );
}

/** "I thought I had a fever, but no." */
const AFTER_ALL =
  /(?:but|men|aber|lekin|लेकिन|par|पर),? (?:no|nej|nein|nahi|nahin|नहीं)(?=[.,!।]|$)/u;

const PLAIN_NO =
  /^(?:(?:uh|um|oh|well)[,. ]+)*(?:no|nope|nah|nej|nein|nahi|nahin|नहीं)(?=[.,!।]|$)/u;

/** What the answer itself names is said there: "Smoke or drink?" – "I don't smoke, I do drink." */
function asked(question: Clause, answer: string): Clause {
  if (AFTER_ALL.test(answer) || PLAIN_NO.test(answer)) return question;
  const { concepts, stems, roots } = clause(answer.slice(0, 300), null);
  return {
    ...question,
    concepts: question.concepts.difference(concepts),
    stems: question.denied ? question.stems : question.stems.difference(stems),
    roots: question.roots.difference(roots),
  };
}
