/** What comes of a streamed answer: its text and how it ends, and what it cost. */
import type { GenerateContentResponse } from "@google/genai";
import type { GenerateRequest, PaidCall } from "./model.ts";

/** What has come of an answer so far. */
export interface Arrived {
  /** The text in pieces, without the thoughts. */
  pieces: string[];
  finishReason?: string;
  blockReason?: string;
  /** The last that was told, whichever chunk it came with. */
  usage?: GenerateContentResponse["usageMetadata"];
  /** The model that serves it. */
  model?: string;
}

/** Reads chunks into `arrived`, which holds what came also when that fails. */
export async function readStream(
  chunks: AsyncIterable<GenerateContentResponse>,
  arrived: Arrived,
): Promise<void> {
  for await (const { candidates, promptFeedback, usageMetadata, modelVersion } of chunks) {
    const [candidate] = candidates ?? [];
    for (const { text, thought } of candidate?.content?.parts ?? []) {
      if (text && !thought) arrived.pieces.push(text);
    }
    arrived.finishReason = candidate?.finishReason ?? arrived.finishReason;
    arrived.blockReason = promptFeedback?.blockReason ?? arrived.blockReason;
    arrived.usage = usageMetadata ?? arrived.usage;
    arrived.model = modelVersion ?? arrived.model;
  }
}

/** Tokens of audio that the model heard; null when it doesn't say. */
export function audioTokensOf({ usage }: Arrived): number | null {
  const details = usage?.promptTokensDetails ?? [];
  if (details.length === 0) return null;
  return details.find(({ modality }) => modality === "AUDIO")?.tokenCount ?? 0;
}

/** Rather too many tokens than too few, where only the characters are known. */
const CHARACTERS_PER_TOKEN = 3;
const tokensOf = (texts: string[]) =>
  Math.ceil(texts.reduce((sum, { length }) => sum + length, 0) / CHARACTERS_PER_TOKEN);

/** What it cost: as the service told it, else by what was sent and what came. */
export function costOf(
  arrived: Arrived,
  { system, parts, fileTokens = 0 }: GenerateRequest,
): Omit<PaidCall, "at" | "model" | "ms" | "outcome"> {
  const { usage, pieces } = arrived;
  if (usage) {
    const thought_tokens = usage.thoughtsTokenCount ?? 0;
    return {
      input_tokens: usage.promptTokenCount ?? 0,
      audio_tokens: audioTokensOf(arrived) ?? 0,
      cached_tokens: usage.cachedContentTokenCount ?? 0,
      output_tokens: (usage.candidatesTokenCount ?? 0) + thought_tokens,
      thought_tokens,
      estimated: false,
    };
  }
  const texts = parts.flatMap((part) => "text" in part ? part.text : []);
  const sound = parts.some((part) => "file" in part && part.file.mimeType.startsWith("audio/"));
  return {
    input_tokens: fileTokens + tokensOf([system, ...texts]),
    audio_tokens: sound ? fileTokens : 0,
    cached_tokens: 0,
    output_tokens: tokensOf(pieces),
    thought_tokens: 0,
    estimated: true,
  };
}
