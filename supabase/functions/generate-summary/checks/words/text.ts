/** Texts in a form that compares: case, width, digits of any script and invisible marks put away. */

/** ASCII digits and decimal points, no invisible characters, lower case, single spaces. */
export function normalize(text: string): string {
  return text.normalize("NFKC").toLowerCase()
    .replace(/\p{Cf}/gu, "")
    .replace(/\p{Nd}/gu, (digit) => String(digitValue(digit)))
    .replace(
      /(?<![\d.,])([1-9]\d{0,2})((?:,\d{3})+)(?![\d,])/g,
      (_, head, rest) => head + rest.replaceAll(",", ""),
    )
    .replace(/(?<=\d),(?=\d)/g, ".")
    .replace(/\s+/g, " ").trim();
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
