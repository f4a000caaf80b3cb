/** How bad, how much, which way: the opposite of what was said. */
import { once } from "../core/lazily.ts";
import type { Segment } from "../core/domain.ts";
import { perSegment } from "./reading.ts";
import { PAIRS } from "./words/opposites.ts";
import { plain } from "./words/denials.ts";
import { LETTERS, whole } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

type Pole = 0 | 1;

interface Said {
  pair: number;
  pole: Pole;
  said: string;
  /** "Not better": its other pole. */
  not: boolean;
}

const patterns = once(() =>
  PAIRS.map((pair) => pair.map((words) => new RegExp(whole(words), "gu")) as [RegExp, RegExp])
);
/** All of them at once, to see whether any is there. */
const any = once(() => new RegExp(whole(PAIRS.flat().join("|")), "u"));

const NOT_BEFORE =
  /(?<![\p{L}'-])(?:not|no|never|without|\p{L}+n't|inte|ingen|inget|inga|nicht|kein|keine|keinen|nie)(?: [\p{L}']+){0,2} $/u;
const NOT_BEHIND = new RegExp(
  `^(?: [${LETTERS}]+)? ${whole("nahi|nahin|nicht|नहीं|नही")}`,
  "u",
);

/** The poles that a text says; "not better" is no better. */
function polesIn(text: string): Said[] {
  const said = plain(text);
  if (!any().test(said)) return [];
  return patterns().flatMap((poles, pair) =>
    poles.flatMap((pattern, pole) =>
      [...said.matchAll(pattern)].map(({ 0: word, index }): Said => {
        const not = NOT_BEFORE.test(said.slice(Math.max(0, index - 40), index)) ||
          NOT_BEHIND.test(said.slice(index + word.length));
        return { pair, pole: (not ? 1 - pole : pole) as Pole, said: word, not };
      })
    )
  );
}

const polesOf = perSegment(({ text }) => polesIn(text));

/** A word whose opposite alone is in the evidence. */
export function opposites(claim: string, evidence: Segment[], language: string): Warning[] {
  const claimed = polesIn(claim);
  if (claimed.length === 0) return [];
  const there = evidence.flatMap((segment) => polesOf(segment, language));
  const has = (said: Said[], pair: number, pole: number) =>
    said.some((other) => other.pair === pair && other.pole === pole);
  return claimed
    .filter(({ pair, pole, not }) =>
      // What the claim denies is for the check of denials.
      !not && !has(claimed, pair, 1 - pole) && !has(there, pair, pole) && has(there, pair, 1 - pole)
    )
    .map(({ said }) => ({ code: "opposite_said", detail: said }));
}
