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

/** Tokens that were paid for. */
export const Usage = z.object({
  calls: z.int(),
  input_tokens: z.int(),
  audio_tokens: z.int(),
  output_tokens: z.int(),
});
export type Usage = z.infer<typeof Usage>;

export const noUsage = (): Usage => ({
  calls: 0,
  input_tokens: 0,
  audio_tokens: 0,
  output_tokens: 0,
});

/** What the model says of the file itself. */
export const Found = z.object({
  /** Audio: whether anybody speaks. Pictures: whether anything can be read or seen. */
  content: z.boolean(),
  /** BCP 47, as the model says. */
  language: z.string().nullable(),
});
export type Found = z.infer<typeof Found>;

/** A window of a recording, in seconds from its start; null: to the end. */
export const TimeWindow = z.object({
  from_seconds: z.number(),
  to_seconds: z.number().nullable(),
});
export type TimeWindow = z.infer<typeof TimeWindow>;

/** A stretch of a recording that is in no segment, and why. */
export const MissingStretch = TimeWindow.extend({
  recording_id: z.string(),
  code: ErrorCode,
});
export type MissingStretch = z.infer<typeof MissingStretch>;

/** A part of a recording as `public.extractions` keeps it; immutable. */
export const Extraction = TimeWindow.extend({
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
  excluded: z.string().nullable(),
  /** Of this take, ordered by part. */
  extractions: z.array(Extraction),
  /** Of the take that counts as long as this one isn't complete. */
  earlier: z.array(Extraction),
});
export type Recording = z.infer<typeof Recording>;

/** A medicine of a structured prescription; null for what was not said. */
export const Medication = z.object({
  drug: z.string().nullable(),
  dose: z.string().nullable(),
  route: z.string().nullable(),
  frequency: z.string().nullable(),
  duration: z.string().nullable(),
});
export type Medication = z.infer<typeof Medication>;
