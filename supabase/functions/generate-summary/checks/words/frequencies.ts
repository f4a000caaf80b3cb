/** Reads how often: `twice a day`, `var 8:e timme`, `bei Bedarf`, `रात को`. */
import { once } from "../../core/lazily.ts";
import {
  ADVERBS,
  type Moment,
  MOMENTS,
  NEED,
  OTHER,
  PERIODS,
  REGULAR,
  SHORT,
} from "./frequency_words.ts";
import { LETTERS, NO_LETTER_BEHIND, whole } from "./text.ts";

export interface Frequency {
  /** Times a day: 1/7 of `once a week`; null where only a moment or a need is said. */
  rate: number | null;
  moment: Moment | "need" | "regular" | null;
  /** `daily`, `weekly`, `at night`: said without a number. */
  bare: boolean;
  said: string;
}

const names = (rows: [number, string][]) => rows.map(([, names]) => names).join("|");
const PERIOD = whole(names(PERIODS));
/** A day or longer: what is a minute's or an hour's is a pulse or a flow. */
const LONG = whole(names(PERIODS.filter(([days]) => days >= 1)));
const ADVERB = whole(names(ADVERBS));
const EVERY = whole(
  "every|each|var|varje|vart|alle|jede[nrs]?|har|हर|प्रति|cada|todos los|todas las|chaque|tous les|toutes les",
);
const TIMES =
  `(?:times|time|x|×|gånger|gång|ggr|ggn|mal|बार|baar|bar|veces|vez|fois)${NO_LETTER_BEHIND}`;
const A =
  "(?: ?/ ?| (?:(?:an?|per|each|every|in an?|i|om|per|am|pro|im|in der|die|al?|a la|por|par|में|mein) )?)";
const RANGE = "(?:-|–| to | or | till | eller | bis | oder | से | se | या | ya )";
const N = `(?<![\\d.])(\\d+(?:\\.\\d+)?)(?: ?${RANGE} ?(\\d+(?:\\.\\d+)?))?`;
const TH = "(?:st|nd|rd|th|:?e|:?a|\\.|te[rns]?)?";

const daysOf = lookup([...PERIODS, ...ADVERBS]);

function lookup(rows: [number, string][]): (name: string) => number {
  const known = new Map<string, number>();
  const patterns = rows.map(([days, names]): [number, RegExp] => [
    days,
    new RegExp(`^(?:${names.normalize("NFKC")})$`, "u"),
  ]);
  return (name) => {
    if (!known.has(name)) known.set(name, patterns.find(([, pattern]) => pattern.test(name))![0]);
    return known.get(name)!;
  };
}

const MOST =
  "(?:max|maximum|maximal|at most|no more than|not more than|högst|maximalt|höchstens|zyada se zyada|अधिकतम)\\.? (?:of )?";
const OF = "(?: ?/ ?| (?:an?|per|each|om|i|am|pro|im|in der|al?|a la|por|par) )";

/** A number, its unit, and of what. */
const SO_MUCH = `\\d(?: ?[${LETTERS}]+)?(?: [${LETTERS}]+){0,2}`;

type Reading = Omit<Frequency, "said">;
const rate = (value: number, bare = false): Reading => ({ rate: value, moment: null, bare });

