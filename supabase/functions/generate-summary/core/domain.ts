/** What passes between the parts of the work, and is kept in the database as JSON. */
import { z } from "zod";
import { type ErrorCode as Code, ERRORS } from "./errors.ts";

export const ErrorCode = z.enum(Object.keys(ERRORS) as [Code, ...Code[]]).meta({ id: "ErrorCode" });
export type ErrorCode = Code;

/** Who recorded: it tells who speaks to whom. */
export const Submitter = z.enum(["doctor", "nurse", "receptionist"]);
export type Submitter = z.infer<typeof Submitter>;

/** Drugs (Latin script) and quantities (digits and unit) of a segment, for checks across languages. */
export const Mentions = z.object({
  drugs: z.array(z.string()),
  quantities: z.array(z.string()),
  /** How often something is taken or done: `2 times a day`, `every 8 hours`, `at need`. */
  frequency: z.array(z.string()).optional(),
  /** Drugs that are called by another name than their international one. */
  generic: z.array(z.object({ said: z.string(), generic: z.string() })).optional(),
});

/** One thing that was said, or that is written or seen on a picture. */
export const Segment = z.object({
  /** `speech` for audio; what it is on a picture: `handwriting`, `print`, `drawing`, `photo`. */
  kind: z.string(),
  /** Who speaks, as far as it can be told; null on pictures. */
  speaker: z.string().nullable(),
  /** Seconds from the start of the recording; null on pictures. */
  start: z.number().nullable(),
  text: z.string(),
  mentions: Mentions,
});
export type Segment = z.infer<typeof Segment>;

/** A request to a model that may have been paid for, as the database keeps it. */
export type ModelCall = {
  /** A uuid, made by the worker. */
  id: string;
  /** When it ended, ISO 8601. */
  at: string;
  /** null: it was about all of them. */
  recording_id: string | null;
  purpose: "extract" | "compose" | "repair" | "verify";
  /** The one that served it. */
  model: string;
  /** All of the prompt, with audio and with what was cached. */
  input_tokens: number;
  audio_tokens: number;
  cached_tokens: number;
  /** With thoughts. */
  output_tokens: number;
  thought_tokens: number;
  /** Milliseconds from the request to its end. */
  ms: number;
  /** `ok`, or the fault that it ended with. */
  outcome: string;
  /** The service did not tell what it cost: counted by characters and by the file's length. */
  estimated: boolean;
};

/** Tokens that were paid for. */
export const Usage = z.object({
  calls: z.int(),
  input_tokens: z.int(),
  audio_tokens: z.int(),
  cached_tokens: z.int(),
  output_tokens: z.int(),
});
export type Usage = z.infer<typeof Usage>;

/** The sum of calls. */
export function usageOf(calls: Omit<Usage, "calls">[]): Usage {
  const sum = (key: keyof Omit<Usage, "calls">) => calls.reduce((all, one) => all + one[key], 0);
  return {
    calls: calls.length,
    input_tokens: sum("input_tokens"),
    audio_tokens: sum("audio_tokens"),
    cached_tokens: sum("cached_tokens"),
    output_tokens: sum("output_tokens"),
  };
}

export function addUsage(one: Usage | undefined, other: Usage): Usage {
  if (!one) return other;
  const calls = one.calls + other.calls;
  return { ...usageOf([one, other]), calls };
}

/** What the model says of the file itself. */
export const Found = z.object({
  /** Audio: whether anybody speaks. Pictures: whether anything can be read or seen. */
  content: z.boolean(),
  /** BCP 47, as the model says. */
  language: z.string().nullable(),
  /** Why nobody has heard what the part covers: it was skipped. */
  missing: ErrorCode.optional(),
});
export type Found = z.infer<typeof Found>;

/** A stretch of a recording, in seconds from its start; null: to the end. */
const Stretch = z.object({
  from_seconds: z.number(),
  to_seconds: z.number().nullable(),
});

/** A stretch of a recording that is in no segment, and why. */
export type Missing = z.infer<typeof Stretch> & { code: ErrorCode };
/** The same of one among several recordings. */
export type MissingStretch = Missing & { recording_id: string };

/** A part of a recording as `public.extractions` keeps it; immutable. */
export const Extraction = Stretch.extend({
  /** 0, 1, 2… */
  part: z.int(),
  is_last: z.boolean(),
  segments: z.array(Segment),
  found: Found,
  model: z.string(),
  prompt_version: z.string(),
  usage: Usage,
});
export type Extraction = z.infer<typeof Extraction>;

/** One version of a recording's object. */
export const RecordingVersion = z.object({
  recording_id: z.string(),
  object_version: z.string(),
});
export type RecordingVersion = z.infer<typeof RecordingVersion>;

/** A recording with what was extracted from its present version. */
export const Recording = RecordingVersion.extend({
  bucket_id: z.string(),
  object_path: z.string(),
  kind: z.enum(["audio", "image"]),
  declared_type: z.string().nullable(),
  size_bytes: z.number().nullable(),
  /** Which listening to it is wanted: 1, 2… */
  take: z.int(),
  /** As Storage's header has it, in quotes. */
  etag: z.string().nullable(),
  created_at: z.string(),
  /** Why it is not looked at. */
  excluded: z.enum(["file_excluded", "file_uploader_left"]).nullable(),
  /** Of this take, ordered by part. */
  extractions: z.array(Extraction),
  /** Of the take that counts as long as this one isn't complete. */
  earlier: z.array(Extraction),
});
export type Recording = z.infer<typeof Recording>;

/** A medicine of a structured prescription; null for what was not said. */
export const Medication = z.object({
  drug: z.string().nullable().describe("Its name."),
  dose: z.string().nullable().describe("How much at a time, with its unit."),
  route: z.string().nullable().describe("How it is taken."),
  frequency: z.string().nullable().describe("How often."),
  duration: z.string().nullable().describe("For how long."),
});
export type Medication = z.infer<typeof Medication>;
