/** What a model writes as JSON, read so that it can be kept. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Parses a model's JSON, without what a database can't store: NUL, and halves of surrogate pairs, which
 * become U+FFFD. Throws a `SyntaxError`.
 */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return SPOILT.test(text) || !text.isWellFormed() ? cleaned(value) : value;
}

/** As escapes; JSON knows no NUL that is not one. Whole pairs are met, too, and stay. */
const SPOILT = /\\u(?:0000|[dD][89a-fA-F])/;

function cleaned(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("\0", "").toWellFormed();
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleaned(one)]));
}
