/** Gemini through its SDK: one place for its settings, limits and faults. */
import { type GenerateContentResponse, GoogleGenAI, type ThinkingLevel } from "@google/genai";
import { type Clock, type Limits, within } from "../../core/clock.ts";
import type { Usage } from "../../core/domain.ts";
import { AppError } from "../../core/errors.ts";
import { faultOf, textOf } from "../faults.ts";
import type { Log } from "../../core/log.ts";
import { Fault, withRetry } from "../retry.ts";
import { MODEL_CALL_MS } from "../../core/times.ts";
import { type GeminiFile, type Open, upload, type UploadFile } from "./upload.ts";

/** A file at Gemini or a text; files come first, so that equal beginnings are cached. */
export type Part =
  | { fileData: { fileUri: string; mimeType: string } }
  | { text: string };

export interface GenerateRequest extends Limits {
  system: string;
  parts: Part[];
  /** JSON schema of the answer, in Gemini's subset. */
  schema: unknown;
  /** Thinking counts, too. */
  maxOutputTokens: number;
  thinkingLevel?: "LOW" | "MEDIUM" | "HIGH";
  /** What is paid for is added, also for tries of which nothing comes. */
  usage: Usage;
}

export interface Generation {
  /** The answer as parsed JSON; whether it keeps to the schema is for the caller to check. */
  value: unknown;
  /** The model that served it, which may not be the one that was asked. */
  model: string;
  /** What was heard, at 32 a second; null when the answer doesn't say. */
  audioTokens: number | null;
}

export interface Gemini {
  /** The one that is asked: the fallback, once the first is gone. */
  readonly model: string;
  /**
   * One structured answer. Throws `out_of_time` when less time is left than a call may take,
   * `model_*` codes (see `retry.ts`), and `file_gone` when a file of the prompt is not there.
   */
  generate(request: GenerateRequest): Promise<Generation>;
  /** What a file costs as input: 32 a second of audio. Throws as `generate` does. */
  countTokens(file: GeminiFile, limits: Limits): Promise<number>;
  /** See `upload.ts`. */
  upload(open: Open, file: UploadFile, limits: Limits): Promise<GeminiFile>;
  /** True when it is not there any more; never throws. */
  deleteFile(name: string): Promise<boolean>;
  /** Asks for the model. Throws as `generate` does. */
  check(): Promise<void>;
}

type Call<T> = (abortSignal: AbortSignal) => Promise<T>;

interface GeminiDeps {
  apiKey: string;
  /** Without a slash at its end. */
  baseUrl?: string;
  model: string;
  fallbackModel?: string;
  fetch?: typeof fetch;
  clock: Clock;
  log: Log;
}

// The SDK's default is v1, which knows no model aliases.
const API_VERSION = "v1beta";
/** Calls that generate nothing answer within this. */
const SHORT_MS = 10_000;

