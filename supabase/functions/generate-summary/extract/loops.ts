/** Finds where a model that is stuck begins to repeat itself. */
import type { Segment } from "../core/domain.ts";

/** The longest phrase, in letters and digits, whose repetition is noticed, and how much of it. */
const LONGEST_PHRASE = 200;
const REPEATED = 160;
const TIMES = 5;

/**
 * The segments before the first in which a phrase comes again and again without a break: five times at
 * least, and more than people do; all of them when none does. By letters, so that it holds for scripts
 * without spaces.
 */
export function beforeLoop(segments: Segment[]): Segment[] {
  const said = segments.map(({ text }) => text.toLowerCase().match(/[\p{L}\p{N}]/gu) ?? []);
  const letters = said.flat();
  /** The last letter of the first phrase of a loop: the turn before may end with the same letters. */
  let first = Infinity;
  for (let period = 1; period <= LONGEST_PHRASE; period++) {
    const enough = Math.max(REPEATED, period * TIMES) - period;
    for (let index = period, run = 0; index < letters.length; index++) {
      run = letters[index] === letters[index - period] ? run + 1 : 0;
      if (run < enough) continue;
      first = Math.min(first, index - run);
      break;
    }
  }
  let end = 0;
  const whole = said.findIndex(({ length }) => (end += length) > first);
  return whole < 0 ? segments : segments.slice(0, whole);
}
