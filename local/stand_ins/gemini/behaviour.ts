/** How the stand-in behaves as long as a test does not change it: every request, not the next few. */
import type { Lapse } from "./lapses.ts";
import type { ThinkingLevel } from "./models.ts";

/**
 * Where a stream tells its usage. All were seen: in each chunk, as running totals; in the last one; in
 * the first and the last; in a chunk of its own after all others, which has no candidates; nowhere.
 */
export type StreamUsage = "each" | "last" | "ends" | "apart" | "never";

/** A clock that answers are paced by. */
export interface PaceClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Pace {
  /** Of answers and thoughts; gemini-3.8-flash writes about 150. */
  tokensPerSecond: number;
  /** This machine's unless told. */
  clock?: PaceClock;
}

export interface Behaviour {
  /** An answer takes its time. At once unless told. */
  pace?: Pace;
  /** Characters (UTF-16 units) of text in a chunk of a stream, 160 unless told. */
  chunkLength?: number;
  /** Bytes of an event that are sent at a time; a letter of several bytes may be cut. All unless told. */
  packetLength?: number;
  /** "each" unless told. */
  streamUsage?: StreamUsage;
  /** A stream's `finishReason` comes in a chunk of its own, with an empty text. */
  finishApart?: true;
  /** It thinks before it answers: so many tokens by level, `THOUGHTS` where it is true. */
  thinks?: true | Partial<Record<ThinkingLevel, number>>;
  /** Equal beginnings of prompts are told as cached. */
  caches?: true;
  /** That a chosen name is taken is told at the upload's end, not at its start. */
  nameTakenAtEnd?: true;
  /** Of what is said in each answer. */
  lapse?: Lapse;
}
