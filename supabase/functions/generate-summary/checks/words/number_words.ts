/** Numbers said as words, made digits. */
import { once } from "../../core/lazily.ts";
import { LETTERS, NO_LETTER_BEHIND } from "./text.ts";
import { unitOf } from "./units.ts";

const ENGLISH: Record<string, number> = {};
("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
  "sixteen seventeen eighteen nineteen").split(" ").forEach((word, value) => ENGLISH[word] = value);
"twenty thirty forty fifty sixty seventy eighty ninety".split(" ")
  .forEach((word, index) => ENGLISH[word] = 20 + 10 * index);

/**
 * Other languages' small numbers. Some are words of another language too (`do`, `das`, `sex`), so
 * they count only before a unit; larger ones are compared through the mentions, which have digits.
 */
const OTHERS = new Map<string, number>();
for (
  const row of [
    "एक दो तीन चार पांच छह सात आठ नौ दस",
    "एक दो तीन चार पाँच छः सात आठ नौ दस",
    "ek do teen chaar paanch chhe saat aath nau das",
    "ek do teen char paanch chhah saat aath nau das",
    "ek do tin char panch cheh saat aath nau das",
    "en två tre fyra fem sex sju åtta nio tio elva tolv",
    "ett två tre fyra fem sex sju åtta nio tio elva tolv",
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "eine zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "einem zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "un dos tres cuatro cinco seis siete ocho nueve diez",
    "une deux trois quatre cinq six sept huit neuf dix",
  ]
) row.split(" ").forEach((word, index) => OTHERS.set(word.normalize("NFKC"), index + 1));
const MORE = {
  one: 1,
  half: 0.5,
  aadha: 0.5,
  dedh: 1.5,
  dhai: 2.5,
  आधा: 0.5,
  आधी: 0.5,
  डेढ़: 1.5,
  ढाई: 2.5,
  halv: 0.5,
  halva: 0.5,
  halbe: 0.5,
  तीस: 30,
  चालीस: 40,
  पचास: 50,
  साठ: 60,
  सौ: 100,
  tees: 30,
  chalis: 40,
  pachas: 50,
  sau: 100,
  fjorton: 14,
  trettio: 30,
  fyrtio: 40,
  femtio: 50,
  hundra: 100,
  åttonde: 8,
  sjätte: 6,
  fjärde: 4,
  tolfte: 12,
  dreißig: 30,
  vierzig: 40,
  fünfzig: 50,
  hundert: 100,
  achte: 8,
  sechste: 6,
  vierte: 4,
  vierzehn: 14,
  tjugo: 20,
  zwanzig: 20,
  पंद्रह: 15,
  बीस: 20,
  bees: 20,
};
for (const [word, value] of Object.entries(MORE)) OTHERS.set(word.normalize("NFKC"), value);

const word = (names: string[]) => `(?<![${LETTERS}\\d])(?:${names.join("|")})${NO_LETTER_BEHIND}`;
const SCALE = ["hundred", "thousand"];
/** "the one", "no one", "one of". */
const NOT_A_NUMBER =
  /(?<=\b(?:no|any|every|some|each|the|this|that|which|other) )one\b|\bone(?= of\b)/g;
const RUN = once(() =>
  new RegExp(
    `${word(Object.keys(ENGLISH))}(?:[ -](?:and )?${word([...Object.keys(ENGLISH), ...SCALE])})*`,
    "gu",
  )
);
const WORD = new RegExp(`(?<![${LETTERS}\\d])[${LETTERS}]+`, "gu");
const BETWEEN = new Set("or to eller till oder bis ya या se से".split(" "));

/** Whether the words behind count something: `do din`, `do teen din`, `zwei bis drei Tage`. */
function counts(behind: string): boolean {
  const [space, ...next] = behind.split(" ", 4).map((word) => word.replace(/[.,;:!?।]+$/, ""));
  const [first, second, third] = next;
  if (space !== "" || first === undefined) return false;
  const isUnit = (word: string | undefined) => word !== undefined && unitOf(word) !== undefined;
  return isUnit(first) || (/^an?$/.test(first) && isUnit(second)) ||
    (OTHERS.has(first) && isUnit(second)) ||
    (BETWEEN.has(first) && OTHERS.has(second) && isUnit(third));
}

const TIMES: Record<string, number> = { once: 1, twice: 2, thrice: 3 };
/** From the third on: "first" and "second" are words of time, too. */
const ORDINALS = new Map(
  "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(" ")
    .map((word, index) => [word, `${index + 3}${index === 0 ? "rd" : "th"}`]),
);
const ORDINAL = new RegExp(`\\b(?:${[...ORDINALS.keys()].join("|")})\\b`, "g");

/** "One point two five"; but "two point five three times". */
const POINT = /(\d) point (\d+(?: \d(?!\d| ?(?:times?|x)\b))*)/g;

/** A normalized text with its number words as digits: `one forty over ninety` → `140 over 90`. */
export function withDigits(text: string): string {
  return text
    .replace(/(?<!\p{L})(ein|zwei|drei|vier|fünf|sechs)mal(?!\p{L})/gu, "$1 mal")
    .replace(/\b(?:once|twice|thrice)\b/g, (said) => `${TIMES[said]} times`)
    .replace(ORDINAL, (said) => ORDINALS.get(said)!)
    .replace(NOT_A_NUMBER, "it")
    .replace(/\ba (?=hundred\b)/g, "one ")
    .replace(RUN(), (run) => values(run.split(/[ -]+/)).join(" "))
    .replace(/(?<!\d)(\d+) and a half/g, "$1.5")
    .replace(/\b(?:a |1 )?quarter of an? (?=\p{L})/gu, "0.25 ")
    .replace(POINT, (_, whole, tenths) => `${whole}.${tenths.replaceAll(" ", "")}`)
    .replace(
      WORD,
      (said, at: number, all: string) =>
        OTHERS.has(said) && counts(all.slice(at + said.length, at + said.length + 60))
          ? String(OTHERS.get(said))
          : said,
    );
}

/** `one hundred and forty` → 140, `one forty` → 140, `three four` → 3 and 4. */
function values(run: string[]): number[] {
  const found: number[] = [];
  let current: number | null = null;
  for (const word of run) {
    if (word === "and") continue;
    if (word === "hundred") {
      // `two thousand five hundred`: the five alone.
      const last: number = (current ?? 0) % 1000;
      current = (current ?? 0) - last + (last || 1) * 100;
    } else if (word === "thousand") current = (current ?? 1) * 1000;
    else {
      const value = ENGLISH[word];
      if (current === null) current = value;
      else if (current % 100 === 0 && current > 0) current += value;
      else if (current >= 20 && current % 10 === 0 && value < 10) current += value;
      else if (current < 10 && value >= 10) current = current * 100 + value;
      else {
        found.push(current);
        current = value;
      }
    }
  }
  return current === null ? found : [...found, current];
}
