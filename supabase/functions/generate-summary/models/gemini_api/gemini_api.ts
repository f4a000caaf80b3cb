/** The Gemini API as a way to a model: a key, and files that Google keeps for two days. */
import { createModelClient, SHORT_MS } from "../client.ts";
import { countTokens } from "../count.ts";
import { fileName } from "../file_name.ts";
import { generate } from "../generate.ts";
import { MEDIA_TYPES } from "../media_types.ts";
import type { Model, WayDeps } from "../model.ts";
import { Fault } from "../policy.ts";
import { lazilySdk } from "../sdk.ts";
import type { GeminiApiSettings, ModelNames } from "../settings.ts";
import { upload } from "../upload.ts";
import { API_VERSION, createFiles } from "./files.ts";

export function geminiApi(
  { apiKey, baseUrl = "https://generativelanguage.googleapis.com", ...names }:
    & GeminiApiSettings
    & ModelNames,
  { fetch, clock, log, longest }: WayDeps,
): Model {
  const sdk = lazilySdk({ apiKey, apiVersion: API_VERSION, baseUrl, fetch });
  const client = createModelClient({
    ...names,
    sdk: () => apiKey ? sdk() : Promise.reject(new Fault("key")),
    clock,
    log,
  });
  const files = createFiles({ client, apiKey, baseUrl, fetch });
  return {
    get model() {
      return client.model;
    },
    typeName: (type) => MEDIA_TYPES[type].geminiApi,
    fileName: (version) => fileName("files", version),
    upload: (open, file, limits) => upload(open, file, files, limits),
    countTokens: (file, limits) => countTokens(file, client, limits),
    generate: (request) => generate(request, client, longest),
    deleteFile: files.remove,
    // What is left there is gone in two days.
    sweep: () => Promise.resolve(),
    async check() {
      await client.callModel(
        // One try.
        { deadline: clock.now() + SHORT_MS },
        (ai, abortSignal, model) => ai.models.get({ model, config: { abortSignal } }),
      );
    },
  };
}
