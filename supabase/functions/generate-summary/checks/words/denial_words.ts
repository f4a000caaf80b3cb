/** The words that deny, answer and ask, in the languages of `languages.ts`; patterns. */
import { once } from "../../core/lazily.ts";
import { LANGUAGES } from "./languages.ts";
import { LETTERS, whole } from "./text.ts";

const anyOf = (list: string[]) => `(?<![${LETTERS}'-])(?:${list.join("|")})(?![${LETTERS}'-])`;
const negations = once(() =>
  new Map(LANGUAGES.map(({ code, negations }) => [code, new RegExp(anyOf(negations), "u")]))
);
/** What denies in a listed language. */
export const negationOf = (code: string) => negations().get(code)!;
export const ANY_NEGATION = once(() =>
  new RegExp(anyOf(LANGUAGES.flatMap(({ negations }) => negations)), "u")
);
/** Ends of sentences, and "but". */
export const CLAUSE_END = once(() =>
  new RegExp(`[.;!?।]+(?=\\s|$)|,? ?${anyOf(LANGUAGES.flatMap(({ but }) => but))}`, "gu")
);

/** Holds a word that denies, and denies nothing. */
export const NO_DENIAL = once(() =>
  new RegExp(
    whole(
      "(?:try|tries|trying|tried|prefers?|hopes?|hoping|careful) not to|not (?:only|sure|certain|bad)|(?:don't|didn't|do not) (?:know|remember|think so)|can't (?:remember|recall|tell|say)|" +
        "no (?:problem|worries)|without (?:difficulty|abnormality|abnormalities)|utan anmärkning|ohne (?:pathologischen )?befund|inte säker|vet inte|nicht sicher|weiß nicht|nicht nur|pata nahi|पता नहीं|hai na|है ना",
    ),
    "gu",
  )
);
/** As far as its comma. */
export const CONDITION = once(() =>
  new RegExp(`${whole("if|unless|om|ifall|wenn|falls|agar|yadi|अगर|यदि")} [^,]*`, "gu")
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
export const YES = once(() =>
  new RegExp(
    `^(?:(?:oh|um|uh|uhm|well|so|hm|mm|ah|åh|äh|ähm|naja|arre)[,. ]+)*` +
      whole(
        "yes|yeah|yep|yup|yah|ya|sure|right|correct|sometimes|occasionally|often|a bit|a little|some|just|only|i do|i did|i have|i am|ja|jo|jodå|japp|jepp|ibland|lite|bara|jawohl|doch|manchmal|etwas|ein bisschen|nur|haan|han|haa|ji|ji haan|kabhi|thoda|sirf|bas|हाँ|हां|हा|जी|जी हाँ|जी हां|कभी|थोड़ा|थोड़ी|सिर्फ|sí|oui|parfois|a veces",
      ),
    "u",
  )
);
/** "Yeah, no." */
export const YES_NO = once(() =>
  new RegExp(
    `^(?:yes|yeah|ja|haan|ji|हाँ|जी)[,. ]+${whole("no|nope|nej|nein|nahi|nahin|नहीं")}`,
    "u",
  )
);
export const STARTS_WITH_NO = once(() =>
  new RegExp(
    `^(?:(?:oh|um|uh|well|hm|mm|yes|yeah|ja|ji|जी)[,. ]+)*` +
      whole(
        "no|nope|nah|none|never|not|neither|nothing|nej|inte|inget|ingen|aldrig|nein|nie|kein|keine|nicht|nahi|nahin|na|नहीं|नही|ना|non|nada",
      ),
    "u",
  )
);
const SOMETIMES = whole(
  "sometimes|occasionally|now and then|once in a while|a (?:bit|little)|ibland|lite|manchmal|gelegentlich|kabhi|kabhi kabhi|thoda|कभी|थोड़ा|थोड़ी",
);
/** After a "no": something of it all the same. */
export const AND_YET = once(() =>
  new RegExp(`${anyOf(LANGUAGES.flatMap(({ but }) => but))}|(?<sometimes>${SOMETIMES})`, "u")
);
export const ASKS = once(() =>
  new RegExp(
    `^(?:(?:and|okay|ok|so|now|all right|alright|well|och|und|aur|और)[,. ]+)*` +
      whole(
        "any|do you|did you|have you|are you|is there|are there|was there|were you|does|how about|what about|can you|har du|är du|röker du|tar du|haben sie|hast du|sind sie|nehmen sie|kya|क्या",
      ),
    "u",
  )
);