/** In their order: what one has read, the next doesn't see. */
const patterns = once((): [RegExp, (groups: string[]) => Reading[]][] => [
  // Morning, noon, evening, and perhaps night.
  [
    /(?<![\d-])(\d)-(\d)-(\d)(?:-(\d))?(?![\d-])/g,
    ([, ...digits]) => [
      rate(digits.slice(0, 4).reduce((sum, digit) => sum + Number(digit ?? 0), 0)),
    ],
  ],
  // एक दिन छोड़कर: leaving out a day.
  [
    new RegExp(
      whole("(?:1|एक|ek) (?:दिन|din) (?:छोड़ ?कर|छोड़|chhod ?kar|chhod|chod ?kar|chod)"),
      "gu",
    ),
    () => [rate(1 / 2)],
  ],
  [
    new RegExp(`${whole(OTHER)} (${PERIOD})`, "gu"),
    ([, period]) => [rate(1 / (2 * daysOf(period)))],
  ],
  [
    new RegExp(`${N} ?${TIMES} (?:every|in|each|var|alle|på|हर|har) ${N} ?(${PERIOD})`, "gu"),
    ([, n, , m, , period]) => [rate(Number(n) / (Number(m) * daysOf(period)))],
  ],
  [
    new RegExp(`${N} ?${TIMES}${A}(${PERIOD}|${ADVERB})`, "gu"),
    ([, n, m, period]) => between(n, m, (n) => n / daysOf(period)),
  ],
  [
    new RegExp(`[x×] ?${N}${A}(${PERIOD}|${ADVERB})`, "gu"),
    ([, n, m, period]) => between(n, m, (n) => n / daysOf(period)),
  ],
  [
    new RegExp(`(${PERIOD}|${ADVERB}) (?:(?:में|mein|me|main|mai) )?${N} ?${TIMES}`, "gu"),
    ([, period, n, m]) => between(n, m, (n) => n / daysOf(period)),
  ],
  [
    new RegExp(`(?:${EVERY} ?|\\bq ?)${N}${TH} ?-?(${PERIOD})`, "gu"),
    ([, n, m, period]) => between(n, m, (n) => 1 / (n * daysOf(period))),
  ],
  [
    new RegExp(`${N}[ -]?${whole("hourly|stündlich")}`, "gu"),
    ([, n, m]) => between(n, m, (n) => 24 / n),
  ],
  ...SHORT.map(([form, rate, moment]): [RegExp, () => Reading[]] => [
    new RegExp(`(?<![${LETTERS}.\\d-])(?:${form})(?![${LETTERS}\\d-])`, "gu"),
    () => [{ rate, moment, bare: false }],
  ]),
  // "A few nights a week": less than each, and nobody knows how many.
  [
    new RegExp(
      `${
        whole("few|several|some|couple of|några|flera|ein paar|einige|mehrere|kuch|कुछ")
      } (?:${TIMES}|days|nights|mornings|evenings|dagar|kvällar|nätter|tage|abende|nächte|din|दिन)${A}(${LONG})`,
      "gu",
    ),
    ([, period]) => [rate(-1 / daysOf(period))],
  ],
  // "Two nights a week".
  [
    new RegExp(
      `${N} (?:days|nights|mornings|evenings|dagar|kvällar|nätter|tage|abende|nächte|din|दिन)${OF}(${LONG})`,
      "gu",
    ),
    ([, n, m, period]) => between(n, m, (n) => n / daysOf(period)),
  ],
  // Swedish prescriptions: "1 tablett x 3".
  [
    /(?<=(?:tablett(?:er)?|kaps(?:el|lar)|tabl?) ?)[x×] ?(\d)(?! ?(?:mg|g|ml|\d))/gu,
    ([, n]) => [rate(Number(n))],
  ],
  [new RegExp(whole(NEED), "gu"), () => [{ rate: null, moment: "need", bare: true }]],
  [new RegExp(whole(REGULAR), "gu"), () => [{ rate: null, moment: "regular", bare: true }]],
  // At most so much in a day is no frequency.
  [
    new RegExp(`(${LONG}|${ADVERB})(?<=${MOST}${SO_MUCH}${A}\\1)`, "gu"),
    () => [],
  ],
  // "2 a day", "20 mg per day": the number stays where it is.
  [
    new RegExp(`(${LONG})(?<=${SO_MUCH}${OF}\\1)(?! (?:ago|later|off|old|before|after))`, "gu"),
    ([, period]) => [rate(1 / daysOf(period), true)],
  ],
  [
    new RegExp(`(?:${EVERY}|${whole("per")}) (?:single )?(${LONG})`, "gu"),
    ([, period]) => [rate(1 / daysOf(period), true)],
  ],
  [new RegExp(`(${ADVERB})`, "gu"), ([, period]) => [rate(1 / daysOf(period), true)]],
]);

const between = (n: string, m: string | undefined, value: (n: number) => number): Reading[] =>
  [n, m].filter((one) => one !== undefined).map((one) => rate(value(Number(one))));

const NOT_A_HABIT =
  "(?<!(?:this|that|last|yesterday|tomorrow|one|other|monday|tuesday|wednesday|thursday|friday|saturday|sunday|i|igår|imorgon|idag|heute|gestern|morgen|all|in) )";
const HABIT =
  /(?:^|[,;(]|(?<!\p{L})(?:every|each|the|at|before|with|after|and|or|varje|på|till|före|vid|om|och|jeden|am|der|zur|zum|dem|und|har|aur|la|le)) ?$/u;
const ADVERBIAL =
  /^(?:nightly|bedtime|morgens|abends|nachts|mittags|subah|savere|raat|shaam|sham|sone|dopahar|dopeher)$/;

const momentPatterns = once(() =>
  MOMENTS.map(([moment, names]): [Moment, RegExp] => [
    moment,
    new RegExp(NOT_A_HABIT + whole(names), "gu"),
  ])
);

/**
 * The frequencies of a normalized text whose numbers are digits, and the text without them.
 * `20 mg a day` keeps its 20 mg.
 */
export function frequenciesIn(text: string): { found: Frequency[]; rest: string } {
  const found: Frequency[] = [];
  let rest = text;
  for (const [pattern, read] of patterns()) {
    rest = rest.replace(pattern, (...said) => {
      found.push(
        ...read(said).filter(({ rate }) => rate === null || Number.isFinite(rate))
          .map((reading) => ({ ...reading, said: said[0].trim() })),
      );
      return " ; ";
    });
  }
  for (const [moment, pattern] of momentPatterns()) {
    for (const { 0: said, index } of rest.matchAll(pattern)) {
      // `a night nurse` is none: where a language has a word before it.
      const bare = !/[a-z]/.test(said) || HABIT.test(rest.slice(0, index)) || ADVERBIAL.test(said);
      found.push({ rate: null, moment, bare, said });
    }
  }
  return { found, rest };
}
