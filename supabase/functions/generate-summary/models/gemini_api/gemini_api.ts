/** The Gemini API as a way to a model: a key, and files that Google keeps for two days. */
import type { Model } from "../model.ts";
import { type GeminiClient, SHORT_MS } from "./client.ts";
import { fileName } from "./file_name.ts";
import { fileData, generate } from "./generate.ts";
import { upload } from "./upload.ts";

/** `longest`: milliseconds that one answer may take. */
export function geminiApi(client: GeminiClient, longest: number): Model {
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
    generate: (request) => generate(request, client, longest),
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
