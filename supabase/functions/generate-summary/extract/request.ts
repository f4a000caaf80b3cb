/** What the model is asked of one file. */
import type { GenerateRequest, ModelFile } from "../models/model.ts";
import type { After } from "./join.ts";
import { AUDIO_SCHEMA, AUDIO_SYSTEM, IMAGE_SCHEMA, IMAGE_SYSTEM } from "./prompt.ts";

/** All that the model gives; a recording with more to say is heard in several answers. */
const MAX_OUTPUT_TOKENS = 65_536;

/** Where to begin, and what was wrong with the answer before. */
export interface Question {
  after: After | null;
  from_seconds: number;
  fault?: string;
  /** The answer before is doubted: it is worth some thought. */
  doubted: boolean;
}

type Asked = Pick<
  GenerateRequest,
  "system" | "parts" | "schema" | "maxOutputTokens" | "thinkingLevel" | "takesBeginning"
>;

export function audioRequest(
  file: ModelFile,
  { after, from_seconds, fault, doubted }: Question,
): Asked {
  const text = JSON.stringify({ task: "extract", kind: "audio", after, from_seconds, fault });
  return {
    system: AUDIO_SYSTEM,
    parts: [{ file }, { text }],
    schema: AUDIO_SCHEMA,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    thinkingLevel: doubted ? "MEDIUM" : "LOW",
    takesBeginning: true,
  };
}

export function imageRequest(file: ModelFile, fault?: string): Asked {
  return {
    system: IMAGE_SYSTEM,
    parts: [{ file }, { text: JSON.stringify({ task: "extract", kind: "image", fault }) }],
    schema: IMAGE_SCHEMA,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    thinkingLevel: "LOW",
  };
}
