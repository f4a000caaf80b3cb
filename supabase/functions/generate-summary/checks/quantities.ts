/** Numbers with their units: doses, measurements, frequencies, durations. */
import type { Segment } from "../domain.ts";
import { withDigits } from "./number_words.ts";
import { normalize } from "./text.ts";
import { UNIT_PATTERN, unitOf } from "./units.ts";
import type { Warning } from "./warnings.ts";

interface Quantity {
  value: number;
  /** null: a bare number. */
  unit: string | null;
  said: string;
}

const END = "(?![\\p{L}\\p{M}])";
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
      `(\\d+) ?(?:times|x|×|gånger|gång|mal|बार|baar|bar|veces|vez|fois)` +
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
const TIMES_A_DAY = /(\d+(?:\.\d+)?) times a day/g;
const SIMPLE = new RegExp(
  `${NUMBER}(?:(?:st|nd|rd|th)\\b)?(?:[ -]?(?:an? )?(${UNIT_PATTERN})` +
    `(?:${PER}(${UNIT_PATTERN}))?${END})?`,
  "gu",
);

/** The quantities of a text in the order of their kinds; each piece of text counts once. */
export function quantitiesIn(text: string): Quantity[] {
  const found: Quantity[] = [];
  let rest = withDigits(normalize(text))
    .replace(/(\d) ?⁄ ?(\d)/g, "$1/$2")
    .replace(/(?<![\d/])([13])\/([24])(?![\d/])/g, (_, a, b) => String(a / b));
  for (const [pattern, plain] of FREQUENCIES) rest = rest.replace(pattern, plain);

  function take(pattern: RegExp, read: (match: string[]) => [number, string | null]) {
    rest = rest.replace(pattern, (said, ...groups) => {
      const [value, unit] = read([said, ...groups]);
      found.push({ value, unit, said: said.trim() });
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

function measured(value: number, unit?: string, per?: string): [number, string | null] {
  const known = unit === undefined ? undefined : unitOf(unit);
  if (!known) return [value, null];
  const below = per === undefined ? undefined : unitOf(per);
  // A pulse is a minute's, said or not.
  if (!below || known[0] === "beat") return [value * known[1], known[0]];
  return [value, `${unit}/${below[1] === 1 ? below[0] : per}`];
}

/** What evidence says besides: numbers without their units, parts of pairs, "morning and evening". */
function supported(evidence: Segment[]): Quantity[] {
  const texts = evidence.flatMap(({ text, mentions }) => [text, ...mentions.quantities]);
  const said = texts.flatMap((text) =>
    quantitiesIn(
      normalize(text)
        .replace(
          /(?<!\p{L}|times |x )(?:an?|next|nästa|nächste[nr]?) (?=(?:week|month|year|vecka|månad|woche|monat)(?!\p{L}))/gu,
          "1 ",
        )
        .replace(MORNING_AND_EVENING, " 2 times a day "),
    )
  );
  return said.flatMap((quantity) => {
    if (!quantity.unit?.startsWith("/")) return [quantity];
    const other = Number(quantity.unit.slice(1));
    return [
      quantity,
      ...[quantity.value, other].map((value) => ({ ...quantity, value, unit: "mmhg" })),
    ];
  });
}

const MORNING_AND_EVENING =
  /(?:morning and (?:evening|night)|subah[ -]?(?:aur )?shaam|सुबह[ -]?(?:और )?शाम|morgon och kväll|morgens und abends)/g;

/** A number that the evidence lacks, or has with another unit only. */
export function quantities(claim: string, evidence: Segment[]): Warning[] {
  const there = supported(evidence);
  const isThere = ({ value, unit }: Quantity) =>
    there.some((other) =>
      Math.abs(other.value - value) < 1e-9 && (unit === null || unit === other.unit)
    );
  return quantitiesIn(claim).filter((quantity) => !isThere(quantity))
    .map(({ said }) => ({ code: "quantity_unsupported", detail: said }));
}
