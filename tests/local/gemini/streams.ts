/** What tests of streams share: an answer that is asked for through the SDK, and all that comes of it. */
import type { GenerateContentConfig, GenerateContentResponse } from "@google/genai";
import type { GeminiStandIn } from "../../../local/stand_ins/gemini/server.ts";
import { asked, MODEL, sdk } from "./asking.ts";

/** The SDK's stream of an answer to a question without files. */
export const open = (gemini: GeminiStandIn, config: GenerateContentConfig = {}) =>
  sdk(gemini).models.generateContentStream({
    model: MODEL,
    contents: asked("hello").contents,
    config,
  });

export interface Streamed {
  chunks: GenerateContentResponse[];
  text: string;
  finishReason?: string;
  /** What reading it failed with. */
  error?: Error & { status?: number };
}

/** Everything that comes of a stream, also of one that breaks. */
export async function all(gemini: GeminiStandIn, config?: GenerateContentConfig) {
  const streamed: Streamed = { chunks: [], text: "" };
  try {
    for await (const chunk of await open(gemini, config)) {
      streamed.chunks.push(chunk);
      const [candidate] = chunk.candidates ?? [];
      streamed.text += (candidate?.content?.parts ?? [])
        .map(({ text, thought }) => thought ? "" : text).join("");
      streamed.finishReason = candidate?.finishReason ?? streamed.finishReason;
    }
  } catch (error) {
    streamed.error = error as Error;
  }
  return streamed;
}
