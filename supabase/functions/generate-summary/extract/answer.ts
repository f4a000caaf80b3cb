/** Reads what the model says of a file, and mistrusts it. */
import type { z } from "zod";
import type { Found, Segment } from "../core/domain.ts";
import { parseJson } from "../models/json.ts";
import type { Generation } from "../models/model.ts";
import type { FaultKind } from "../models/policy.ts";
import { parseBeginning } from "./beginning.ts";
import { beforeLoop } from "./loops.ts";
import { audioAnswer, imageAnswer } from "./prompt.ts";

/** What an answer about a recording says. */
export interface Said {
  segments: Segment[];
  language: string | null;
  /** Where it ends before the recording does; null: it says that this is all. */
  cut: FaultKind | null;
  /** What is wrong with its form, for the model to read. */
  fault?: string;
}

/**
 * The segments of an answer about a recording, up to the first that is not whole, not in shape, or part of
 * a loop; none when it says that nobody speaks, whatever else it holds.
 */
export function readAudio({ text, cut }: Pick<Generation, "text" | "cut">): Said {
  const whole = cut === null ? parsed(text) : undefined;
  const value = whole === undefined ? parseBeginning(text) : whole;
  const { segments: given, ...head } = (value ?? {}) as { segments?: unknown };
  const listed = Array.isArray(given) ? given : [];
  const shape = audioAnswer.shape.segments.element;
  const broken = listed.findIndex((segment) => !shape.safeParse(segment).success);
  const fit: unknown = { ...head, segments: broken < 0 ? given : listed.slice(0, broken) };
  const answer = (whole === undefined ? audioAnswer.partial() : audioAnswer).safeParse(fit);
  if (!answer.success) {
    return { segments: [], language: null, cut: cut ?? "unusable", fault: faultIn(answer.error) };
  }
  const { speech_found = true, language = null, segments: all = [] } = answer.data;
  const said = (speech_found ? all : []).filter(({ text }) => text.trim())
    .map((segment): Segment => ({ kind: "speech", ...segment }));
  const segments = beforeLoop(said);
  const ended = whole === undefined || broken >= 0 ? "unusable" : null;
  const fault = broken < 0 ? undefined : faultIn(audioAnswer.safeParse(value).error!);
  return {
    segments,
    language,
    cut: segments.length < said.length ? "truncated" : cut ?? ended,
    fault,
  };
}

/** What is on a picture, or what is wrong with the answer, for the model to read. */
export function readImage(text: string): { segments: Segment[]; found: Found } | { fault: string } {
  const { data, error } = imageAnswer.safeParse(parsed(text));
  if (error) return { fault: faultIn(error) };
  const segments = (data.legible ? data.segments : []).filter(({ text }) => text.trim())
    .map((segment): Segment => ({ ...segment, speaker: null, start: null }));
  return { segments, found: { content: segments.length > 0, language: data.language } };
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function faultIn({ issues }: z.ZodError): string {
  return issues.slice(0, 5).map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
}
