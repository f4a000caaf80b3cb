/** Reads numbers with their units out of text: doses, measurements, durations; and how often. */
import { frequenciesIn, type Frequency } from "./frequencies.ts";
import { withDigits } from "./number_words.ts";
import { type Decimal, LETTERS, NO_LETTER_BEHIND, normalize } from "./text.ts";
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

/** Not the 12 of `B12`, nor the 19 of `covid-19`. */
const NUMBER = `(?<![${LETTERS}\\d.]|[${LETTERS}]-)(\\d+(?:\\.\\d+)?)`;
const PER = "(?: ?/ ?| per | a | an | pro | om | in der | por | par )";
/** `140/90`, `140 over 90`, `7 out of 10`: one quantity; its unit hardly anybody says. */
const PAIR = new RegExp(
  `(?<!/)${NUMBER} ?(?:/|over|by|out of|på|över|av|zu|von|auf|bata|बटा|sobre|sur|में से) ?(\\d+(?:\\.\\d+)?)` +
    `(?: ?mm ?hg${NO_LETTER_BEHIND})?(?![\\d/])`,
  "gu",
);
const TEMPERATURE = new RegExp(
  `${NUMBER} ?(?:°|degrees?|grader|grad|डिग्री|degree)? ?(c|f|celsius|fahrenheit|सेल्सियस|फारेनहाइट)${NO_LETTER_BEHIND}|` +
    `${NUMBER} ?(?:°|degrees?|grader|grad|डिग्री)${NO_LETTER_BEHIND}`,
  "gu",
);
const SIMPLE = new RegExp(
  `${NUMBER}(?:(?:st|nd|rd|th)\\b)?(?:[ -]?(?:an? )?(${UNIT_PATTERN})` +
    `(?:${PER}(${UNIT_PATTERN}))?${NO_LETTER_BEHIND})?`,
  "gu",
);

const AGE = new RegExp(
  `(?<=\\d)(?:[ -]years?[ -]old| years? of age| års ålder| år gam| jahren? alt| (?:साल|वर्ष) की उम्र| saal ki umar)`,
  "gu",
);
/** `6 to 8 hours`: the unit is of both. */
const TO = new RegExp(
  `(?<![\\d./])(\\d+(?:\\.\\d+)?) ?(?:-|–|,|to|or|till|eller|bis|oder|से|se|ya) ?(\\d+(?:\\.\\d+)?) ?(${UNIT_PATTERN})${NO_LETTER_BEHIND}`,
  "gu",
);

/**
 * The quantities of a text in the order of their kinds, and its frequencies; each piece of text
 * counts once.
 */
export function quantitiesIn(
  text: string,
  decimal?: Decimal,
): { quantities: Quantity[]; frequencies: Frequency[] } {
  const quantities: Quantity[] = [];
  const plain = withDigits(normalize(text, decimal))
    // An age.
    .replace(AGE, "")
    .replace(/(\d) ?⁄ ?(\d)/g, "$1/$2")
    .replace(/(?<![\d/])([13])\/([24])(?![\d/])/g, (_, a, b) => String(a / b));
  const frequencies = frequenciesIn(plain);
  let rest = frequencies.rest.replace(TO, "$1 $3 – $2 $3");

  function take(pattern: RegExp, read: (match: string[]) => [number, string | null, number?]) {
    rest = rest.replace(pattern, (said, ...groups) => {
      const [number, unit, value = number] = read([said, ...groups]);
      quantities.push({ number, value, unit, said: said.trim() });
      return " ; ";
    });
  }
  take(PAIR, ([, value, other]) => [Number(value), `/${Number(other)}`]);
  take(TEMPERATURE, ([, value, scale, bare]) => {
    const degrees = Number(value ?? bare);
    // Nobody says which when only one can be meant of a body.
    const fahrenheit = scale ? /^[fफ]/.test(scale) : degrees > 60;
    return [degrees, fahrenheit ? "°F" : "°C"];
  });
  take(SIMPLE, ([, value, unit, per]) => measured(Number(value), unit, per));
  return { quantities, frequencies: frequencies.found };
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
