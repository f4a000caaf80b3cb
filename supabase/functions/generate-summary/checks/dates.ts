/** Names of days and months; their numbers are checked as numbers. */
import { once } from "../core/lazily.ts";
import type { Segment } from "../core/domain.ts";
import { perSegment } from "./reading.ts";
import { LANGUAGES } from "./words/languages.ts";
import { NO_LETTER_BEFORE, NO_LETTER_BEHIND, normalize } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** `monday` → `day 1`, `måndag` → `day 1`, `mars` → `month 3`, in every language listed. */
const names = once(() => {
  const names = new Map<string, string>();
  for (const { code } of LANGUAGES) {
    const month = new Intl.DateTimeFormat(code, { month: "long", timeZone: "UTC" });
    const day = new Intl.DateTimeFormat(code, { weekday: "long", timeZone: "UTC" });
    for (let at = 1; at <= 12; at++) {
      names.set(normalize(month.format(Date.UTC(2024, at - 1, 1))), `month ${at}`);
    }
    // 2024-01-01 was a Monday.
    for (let at = 1; at <= 7; at++) {
      names.set(normalize(day.format(Date.UTC(2024, 0, at))), `day ${at}`);
    }
  }
  "somvar mangalvar budhvar guruvar shukravar shanivar ravivar".split(" ")
    .forEach((name, index) => names.set(name, `day ${index + 1}`));
  return names;
});

const word = once(() =>
  new RegExp(
    `${NO_LETTER_BEFORE}(${[...names().keys()].join("|")})(?:s|en|et)?${NO_LETTER_BEHIND}`,
    "gu",
  )
);

/** The days and months named in a text; "may" counts only beside a number. */
export function datesIn(text: string): { key: string; said: string }[] {
  const plain = normalize(text);
  return [...plain.matchAll(word())]
    .filter(({ 0: said, index }) =>
      said !== "may" || /\d(?:st|nd|rd|th)?(?: of)? $/.test(plain.slice(0, index)) ||
      /^ \d/.test(plain.slice(index + said.length))
    )
    .map(({ 0: said, 1: name }) => ({ key: names().get(name)!, said }));
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
