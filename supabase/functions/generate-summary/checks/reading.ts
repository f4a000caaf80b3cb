/** What is read of a segment once, however many statements cite it. */
import type { Segment } from "../core/domain.ts";
import { guessLanguage } from "./language.ts";
import { plain } from "./words/denials.ts";
import { quantitiesIn } from "./words/quantities.ts";
import { decimalOf } from "./words/text.ts";

/** `read(segment)`, kept: a table of 6 kB may stand under forty statements. */
export function perSegment<T>(
  read: (segment: Segment, language: string) => T,
): (segment: Segment, language: string) => T {
  const made = new WeakMap<Segment, Map<string, T>>();
  return (segment, language) => {
    const known = made.get(segment) ?? new Map<string, T>();
    made.set(segment, known);
    if (!known.has(language)) known.set(language, read(segment, language));
    return known.get(language)!;
  };
}

/** The language that a segment's words are in, else the one given. */
export const spokenIn = perSegment(({ text }, otherwise) => guessLanguage(text) ?? otherwise);

/** The numbers of a segment, written as its language writes them, and those that it mentions. */
export const numbersOf = perSegment((segment, language) => {
  const { text, mentions } = segment;
  const read = [
    quantitiesIn(text, decimalOf(spokenIn(segment, language))),
    ...[...mentions.quantities, ...mentions.frequency ?? []].map((said) => quantitiesIn(said)),
  ];
  return {
    quantities: read.flatMap(({ quantities }) => quantities),
    frequencies: read.flatMap(({ frequencies }) => frequencies),
  };
});

/** The words of a segment, in the form that denials and opposites are looked for in. */
export const plainOf = perSegment(({ text }) => plain(text));
