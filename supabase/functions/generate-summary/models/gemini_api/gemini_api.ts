/** The Gemini API as a way to a model: a key, and files that Google keeps for two days. */
import type { GenerateContentResponse, Part as GeminiPart } from "@google/genai";
import { AppError } from "../../core/errors.ts";
import { MODEL_CALL_MS } from "../../core/times.ts";
import { textOf } from "../faults.ts";
import type { GenerateRequest, Generation, Model, ModelFile, Part } from "../model.ts";
import { type GeminiClient, SHORT_MS } from "./client.ts";
import { fileName } from "./file_name.ts";
import { upload } from "./upload.ts";

export function geminiApi(client: GeminiClient): Model {
  return {
    get model() {
      return client.model;
    },
    fileName,
    upload: (open, file, limits) => upload(open, file, client, limits),
    countTokens: (file, limits) =>
      client.callModel({ ...limits, ofFile: true }, async (ai, abortSignal, model) => {
        const contents = [{ role: "user", parts: [fileData(file)] }];
        const counted = await ai.models.countTokens({ model, contents, config: { abortSignal } });
        return counted.totalTokens ?? 0;
      }),
    generate: (request) => generate(request, client),
    deleteFile: client.remove,
    async check() {
      await client.callModel(
        // One try.
        { deadline: client.clock.now() + SHORT_MS },
        (ai, abortSignal, model) => ai.models.get({ model, config: { abortSignal } }),
      );
    },
  };
}

async function generate(request: GenerateRequest, client: GeminiClient): Promise<Generation> {
  const { parts, usage, signal, deadline } = request;
  if (client.clock.now() + MODEL_CALL_MS > deadline) throw new AppError("out_of_time");
  const ofFile = parts.some((part) => "file" in part);
  const { ThinkingLevel } = await import("@google/genai");
  return await client.callModel(
    { deadline, signal, ms: MODEL_CALL_MS, ofFile },
    async (ai, abortSignal, model) => {
      const response = await ai.models.generateContent({
        model,
        contents: [{ role: "user", parts: parts.map(toGemini) }],
        config: {
          systemInstruction: request.system,
          responseMimeType: "application/json",
          responseJsonSchema: request.schema,
          maxOutputTokens: request.maxOutputTokens,
          thinkingConfig: request.thinkingLevel &&
            { thinkingLevel: ThinkingLevel[request.thinkingLevel] },
          // One call would become several that are paid for.
          automaticContinuation: false,
          abortSignal,
        },
      });
      const audioTokens = audioTokensOf(response);
      usage.calls++;
      usage.input_tokens += response.usageMetadata?.promptTokenCount ?? 0;
      usage.audio_tokens += audioTokens ?? 0;
      usage.output_tokens += (response.usageMetadata?.candidatesTokenCount ?? 0) +
        (response.usageMetadata?.thoughtsTokenCount ?? 0);
      // A text that is no JSON is a fault like an answer that is none.
      const value: unknown = JSON.parse(textOf(response));
      return { value, model: response.modelVersion ?? model, audioTokens };
    },
  );
}

const fileData = ({ uri, mimeType }: ModelFile) => ({ fileData: { fileUri: uri, mimeType } });

function toGemini(part: Part): GeminiPart {
  return "file" in part ? fileData(part.file) : part;
}

function audioTokensOf({ usageMetadata }: GenerateContentResponse): number | null {
  const audio = usageMetadata?.promptTokensDetails?.find(({ modality }) => modality === "AUDIO");
  return audio?.tokenCount ?? null;
}