export function createGemini(deps: GeminiDeps): Gemini {
  const { apiKey, baseUrl = "https://generativelanguage.googleapis.com", clock, log } = deps;
  const plainFetch = deps.fetch ?? fetch;
  let model = deps.model;

  const ai = new GoogleGenAI({
    // Without one it prints a warning; nothing is asked then.
    apiKey: apiKey || "none",
    apiVersion: API_VERSION,
    httpOptions: {
      baseUrl,
      fetch: async (input, init) => {
        const response = await plainFetch(input, { ...init, redirect: "error" });
        // The SDK would lose the headers, and put the whole answer into its error's message.
        if (!response.ok) throw await faultOf(response);
        return response;
      },
    },
  });

  /** One request; whatever goes wrong is a `Fault`. */
  async function once<T>(ms: number, signal: AbortSignal | undefined, call: Call<T>): Promise<T> {
    if (!apiKey) throw new Fault("key");
    return await within(clock, ms, new Fault("timed_out"), signal, async (signal) => {
      try {
        return await call(signal);
      } catch (error) {
        if (error instanceof Fault) throw error;
        // The body of an answer with 200 is no JSON, or broke off.
        throw new Fault(error instanceof SyntaxError ? "unusable" : "unreachable");
      }
    });
  }

  /** A request about a model: when that is gone, the fallback takes its place. */
  async function withModel<T>(ask: (model: string) => Promise<T>): Promise<T> {
    const { fallbackModel } = deps;
    const asked = model;
    try {
      return await ask(asked);
    } catch (error) {
      const gone = error instanceof Fault && error.kind === "model_gone";
      if (!gone || !fallbackModel || asked === fallbackModel) throw error;
      model = fallbackModel;
      log.warn("retry", { code: "model_gone", model });
      return await ask(model);
    }
  }

  const short = <T>(limits: Limits, call: Call<T>) =>
    withRetry(
      () => once(SHORT_MS, limits.signal, call),
      { ...limits, clock, log, needs: SHORT_MS },
    );

  async function look(name: string, limits: Limits) {
    try {
      return await short(limits, (abortSignal) => ai.files.get({ name, config: { abortSignal } }));
    } catch (error) {
      if (error instanceof AppError && error.code === "file_gone") return null;
      throw error;
    }
  }

  async function deleteFile(name: string): Promise<boolean> {
    const limits = { deadline: clock.now() + 3 * SHORT_MS };
    try {
      await short(limits, (abortSignal) => ai.files.delete({ name, config: { abortSignal } }));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "file_gone") {
        log.warn("file_not_deleted", { code: error instanceof AppError ? error.code : "internal" });
        return false;
      }
    }
    log.info("file_deleted");
    return true;
  }

  async function generate(request: GenerateRequest): Promise<Generation> {
    const { system, parts, schema, maxOutputTokens, thinkingLevel } = request;
    const { usage, signal, deadline } = request;
    if (clock.now() + MODEL_CALL_MS > deadline) throw new AppError("out_of_time");
    const ask = (model: string) =>
      once(MODEL_CALL_MS, signal, (abortSignal) =>
        ai.models.generateContent({
          model,
          contents: [{ role: "user", parts }],
          config: {
            systemInstruction: system,
            responseMimeType: "application/json",
            responseJsonSchema: schema,
            maxOutputTokens,
            thinkingConfig: thinkingLevel && { thinkingLevel: thinkingLevel as ThinkingLevel },
            // One call would become several that are paid for.
            automaticContinuation: false,
            abortSignal,
          },
        }));
    return await withRetry(async () => {
      const response = await withModel(ask);
      const audioTokens = audioTokensOf(response);
      usage.calls++;
      usage.input_tokens += response.usageMetadata?.promptTokenCount ?? 0;
      usage.audio_tokens += audioTokens ?? 0;
      usage.output_tokens += (response.usageMetadata?.candidatesTokenCount ?? 0) +
        (response.usageMetadata?.thoughtsTokenCount ?? 0);
      const value = parse(textOf(response));
      return { value, model: response.modelVersion ?? model, audioTokens };
    }, { deadline, signal, clock, log, needs: MODEL_CALL_MS });
  }

  return {
    get model() {
      return model;
    },
    generate,
    async countTokens({ uri, mimeType }, limits) {
      const contents = [{ role: "user", parts: [{ fileData: { fileUri: uri, mimeType } }] }];
      const { totalTokens } = await short(
        limits,
        (abortSignal) =>
          withModel((model) => ai.models.countTokens({ model, contents, config: { abortSignal } })),
      );
      return totalTokens ?? 0;
    },
    async upload(open, file, limits) {
      if (!apiKey) throw new AppError("model_key");
      const endpoint = `${baseUrl}/upload/${API_VERSION}/files`;
      const its = { fetch: plainFetch, endpoint, apiKey, clock, log, look, remove: deleteFile };
      return await upload(open, file, { ...limits, ...its });
    },
    deleteFile,
    async check() {
      await short(
        { deadline: clock.now() + SHORT_MS },
        (abortSignal) => withModel((model) => ai.models.get({ model, config: { abortSignal } })),
      );
    },
  };
}

function audioTokensOf({ usageMetadata }: GenerateContentResponse): number | null {
  const audio = usageMetadata?.promptTokensDetails?.find(({ modality }) => modality === "AUDIO");
  return audio?.tokenCount ?? null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault("unusable");
  }
}
