/** Texts in a form that compares: case, width, digits of any script and invisible marks put away. */

/** What stands before the tenths. */
export type Decimal = "." | ",";

const decimals = new Map<string, Decimal>();

/** A language that nobody knows writes as English does. */
export function decimalOf(code: string): Decimal {
  const known = decimals.get(code);
  if (known) return known;
  const parts = new Intl.NumberFormat(code || "en").formatToParts(1.5);
  const decimal = parts.find(({ type }) => type === "decimal")?.value === "," ? "," : ".";
  decimals.set(code, decimal);
  return decimal;
}

/** Ends in three zeros: nobody writes a measured value so, hence thousands in any language. */
const ZEROS = /[.,]000$/;
const joined = (text: string) => text.replace(/[.,]/g, "");

/**
 * ASCII digits and decimal points, no invisible characters, lower case, single spaces. Numbers lose
 * what groups their thousands: `1,000`, `1 000`, `1.000`, and `1.250` where a comma is the decimal's.
 */
export function normalize(text: string, decimal: Decimal = "."): string {
  const plain = text.replace(/(?<=\d)[\u00a0\u2009\u202f'’](?=\d{3}(?!\d))/g, "")
    .normalize("NFKC").toLowerCase()
    .replace(/\p{Cf}/gu, "")
    .replace(/[^\P{Nd}\d]/gu, (digit) => String(digitValue(digit)))
    .replace(/\s+/g, " ").trim();
  if (!/\d[., ]\d/.test(plain)) return plain;
  return plain
    // In a table, numbers beside each other are two: joined where a unit shows that they are one.
    .replace(
      /(?<![\d.,/])[1-9]\d{0,2}(?: 000)+(?![\d.,]?\d)|(?<![\d.,/])[1-9]\d{0,2} \d{3}(?= ?(?:mg|ml|mcg|µg|ie|iu|e|units?|enheter|einheiten)(?!\p{L}))/gu,
      (group) => /000$/.test(group) || decimal === "," ? group.replaceAll(" ", "") : group,
    )
    .replace(
      /(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])/g,
      (group) => decimal === "." || ZEROS.test(group) ? joined(group) : group,
    )
    // As India groups them: 1,00,000.
    .replace(/(?<![\d.,])[1-9]\d?(?:,\d{2})+,\d{3}(?![\d,])/g, joined)
    .replace(
      /(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3})+(?![\d.])/g,
      (group) => decimal === "," || ZEROS.test(group) ? joined(group) : group,
    )
    .replace(/(?<=\d),(?=\d)/g, ".");
}

/** Unicode keeps the ten digits of each script in a row, from zero on. */
function digitValue(digit: string): number {
  let code = digit.codePointAt(0)!;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) {
    code--;
    value++;
  }
  return value;
}

/** The words and numbers of a text, normalized. */
export function words(text: string): string[] {
  return normalize(text).match(/[\p{L}\p{M}]+|\d+(?:\.\d+)?/gu) ?? [];
}

/** Rough: enough to find `Sturz` in `gestürzt`, `eye` in `eyes`. */
export function stem(word: string): string {
  return word.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/^ge(?=\p{L}{5})/u, "")
    .replace(/(?<=..)s$/, "").slice(0, 4);
}

/**
 * A letter or its mark, for what lies between words, wide enough for Latin and Devanagari. Unicode's own
 * class of both costs half a millisecond of CPU in each pattern that holds it.
 */
export const LETTERS = "A-Za-zªµºÀ-ÖØ-öø-\\u0963\\u0970-\\u1fff\\u3040-\\ud7ff";
export const NO_LETTER_BEFORE = `(?<![${LETTERS}])`;
export const NO_LETTER_BEHIND = `(?![${LETTERS}])`;

/**
 * Words and phrases, listed with `|` between them and `\p{L}` for any letter, as one group of a
 * pattern that holds whole ones.
 */
export function whole(list: string): string {
  const letters = list.normalize("NFKC").replaceAll("\\p{L}", `[${LETTERS}]`);
  return `${NO_LETTER_BEFORE}(?:${letters})${NO_LETTER_BEHIND}`;
}
