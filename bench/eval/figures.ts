/** Figures with what they are worth: shares with their Wilson interval, and the distance between texts. */
import { words } from "../../supabase/functions/generate-summary/checks/words/text.ts";

/** So many of so many, and the 95 % interval of the share (Wilson, 1927); null without any. */
export interface Share {
  part: number;
  n: number;
  interval: [low: number, high: number] | null;
}

const Z = 1.959964;

/** Throws a `RangeError` when the part is more than the whole, or either is no count. */
export function share(part: number, n: number): Share {
  if (!(Number.isInteger(part) && Number.isInteger(n) && part >= 0 && part <= n)) {
    throw new RangeError(`${part} of ${n} is no share`);
  }
  if (n === 0) return { part, n, interval: null };
  const p = part / n;
  const middle = p + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt(p * (1 - p) / n + Z ** 2 / (4 * n ** 2));
  const whole = 1 + Z ** 2 / n;
  return {
    part,
    n,
    interval: [Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole)],
  };
}

/** `12 of 40, 30.0 % (18.1–45.4)`; "none to tell by" without any. */
export function shown({ part, n, interval }: Share): string {
  if (!interval) return "none to tell by";
  const [low, high] = interval.map((bound) => (100 * bound).toFixed(1));
  return `${part} of ${n}, ${(100 * part / n).toFixed(1)} % (${low}–${high})`;
}

/** Words that must be put in, taken out or replaced to make one text of the other. */
export function wordErrors(reference: string, heard: string): { errors: number; words: number } {
  const [wanted, given] = [words(reference), words(heard)];
  let row = given.map((_, index) => index + 1);
  for (const [at, word] of wanted.entries()) {
    let diagonal = at;
    let left = at + 1;
    row = row.map((above, index) => {
      left = Math.min(above + 1, left + 1, diagonal + (given[index] === word ? 0 : 1));
      diagonal = above;
      return left;
    });
  }
  return { errors: row.at(-1) ?? wanted.length, words: wanted.length };
}
