/** Reads what the model says of a file, and mistrusts it. */
import type { z } from "zod";
import type { Found, Segment, TimeWindow } from "../core/domain.ts";
import { audioAnswer, imageAnswer } from "./prompt.ts";

type ReadAnswer =
  | { segments: Segment[]; found: Found; fault?: undefined }
  /** What is wrong with the answer, for the model to read. */
  | { fault: string };

/**
 * The segments of an answer, as parsed JSON; none when it says that there is no speech or nothing to
 * be read, whatever else it holds. Of a window only what begins in it, so that parts join without
 * doubles.
 */
export function readAnswer(
  kind: "audio" | "image",
  value: unknown,
  window: TimeWindow,
): ReadAnswer {
  return kind === "audio" ? readAudio(value, window) : readImage(value);
}

function readAudio(value: unknown, window: TimeWindow): ReadAnswer {
  const { data, error } = audioAnswer.safeParse(value);
  if (error) return { fault: issuesOf(error) };
  const { from_seconds: from, to_seconds: to } = window;
  const said = data.speech_found ? data.segments.filter(({ text }) => text.trim()) : [];
  const inside = said.filter(({ start }) => start >= from && start < (to ?? Infinity));
  if (said.length > 0 && inside.length === 0) {
    return { fault: `No segment starts in the window ${JSON.stringify(window)}.` };
  }
  return found(data.language, inside.map((segment) => ({ kind: "speech", ...segment })));
}

function readImage(value: unknown): ReadAnswer {
  const { data, error } = imageAnswer.safeParse(value);
  if (error) return { fault: issuesOf(error) };
  const seen = data.legible ? data.segments.filter(({ text }) => text.trim()) : [];
  return found(data.language, seen.map((segment) => ({ ...segment, speaker: null, start: null })));
}

function found(language: string | null, segments: Segment[]): ReadAnswer {
  return { segments, found: { content: segments.length > 0, language } };
}

function issuesOf({ issues }: z.ZodError): string {
  return issues.slice(0, 5).map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
}

/** The longest phrase, in letters and digits, whose repetition is noticed, and how much of it. */
const LONGEST_PHRASE = 200;
const REPEATED = 160;
const TIMES = 5;

/**
 * Whether a phrase comes again and again without a break, as models do when they are stuck: five times
 * at least, and more than people do. By letters, so that it holds for scripts without spaces.
 */
export function loops(segments: Segment[]): boolean {
  const all = segments.map(({ text }) => text).join("").toLowerCase();
  const letters = all.match(/[\p{L}\p{N}]/gu) ?? [];
  for (let period = 1; period <= LONGEST_PHRASE; period++) {
    const enough = Math.max(REPEATED, period * TIMES) - period;
    for (let index = period, run = 0; index < letters.length; index++) {
      run = letters[index] === letters[index - period] ? run + 1 : 0;
      if (run >= enough) return true;
    }
  }
  return false;
}
