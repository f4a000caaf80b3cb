/** What models get wrong in what they say of a recording, a picture or segments. */
import type { Sample } from "./samples.ts";

export type Segment = Sample["segments"][number];

export interface Lapse {
  /** What it says the times are, by what they are: 1.01 is one percent late. */
  drift?: number;
  /** Seconds that are added to each time: what it says may then lie outside of what was asked for. */
  shift?: number;
  /** Times are multiples of so many seconds. */
  roundTo?: number;
  /** It listens so many seconds later than asked, and says that it was the stretch asked for. */
  strays?: number;
  /** Asked to go on, it says so many segments again first; with `rewords`, a word of each differs. */
  overlap?: number;
  rewords?: true;
  /** After so many segments of its answer it says the next one that often. */
  loops?: { after: number; times: number };
  /** It says that there is no speech, nothing legible, nothing clinical. */
  nothingFound?: true;
  /** Of a second reading. */
  reads?: ReadingLapse;
  /** Put into the middle of each text: NUL, half a surrogate pair. */
  spoils?: string;
}

/** What a second reader gets wrong. */
export interface ReadingLapse {
  /** He says this of every statement. */
  says?: "supported" | "partly" | "contradicted" | "not_said";
  /** The words that he quotes stand in no statement. */
  misquotes?: true;
  /** He judges statements that there are not, in the place of some that there are. */
  strangers?: true;
  /** In the place of the last ones, so many, he judges the first again. */
  skips?: number;
  /** What he says was left out cites turns that there are not. */
  invents?: true;
}

/** The time that it says something begins, in seconds to a tenth. */
export function saidTime(start: number, { drift = 1, shift = 0, roundTo = 0.1 }: Lapse): number {
  const time = Math.max(0, start * drift + shift);
  return Math.round(Math.round(time / roundTo) * roundTo * 10) / 10;
}

/** The segments of an answer as it says them. */
export function lapsed<S extends Segment>(segments: S[], lapse: Lapse): S[] {
  const { loops, spoils } = lapse;
  const looping = loops && segments[loops.after];
  const said = looping
    ? [...segments.slice(0, loops.after), ...Array<S>(loops.times).fill(looping)]
    : segments;
  if (spoils === undefined) return said;
  return said.map((segment) => {
    const middle = Math.floor(segment.text.length / 2);
    const text = segment.text.slice(0, middle) + spoils + segment.text.slice(middle);
    return { ...segment, text };
  });
}

/** The text with a stammer after its first word that is no drug and no quantity. */
export function reworded({ text, mentions: { drugs, quantities } }: Segment): string {
  const kept = [...drugs, ...quantities].join(" ").toLowerCase();
  const words = [...text.matchAll(/(?<!\p{L})\p{L}{3,}(?!\p{L})/gu)];
  const word = words.find(([word]) => !kept.includes(word.toLowerCase()));
  if (!word) return text;
  const end = word.index + word[0].length;
  return `${text.slice(0, end)}, er,${text.slice(end)}`;
}
