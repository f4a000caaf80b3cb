/** Numbers that the evidence lacks, or has with another unit. */
import type { Segment } from "../core/domain.ts";
import { datesIn } from "./dates.ts";
import { numbersOf, perSegment } from "./reading.ts";
import { isDrug, microgramsOnly } from "./words/drug_names.ts";
import { withDigits } from "./words/number_words.ts";
import { quantitiesIn, type Quantity } from "./words/quantities.ts";
import { decimalOf, normalize, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** `a week`, `next week`: one. A couple is two, where somebody speaks. */
const ONE =
  /(?<!\p{L}|times |x )(?:an?|next|nästa|nächste[nr]?) (?=(?:day|hour|week|month|year|vecka|månad|woche|monat|fortnight|gram|litre|liter|tablet|pill|capsule|puff|drop|teaspoon)(?!\p{L}))/gu;
/** Where a claim says so. */
const ONE_LONG =
  /(?<=\b(?:for|in|after|within|about|around|been|lasts|lasted|every) )(?:an?) (?=(?:day|week|month|year|hour)(?!\p{L}))/gu;
const COUPLE = /\b(?:a )?couple(?: of)? (?=\p{L})/gu;
const FORTNIGHT = /(?:1 |a )?\bfortnights?\b/g;

/** Units that go without saying, where the evidence gives the number none. */
const IMPLIED = new Set(["°C", "°F", "%", "beat", "tablet"]);

/** Units that are said once for two: a dose's is always said. */
const MEASURED = /^(?:kg|cm|mmol|umol|times)(?!\p{L})/u;

const number = (number: number, unit: string | null = null): Quantity => ({
  number,
  value: number,
  unit,
  said: "",
});

/**
 * What a segment says besides what is written in it: the parts of `140/90`, the number of a month,
 * one week of `next week`.
 */
const said = perSegment((segment, language): Quantity[] => {
  const plain = normalize(segment.text);
  const more = plain.replace(FORTNIGHT, "2 weeks").replace(ONE, "1 ").replace(COUPLE, "2 ");
  return [
    ...numbersOf(segment, language).quantities,
    ...more === plain ? [] : quantitiesIn(more).quantities,
    ...datesIn([plain, ...segment.mentions.quantities].join(" ; "))
      .filter(({ key }) => key.startsWith("month "))
      .map(({ key }) => number(Number(key.slice(6)))),
  ].flatMap((quantity) => {
    if (!quantity.unit?.startsWith("/")) return [quantity];
    const parts = [quantity.number, Number(quantity.unit.slice(1))];
    return [quantity, ...parts.map((part) => number(part, "mmhg"))];
  });
});

/** A number that the evidence lacks, or has with other units only. */
export function quantities(claim: string, evidence: Segment[], language: string): Warning[] {
  const there = evidence.map((segment) => said(segment, language));
  const plain = normalize(claim, decimalOf(language)).replace(ONE_LONG, "1 ");
  return quantitiesIn(plain).quantities
    .filter((quantity) => !isThere(quantity, there) && !isDose(quantity, claim, evidence))
    .map(({ said }) => ({ code: "quantity_unsupported", detail: said }));
}

function isThere({ number, value, unit }: Quantity, segments: Quantity[][]): boolean {
  const there = segments.flat();
  const same = there.filter((other) => other.number === number);
  if (unit === null) {
    return same.length > 0 ||
      // A year: `in '93`.
      (number >= 1900 && number < 2100 && Number.isInteger(number) &&
        there.some((other) => other.unit === null && other.number === number % 100));
  }
  if (there.some((other) => other.unit === unit && equal(other, { number, value }))) return true;
  // Of ten: on a scale of pain. "84 kilos, it was 79 in May": a unit that is said once.
  const saidOnce = () =>
    MEASURED.test(unit) &&
    segments.some((said) =>
      said.some((other) => other.number === number) && said.some((other) => other.unit === unit)
    );
  return same.length > 0 && same.every((other) => other.unit === null) &&
    (IMPLIED.has(unit) || unit === "/10" || saidOnce());
}

/** "Lisinopril twenty": milligrams, unless the drug is given in less. */
function isDose({ number, value, unit }: Quantity, claim: string, evidence: Segment[]): boolean {
  return unit === "mg" && number === value && !microgramsOnly(claim) &&
    evidence.some(({ text, mentions }) => {
      const brands = new Set(mentions.drugs.flatMap(words));
      const said = words(withDigits(normalize(text)));
      return said.some((word, at) =>
        word === String(number) &&
        said.slice(Math.max(0, at - 4), at).some((word) => isDrug(word) || brands.has(word))
      );
    });
}

/** Units were converted: floats. Nothing is nothing in its own unit alone. */
const equal = (one: Pick<Quantity, "number" | "value">, other: typeof one) =>
  Math.abs(one.value - other.value) <= 1e-9 * Math.max(one.value, other.value) &&
  (one.value !== 0 || one.number === other.number);
