/** Joins what was heard with what the model says next, by the words of both: its clock is no measure. */
import type { Segment } from "../core/domain.ts";
import { align } from "./align.ts";
import { lastWords, wordsOf } from "./words.ts";

/** What was heard last, as the next request names it. */
export interface After {
  /** The last words, over segments. */
  text: string;
  /** Of the last segment, in seconds as the model said it. */
  start: number;
}

type Said = Pick<Segment, "text" | "start">;

/** What an answer says after what was heard. */
export interface Joined<S extends Said> {
  segments: S[];
  /** How many are of another stretch: neither said before, nor after that. */
  outside: number;
}

/** As many words as are named and compared. */
const WORDS = 20;
/** People echo each other: so few words count only where the times agree, too. */
const FEW = 8;
/** Seconds within which two answers tell the same time. */
const SAME_TIME = 2;
/** What an alignment must reach, of one point a word. */
const ALIKE = 0.8;

/** How far the times of two answers may lie apart, in seconds: the model's clock drifts by a percent. */
const slackAt = (start: number) => 5 + 0.02 * start;

/** What to go on after; null when nothing was heard. */
export function afterOf(heard: Said[]): After | null {
  const start = heard.at(-1)?.start;
  if (start === undefined || start === null) return null;
  const near = heard.slice(-WORDS).map(({ text }) => text).join(" ");
  return { text: lastWords(near, WORDS), start };
}

/**
 * What of an answer follows after what was `heard`. By the words where they are said again; else by the
 * times, without what was said before. `from` and `to`: the stretch, in seconds.
 */
export function joined<S extends Said>(
  said: S[],
  heard: Said[],
  from: number,
  to: number,
): Joined<S> {
  const after = afterOf(heard);
  const place = after && placeAfter(said, after);
  const following = place ? rest(said, place) : notHeard(said, heard, after?.start ?? from);
  const segments = following.filter(({ start }) => (start ?? 0) <= to + slackAt(to));
  return { segments, outside: (place ? following : said).length - segments.length };
}

/** A word of an answer, by its segment and its place in that one's text. */
interface Place {
  index: number;
  /** Where the word ends. */
  end: number;
  /** Seconds to be added to the answer's times: it counts from elsewhere. */
  shift: number;
}

/** Where in an answer the words end that it was to go on after; null: nowhere. */
function placeAfter(said: Said[], after: After): Place | null {
  const wanted = wordsOf(after.text).map(({ text }) => text);
  const words = said.flatMap(({ text, start }, index) =>
    wordsOf(text).map(({ text, to }) => ({ text, index, end: to, start: start ?? 0 }))
  );
  if (wanted.length === 0) return null;
  const slack = slackAt(after.start);
  let best: { score: number; away: number; place: Place } | null = null;
  const alignments = align(wanted, words.map(({ text }) => text));
  for (const [at, { score, compared }] of alignments.entries()) {
    const { index, end, start } = words[at];
    const away = Math.abs(start - after.start);
    const near = away <= (score < FEW ? SAME_TIME : slack);
    const same = compared >= FEW && score === compared;
    if (score < Math.max(1, ALIKE * compared) || !near && !same) continue;
    // Of equal ones in a turn the later: its last word may be the one that differs.
    if (!best || score > best.score || score === best.score && away <= best.away) {
      const shift = away > slack ? after.start - start : 0;
      best = { score, away, place: { index, end, shift } };
    }
  }
  return best?.place ?? null;
}

/** What is said after a place; of a turn that goes on there, what is new. */
function rest<S extends Said>(said: S[], { index, end, shift }: Place): S[] {
  const segment = said[index];
  const text = segment.text.slice(end).replace(/^[^\p{L}\p{N}]+/u, "");
  const goesOn = wordsOf(text).length > 0 ? [{ ...segment, text }] : [];
  return [...goesOn, ...said.slice(index + 1)]
    .map((segment) => ({ ...segment, start: (segment.start ?? 0) + shift }));
}

/** What begins after a time, and what began shortly before and was not heard. */
function notHeard<S extends Said>(said: S[], heard: Said[], from: number): S[] {
  const slack = heard.length > 0 ? slackAt(from) : 0;
  const key = ({ text }: Said) => wordsOf(text).map(({ text }) => text).join(" ");
  const known = new Set(
    heard.filter(({ start }) => (start ?? 0) >= from - 2 * slack).map(key),
  );
  return said.filter((segment) => {
    const start = segment.start ?? 0;
    return start > from || start >= from - slack && !known.has(key(segment));
  });
}
