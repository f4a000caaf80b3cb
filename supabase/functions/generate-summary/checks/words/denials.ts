/** Which words of a text are denied, and which are asked, by its clauses. */
import { once } from "../../core/lazily.ts";
import { conceptsIn } from "./concepts.ts";
import { LANGUAGES } from "./languages.ts";
import { LETTERS, normalize, stem, whole, words } from "./text.ts";

/** What a clause says of the things that it names; null: it asks. */
export interface Clause {
  text: string;
  denied: boolean | null;
  concepts: Set<string>;
  stems: Set<string>;
  /** Longer than a stem: "numb" is no number. */
  roots: Set<string>;
}

export const root = (word: string) => word.replace(/(?:ing|ed|es|s)$/, "").slice(0, 7);

/** With straight apostrophes, as `don't` is listed. */
export const plain = (text: string) => normalize(text).replaceAll("’", "'");

const anyOf = (list: string[]) => `(?<![${LETTERS}'-])(?:${list.join("|")})(?![${LETTERS}'-])`;
const negations = once(() =>
  new Map(LANGUAGES.map(({ code, negations }) => [code, new RegExp(anyOf(negations), "u")]))
);
/** What denies in a listed language. */
export const negationOf = (code: string) => negations().get(code)!;
const ANY_NEGATION = once(() =>
  new RegExp(anyOf(LANGUAGES.flatMap(({ negations }) => negations)), "u")
);
/** Ends of sentences, and "but". */
export const CLAUSE_END = once(() =>
  new RegExp(`[.;!?।]+(?=\\s|$)|,? ?${anyOf(LANGUAGES.flatMap(({ but }) => but))}`, "gu")
);

/** Holds a word that denies, and denies nothing. */
const NO_DENIAL = once(() =>
  new RegExp(
    whole(
      "(?:try|tries|trying|tried|prefers?|hopes?|hoping|careful) not to|not (?:only|sure|certain|bad)|(?:don't|didn't|do not) (?:know|remember|think so)|can't (?:remember|recall|tell|say)|" +
        "no (?:problem|worries)|without (?:difficulty|abnormality|abnormalities)|utan anmärkning|ohne (?:pathologischen )?befund|inte säker|vet inte|nicht sicher|weiß nicht|nicht nur|pata nahi|पता नहीं|hai na|है ना",
    ),
    "gu",
  )
);
/** Where another thing begins to be said of somebody. */
export const NEXT = once(() =>
  new RegExp(
    `, (?=(?:so|så|also|toh?|तो)(?!\\p{L}))|` +
      `,? (?=(?:and|so|och|und|aur|और) (?:i|i'm|i've|he|she|it|it's|they|we|you|there|that|then|no|not|never|has|have|reports|jag|han|hon|det|har|ingen|inget|inga|inte|ich|er|sie|es|hat|habe|kein|keine|nicht)(?!\\p{L}))|` +
      `, (?=(?:no|nothing|never|inga|ingen|inget|aldrig|kein|keine|keinen|nie|sin) \\p{L})|` +
      `, (?=(?:i|i'm|i've|he|she|it|it's|they|we|you|there|that|that's|just|only|which|because|has|have|reports|with|jag|det|bara|har|ich|es|nur|hat|habe|sondern|bas|sirf|बस|सिर्फ)(?!\\p{L}))|` +
      ` (?=(?:because|since|unless|until|though|eftersom|weil|obwohl|kyunki|क्योंकि)(?!\\p{L}))`,
    "gu",
  )
);
const YES = once(() =>
  new RegExp(
    `^(?:(?:oh|um|uh|uhm|well|so|hm|mm|ah|åh|äh|ähm|naja|arre)[,. ]+)*` +
      whole(
        "yes|yeah|yep|yup|yah|ya|sure|right|correct|sometimes|occasionally|often|a bit|a little|some|just|only|i do|i did|i have|i am|ja|jo|jodå|japp|jepp|ibland|lite|bara|jawohl|doch|manchmal|etwas|ein bisschen|nur|haan|han|haa|ji|ji haan|kabhi|thoda|sirf|bas|हाँ|हां|हा|जी|जी हाँ|जी हां|कभी|थोड़ा|थोड़ी|सिर्फ|sí|oui|parfois|a veces",
      ),
    "u",
  )
);
/** "Yeah, no." */
const YES_NO = once(() =>
  new RegExp(
    `^(?:yes|yeah|ja|haan|ji|हाँ|जी)[,. ]+${whole("no|nope|nej|nein|nahi|nahin|नहीं")}`,
    "u",
  )
);
const STARTS_WITH_NO = once(() =>
  new RegExp(
    `^(?:(?:oh|um|uh|well|hm|mm|yes|yeah|ja|ji|जी)[,. ]+)*` +
      whole(
        "no|nope|nah|none|never|not|neither|nothing|nej|inte|inget|ingen|aldrig|nein|nie|kein|keine|nicht|nahi|nahin|na|नहीं|नही|ना|non|nada",
      ),
    "u",
  )
);
/** After a "no": something of it all the same. */
const AND_YET = once(() =>
  new RegExp(
    `${anyOf(LANGUAGES.flatMap(({ but }) => but))}|` +
      whole(
        "sometimes|occasionally|now and then|once in a while|a (?:bit|little)|ibland|lite|manchmal|gelegentlich|kabhi|kabhi kabhi|thoda|कभी|थोड़ा|थोड़ी",
      ),
    "u",
  )
);
const ASKS = once(() =>
  new RegExp(
    `^(?:(?:and|okay|ok|so|now|all right|alright|well|och|und|aur|और)[,. ]+)*` +
      whole(
        "any|do you|did you|have you|are you|is there|are there|was there|were you|does|how about|what about|can you|har du|är du|röker du|tar du|haben sie|hast du|sind sie|nehmen sie|kya|क्या",
      ),
    "u",
  )
);

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

const denies = (text: string): boolean => ANY_NEGATION().test(withoutIdioms(text));

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

/** A sentence that asks nothing, clause by clause. */
function told(sentence: string): Clause[] {
  return sentence.split(CLAUSE_END()).flatMap((part) => part?.split(NEXT()) ?? [])
    .flatMap((part) => sentence.length > RUN_ON ? part.split(TURNS) : [part])
    .flatMap((part) => part.length > RUN_ON ? part.split(FILLERS) : [part]).filter(Boolean)
    .flatMap((part) => {
      const bare = part.replace(NO_DENIAL(), " ");
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
      return [clause(part, ANY_NEGATION().test(bare))];
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
  const but = answer.slice(rest.index);
  // "No, but I have a cough" says nothing against it; "no, but sometimes" does.
  const others = conceptsIn(but).filter((concept) => !conceptsIn(question).includes(concept));
  return others.length > 0 || denies(but);
}

/** The clauses of what was said, in its order: a question's things are denied when its answer says so. */
export function clausesOf(texts: string[]): Clause[] {
  const turns = texts.map((text) => sentencesOf(plain(text)));
  return turns.flatMap((sentences, turn) =>
    sentences.flatMap(({ text, asks }, at) => {
      const next = turns.slice(turn + 1).find((turn) => turn.some(({ asks }) => !asks))
        ?.map(({ text }) => text).join(" ") ?? "";
      const last = at === sentences.length - 1;
      if (
        !asks && !(last && !denies(text) && STARTS_WITH_NO().test(turns[turn + 1]?.[0]?.text ?? ""))
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
