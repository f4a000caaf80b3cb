/** What the model says of a recording whose script is known: which stretch, and how well it listens. */
import { z } from "zod";
import { type Lapse, lapsed, reworded, saidTime, type Segment } from "./lapses.ts";
import type { Sample } from "./samples.ts";

/**
 * What a request says of the part of a recording that it asks for. A window and "go on after these
 * words, until then" may both be there, and then both hold. Times are seconds, as the model says them.
 */
export const Stretch = z.object({
  window: z.object({ from_seconds: z.number(), to_seconds: z.number().nullable() }).nullish(),
  /** null: from the beginning. */
  after: z.object({ text: z.string(), start: z.number() }).nullish(),
  until: z.number().nullish(),
}).refine((stretch) => Object.keys(stretch).length > 0);
export type Stretch = z.infer<typeof Stretch>;

/** Where a request asks to begin, in seconds. */
export const beginning = ({ window, after }: Stretch) =>
  Math.max(window?.from_seconds ?? 0, after?.start ?? 0);

/** The segments that it says there are. */
export function hear(sample: Sample, stretch: Stretch, lapse: Lapse): Segment[] {
  const { window, after, until } = stretch;
  const from = window?.from_seconds ?? 0;
  const to = Math.min(window?.to_seconds ?? Infinity, until ?? Infinity);
  const strays = lapse.strays ?? 0;
  const known = after ? place(sample.segments, after, lapse) : -1;
  const first = after ? Math.max(0, known + 1 - (lapse.overlap ?? 0)) : 0;
  const heard = sample.segments.flatMap((segment, index) => {
    const start = (segment.start ?? 0) - strays;
    if (index < first || start < from || start >= to) return [];
    if (after && strays > 0 && start < sample.segments[first].start!) return [];
    const text = after && index <= known && lapse.rewords ? reworded(segment) : segment.text;
    return [{ ...segment, text, start: saidTime(start, lapse) }];
  });
  return lapsed(heard, lapse);
}

/**
 * The index of the segment that a request goes on after: of those with its words the nearest to its
 * time, as the model would say it; without one, the last that begins before that time.
 */
function place(segments: Segment[], after: NonNullable<Stretch["after"]>, lapse: Lapse): number {
  const words = plain(after.text);
  const timed = segments.map(({ text, start = 0 }, index) => ({
    index,
    text: plain(text),
    away: Math.abs(saidTime(start, lapse) - after.start),
    before: saidTime(start, lapse) <= after.start,
  }));
  const named = timed.filter(({ text }) => words && text.includes(words));
  const ending = timed.filter(({ text }) => text && words.endsWith(text));
  const found = named.length > 0 ? named : ending;
  if (found.length === 0) return timed.findLastIndex(({ before }) => before);
  return found.reduce((best, one) => one.away <= best.away ? one : best).index;
}

/** Letters and digits alone: what a model says again differs in the rest. */
const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
