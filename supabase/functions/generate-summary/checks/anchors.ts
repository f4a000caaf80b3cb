/** What something may be said of, and how far in its sentence: a drug, a measure. */
import { once } from "../core/lazily.ts";
import type { Segment } from "../core/domain.ts";
import { isDrug, spelling } from "./words/drug_names.ts";
import { MEASURES } from "./words/measures.ts";
import { whole, words } from "./words/text.ts";

export interface Anchor {
  /** Several of a name in two words: insulin glargine. */
  names: string[];
  at: number;
  end: number;
}

export const SENTENCE = /[.;!?।]+(?=\s|$)/u;

const measures = once(() =>
  Object.entries(MEASURES).map(([name, words]): [string, RegExp] => [
    name,
    new RegExp(whole(words), "gu"),
  ])
);

export function drugsIn(text: string, drugs: Set<string>): Anchor[] {
  const found: Anchor[] = [];
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{M}]{3,}/gu)) {
    if (isDrug(word) || drugs.has(spelling(word))) {
      const last = found.at(-1);
      if (last && index - last.end <= 1) {
        last.names.push(spelling(word));
        last.end = index + word.length;
      } else found.push({ names: [spelling(word)], at: index, end: index + word.length });
    }
  }
  return found;
}

export const measuresIn = (text: string): Anchor[] =>
  measures().flatMap(([name, pattern]) =>
    [...text.matchAll(pattern)].map(({ 0: word, index }) => ({
      names: [name],
      at: index,
      end: index + word.length,
    }))
  );

/** The words of the drugs that a segment mentions, as they compare. */
export const drugsOf = (evidence: Segment[]) =>
  new Set(
    evidence.flatMap(({ mentions }) => [
      ...mentions.drugs,
      ...(mentions.generic ?? []).flatMap(({ said, generic }) => [said, generic]),
    ]).flatMap(words).filter((word) => /^\p{L}{3,}/u.test(word)).map(spelling),
  );

/**
 * How far what is said is of each anchor, in the anchors' order: to the next one on both sides; on one
 * side alone where each of them has something there, and the other end of the sentence has nothing. A
 * note names a thing before what it says of it, unless it ends otherwise.
 */
export function reaches(
  text: string,
  anchors: Anchor[],
  says: (part: string) => boolean,
  written = false,
): (Anchor & { from: number; to: number })[] {
  const gaps = anchors.map(({ end }, index) => text.slice(end, anchors[index + 1]?.at));
  const first = anchors.length > 0 && says(text.slice(0, anchors[0].at));
  const between = gaps.slice(0, -1).every(says);
  const last = gaps.length > 0 && says(gaps.at(-1)!);
  const behind = written ? !first || last : !first && between && last;
  return anchors.map((anchor, index) => ({
    ...anchor,
    from: behind ? anchor.at : anchors[index - 1]?.end ?? 0,
    to: between && first && !last ? anchor.end : anchors[index + 1]?.at ?? text.length,
  }));
}
