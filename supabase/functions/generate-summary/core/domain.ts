/** What passes between the parts of the work: recordings, segments, extractions. */

/** Drugs (Latin script) and quantities (digits and unit) of a segment, for checks across languages. */
export interface Mentions {
  drugs: string[];
  quantities: string[];
}

/** One thing that was said, or that is written or seen on a picture. */
export interface Segment {
  /** `speech` for audio; what it is on a picture: `handwriting`, `print`, `drawing`, `photo`. */
  kind: string;
  /** Who speaks, as far as it can be told; null on pictures. */
  speaker: string | null;
  /** Seconds from the start of the recording; null on pictures. */
  start: number | null;
  text: string;
  mentions: Mentions;
}

/** Tokens that were paid for. */
export interface Usage {
  calls: number;
  input_tokens: number;
  audio_tokens: number;
  output_tokens: number;
}

export const noUsage = (): Usage => ({
  calls: 0,
  input_tokens: 0,
  audio_tokens: 0,
  output_tokens: 0,
});

/** A part of a recording as `public.extractions` keeps it; immutable. */
export interface Extraction {
  /** 0, 1, 2… */
  part: number;
  from_seconds: number;
  /** null: to the end. */
  to_seconds: number | null;
  is_last: boolean;
  segments: Segment[];
  found: Found;
  model: string;
  prompt_version: string;
  usage: Usage;
}

/** What the model says of the file itself. */
export interface Found {
  /** Audio: whether anybody speaks. Pictures: whether anything can be read or seen. */
  content: boolean;
  /** BCP 47, as the model says. */
  language: string | null;
}

/** A recording with what was extracted from its present version. */
export interface Recording {
  recording_id: string;
  bucket_id: string;
  object_path: string;
  object_version: string;
  kind: "audio" | "image";
  declared_type: string | null;
  size_bytes: number;
  created_at: string;
  excluded: string | null;
  /** Ordered by part. */
  extractions: Extraction[];
}
