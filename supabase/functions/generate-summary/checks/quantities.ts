/** Numbers that the evidence lacks, or has with another unit. */
import type { Segment } from "../core/domain.ts";
import { datesIn } from "./dates.ts";
import { quantitiesIn, type Quantity } from "./words/quantities.ts";
import { normalize } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** `a week`, `next week`: one. */
const ONE =
  /(?<!\p{L}|times |x )(?:an?|next|nästa|nächste[nr]?) (?=(?:week|month|year|vecka|månad|woche|monat)(?!\p{L}))/gu;
const TWICE_A_DAY =
  /morning and (?:evening|night)|subah[ -]?(?:aur )?shaam|सुबह[ -]?(?:और )?शाम|morgon och kväll|morgens und abends/;
const ONCE_A_DAY =
  /(?<!(?:times|x|once|twice|thrice|gånger|mal|baar|बार) )(?:(?:every|each) (?:day|morning|evening|night)|daily|har din|roz|हर दिन|रोज|varje dag|jeden (?:tag|morgen|abend)|täglich)/;

/** Units that go without saying, where the evidence gives the number none. */
const IMPLIED = new Set(["°C", "°F", "%", "beat", "tablet"]);

/**
 * What evidence says besides what is written in it: how often a day, the parts of `140/90`,
 * the number of a month.
 */
function said(text: string): Quantity[] {
  const plain = normalize(text);
  const number = (number: number, unit: string | null = null) => (
    { number, value: number, unit, said: "" }
  );
  return [
    ...quantitiesIn(plain.replace(ONE, "1 ")).flatMap((quantity) => {
      if (!quantity.unit?.startsWith("/")) return [quantity];
      const parts = [quantity.number, Number(quantity.unit.slice(1))];
      return [quantity, ...parts.map((part) => number(part, "mmhg"))];
    }),
    ...datesIn(plain).filter(({ key }) => key.startsWith("month "))
      .map(({ key }) => number(Number(key.slice(6)))),
    ...(TWICE_A_DAY.test(plain) ? [number(2, "times/day")] : []),
    ...(ONCE_A_DAY.test(plain) ? [number(1, "times/day")] : []),
  ];
}

/** A number that the evidence lacks, or has with other units only. */
export function quantities(claim: string, evidence: Segment[]): Warning[] {
  const there = evidence.flatMap(({ text, mentions }) => [text, ...mentions.quantities])
    .flatMap(said);
  const isThere = ({ number, value, unit }: Quantity) => {
    const same = there.filter((other) => other.number === number);
    if (unit === null) return same.length > 0;
    return there.some((other) => other.unit === unit && equal(other.value, value)) ||
      (IMPLIED.has(unit) && same.length > 0 && same.every((other) => other.unit === null));
  };
  return quantitiesIn(claim).filter((quantity) => !isThere(quantity))
    .map(({ said }) => ({ code: "quantity_unsupported", detail: said }));
}

/** Units were converted: floats. */
const equal = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(a, b);
