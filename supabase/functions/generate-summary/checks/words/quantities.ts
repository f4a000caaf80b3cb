/** Reads numbers with their units out of text: doses, measurements, frequencies, durations. */
import { withDigits } from "./number_words.ts";
import { normalize } from "./text.ts";
import { UNIT_PATTERN, unitOf } from "./units.ts";

export interface Quantity {
  /** As it is written: 2 of `2 weeks`. */
  number: number;
  /** In `unit`: 14 of `2 weeks`. */
  value: number;
  /** null: a bare number. */
  unit: string | null;
  said: string;
}

const END = "(?![\\p{L}\\p{M}])";
/** Not the 12 of `B12`, nor the 19 of `covid-19`. */
const NUMBER = "(?<![\\p{L}\\d.]|\\p{L}-)(\\d+(?:\\.\\d+)?)";
const PER = "(?: ?/ ?| per | a | an | pro | om | in der | por | par )";
const DAY = "(?:day|daily|dag|dagen|dagligen|dygn|dygnet|tag|täglich|दिन|din|roz|रोज|रोज़|día|jour)";

/** Ways to say how often a day, made `n times a day`. */
const FREQUENCIES: [RegExp, string][] = [
  [/\b(?:od|qd)\b/g, "1 times a day"],
  [/\b(?:bd|bid|b\.i\.d)\b/g, "2 times a day"],
  [/\b(?:tds|tid|t\.i\.d)\b/g, "3 times a day"],
  [/\b(?:qid|qds|q\.i\.d)\b/g, "4 times a day"],
  [/\bq(\d+)h\b/g, "every $1 hours"],
  [new RegExp(`${DAY} (?:में |mein |me )?(\\d+) (?:बार|baar|bar)${END}`, "gu"), "$1 times a day"],
  [
    new RegExp(
      `(?<!\\d)(\\d+) ?(?:times|x|×|gånger|gång|mal|बार|baar|bar|veces|vez|fois)` +
        `(?: a| per| each| every| i| om| am| pro| al| par| in)? ${DAY}${END}`,
      "gu",
    ),
    "$1 times a day",
  ],
];

/** `1-0-1`: morning, noon, evening, and perhaps night. */
const PATTERN_OF_DAY = /(?<![\d-])(\d)-(\d)-(\d)(?:-(\d))?(?![\d-])/g;
/** `140/90`, `140 over 90`, `7 out of 10`: one quantity; its unit hardly anybody says. */
const PAIR = new RegExp(
  `(?<!/)${NUMBER} ?(?:/|over|by|out of|på|över|av|zu|von|auf|bata|बटा|sobre|sur|में से) ?(\\d+(?:\\.\\d+)?)` +
    `(?: ?mm ?hg${END})?(?![\\d/])`,
  "gu",
);
const TEMPERATURE = new RegExp(
  `${NUMBER} ?(?:°|degrees?|grader|grad|डिग्री|degree)? ?(c|f|celsius|fahrenheit|सेल्सियस|फारेनहाइट)${END}|` +
    `${NUMBER} ?(?:°|degrees?|grader|grad|डिग्री)${END}`,
  "gu",
);
const TIMES_A_DAY = /(?<![\d.])(\d+(?:\.\d+)?) times a day/g;
const SIMPLE = new RegExp(
  `${NUMBER}(?:(?:st|nd|rd|th)\\b)?(?:[ -]?(?:an? )?(${UNIT_PATTERN})` +
    `(?:${PER}(${UNIT_PATTERN}))?${END})?`,
  "gu",
);

/** The quantities of a text in the order of their kinds; each piece of text counts once. */
export function quantitiesIn(text: string): Quantity[] {
  const found: Quantity[] = [];
  let rest = withDigits(normalize(text))
    // An age.
    .replace(/(?<=\d)[ -]years?[ -]old\b/g, "")
    .replace(/(\d) ?⁄ ?(\d)/g, "$1/$2")
    .replace(/(?<![\d/])([13])\/([24])(?![\d/])/g, (_, a, b) => String(a / b));
  for (const [pattern, plain] of FREQUENCIES) rest = rest.replace(pattern, plain);

  function take(pattern: RegExp, read: (match: string[]) => [number, string | null, number?]) {
    rest = rest.replace(pattern, (said, ...groups) => {
      const [number, unit, value = number] = read([said, ...groups]);
      found.push({ number, value, unit, said: said.trim() });
      return " ; ";
    });
  }
  take(
    PATTERN_OF_DAY,
    ([, ...digits]) => [
      digits.slice(0, 4).reduce((sum, digit) => sum + Number(digit ?? 0), 0),
      "times/day",
    ],
  );
  take(TIMES_A_DAY, ([, value]) => [Number(value), "times/day"]);
  take(PAIR, ([, value, other]) => [Number(value), `/${Number(other)}`]);
  take(TEMPERATURE, ([, value, scale, bare]) => {
    const degrees = Number(value ?? bare);
    // Nobody says which when only one can be meant of a body.
    const fahrenheit = scale ? /^[fफ]/.test(scale) : degrees > 60;
    return [degrees, fahrenheit ? "°F" : "°C"];
  });
  take(SIMPLE, ([, value, unit, per]) => measured(Number(value), unit, per));
  return found;
}

function measured(number: number, unit?: string, per?: string): [number, string | null, number?] {
  const known = unit === undefined ? undefined : unitOf(unit);
  if (!known) return [number, null];
  const [name, factor] = known;
  const below = per === undefined ? undefined : unitOf(per);
  // A pulse is a minute's, said or not.
  if (!below || name === "beat") return [number, name, number * factor];
  return [number, `${name}/${below[0]}`, number * factor / below[1]];
}
