/** Finds where a model that is stuck begins to repeat itself. */
import type { Segment } from "../core/domain.ts";

/** The longest phrase, in letters and digits, whose repetition is noticed, and how much of it. */
const LONGEST_PHRASE = 200;
const REPEATED = 160;
const TIMES = 5;
/** So many letters are looked for again, from every so many on: some of them lie in any loop. */
const PROBE = 20;
const STEP = 40;

/**
 * The segments before the first in which a phrase comes again and again without a break: five times at
 * least, and more than people do; all of them when none does. By letters, so that it holds for scripts
 * without spaces.
 */
export function beforeLoop(segments: Segment[]): Segment[] {
  const said = segments.map(({ text }) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""));
  const first = loopIn(said.join(""));
  let end = 0;
  const whole = said.findIndex(({ length }) => (end += length) > first);
  return whole < 0 ? segments : segments.slice(0, whole);
}

/** The last letter of a loop's first phrase: the turn before may end with the same letters. */
function loopIn(letters: string): number {
  for (let start = 0; start + PROBE < letters.length; start += STEP) {
    const probe = letters.slice(start, start + PROBE);
    const near = letters.slice(start, start + LONGEST_PHRASE + PROBE);
    for (
      let period = near.indexOf(probe, 1);
      period > 0;
      period = near.indexOf(probe, period + 1)
    ) {
      let from = start;
      while (from > 0 && letters[from - 1] === letters[from - 1 + period]) from--;
      let to = start + period;
      while (to < letters.length && letters[to] === letters[to - period]) to++;
      if (to - from >= Math.max(REPEATED, period * TIMES)) return from + period - 1;
    }
  }
  return Infinity;
}
