/** Names of days and months; their numbers are checked as numbers. */
import type { Segment } from "../core/domain.ts";
import { perSegment } from "./reading.ts";
import { LANGUAGES } from "./words/languages.ts";
import { NO_LETTER_BEFORE, NO_LETTER_BEHIND, normalize } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** `monday` → `day 1`, `måndag` → `day 1`, `mars` → `month 3`, in every language listed. */
const NAMES = new Map<string, string>();
for (const { code } of LANGUAGES) {
  const add = (date: Date, options: Intl.DateTimeFormatOptions, key: string) => {
    const name = new Intl.DateTimeFormat(code, { ...options, timeZone: "UTC" }).format(date);
    NAMES.set(normalize(name), key);
  };
  for (let month = 0; month < 12; month++) {
    add(new Date(Date.UTC(2024, month, 1)), { month: "long" }, `month ${month + 1}`);
  }
  // 2024-01-01 was a Monday.
  for (let day = 1; day <= 7; day++) {
    add(new Date(Date.UTC(2024, 0, day)), { weekday: "long" }, `day ${day}`);
  }
}
for (
  const [index, name] of "somvar mangalvar budhvar guruvar shukravar shanivar ravivar".split(" ")
    .entries()
) {
  NAMES.set(name, `day ${index + 1}`);
}

const WORD = new RegExp(
  `${NO_LETTER_BEFORE}(${[...NAMES.keys()].join("|")})(?:s|en|et)?${NO_LETTER_BEHIND}`,
  "gu",
);

/** The days and months named in a text; "may" counts only beside a number. */
export function datesIn(text: string): { key: string; said: string }[] {
  const plain = normalize(text);
  return [...plain.matchAll(WORD)]
    .filter(({ 0: said, index }) =>
      said !== "may" || /\d(?:st|nd|rd|th)?(?: of)? $/.test(plain.slice(0, index)) ||
      /^ \d/.test(plain.slice(index + said.length))
    )
    .map(({ 0: said, 1: name }) => ({ key: NAMES.get(name)!, said }));
}

/** `12/01/2026`, `2026-01-12`: whichever of the two the month is. */
function writtenMonths(text: string): string[] {
  return [...normalize(text).matchAll(/(?<!\d)(\d{1,4})[./-](\d{1,2})[./-]\d{1,4}(?!\d)/g)]
    .flatMap(([, first, second]) => [`month ${Number(first)}`, `month ${Number(second)}`]);
}

const saidIn = perSegment(({ text, mentions }) => {
  const texts = [text, ...mentions.quantities];
  return [...texts.flatMap(datesIn).map(({ key }) => key), ...texts.flatMap(writtenMonths)];
});

/** A day or month that the statement names and the evidence doesn't. */
export function dates(claim: string, evidence: Segment[], language = ""): Warning[] {
  const claimed = datesIn(claim);
  if (claimed.length === 0) return [];
  const said = new Set(evidence.flatMap((segment) => saidIn(segment, language)));
  return claimed.filter(({ key }) => !said.has(key))
    .map(({ said }) => ({ code: "date_unsupported", detail: said }));
}
