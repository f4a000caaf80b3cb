/** Gemini's models: what they take, what it costs in tokens, how their answers are wrapped. */
import { z } from "zod";
import type { Question } from "./answers.ts";
import type { Files } from "./files.ts";
import { invalid, invalidField, Refusal } from "./refusal.ts";
import type { Sample } from "./samples.ts";
import { checkSchema } from "./schema.ts";
import { CHARACTERS_PER_TOKEN, promptTokens, sum, textTokens, type TokenCount } from "./tokens.ts";
import { valid } from "./validate.ts";

const MODELS: Record<string, { thinkingLevels: string[] }> = {
  "gemini-3.8-flash": { thinkingLevels: ["LOW", "MEDIUM", "HIGH"] },
  "gemini-3.5-flash-lite": { thinkingLevels: ["MINIMAL", "LOW", "MEDIUM", "HIGH"] },
};

/** On v1beta only. */
const ALIASES: Record<string, string> = { "gemini-flash-latest": "gemini-3.8-flash" };

const INPUT_TOKENS = 1_048_576;
const OUTPUT_TOKENS = 65_536;

const Part = z.strictObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  fileData: z.strictObject({ fileUri: z.string(), mimeType: z.string() }).optional(),
}).refine(({ text, fileData }) => (text === undefined) !== (fileData === undefined), {
  error: "a part must hold one of text and fileData",
});

const Content = z.strictObject({
  role: z.enum(["user", "model"]).optional(),
  parts: z.array(Part).min(1),
});

const GenerationConfig = z.strictObject({
  temperature: z.number().min(0).max(2),
  topP: z.number().min(0).max(1),
  topK: z.int(),
  seed: z.int(),
  candidateCount: z.literal(1),
  maxOutputTokens: z.int().min(1).max(OUTPUT_TOKENS),
  stopSequences: z.array(z.string()).max(5),
  responseMimeType: z.enum(["text/plain", "application/json"]),
  responseSchema: z.looseObject({}),
  responseJsonSchema: z.unknown(),
  mediaResolution: z.string(),
  thinkingConfig: z.strictObject({
    thinkingLevel: z.enum(["MINIMAL", "LOW", "MEDIUM", "HIGH"]).optional(),
    thinkingBudget: z.int().optional(),
    includeThoughts: z.boolean().optional(),
  }),
}).partial();

const GenerateBody = z.strictObject({
  contents: z.array(Content).min(1),
  systemInstruction: Content.optional(),
  generationConfig: GenerationConfig.default({}),
  safetySettings: z.array(z.strictObject({ category: z.string(), threshold: z.string() }))
    .optional(),
});
export type GenerateBody = z.infer<typeof GenerateBody>;

const CountBody = z.strictObject({ contents: z.array(Content).min(1) });

/** `generateContent`'s answer. */
export interface GenerateAnswer {
  candidates?: {
    content: { role: "model"; parts: { text: string; thought?: boolean }[] };
    finishReason?: string;
    index: number;
  }[];
  promptFeedback?: { blockReason: string };
  usageMetadata: {
    promptTokenCount: number;
    candidatesTokenCount: number;
    totalTokenCount: number;
    promptTokensDetails: TokenCount[];
  };
  modelVersion: string;
  responseId: string;
}

/** The model that answers to that name; 404 when there is none. */
export function findModel(name: string, version: string): string {
  const model = version === "v1beta" ? ALIASES[name] ?? name : name;
  if (model in MODELS) return model;
  throw new Refusal(
    404,
    "NOT_FOUND",
    `models/${name} is not found for API version ${version}, or is not supported for this method.`,
  );
}

/** `models.get`. */
export function describeModel(name: string, version: string) {
  findModel(name, version);
  return {
    name: `models/${name}`,
    version: "stand-in",
    displayName: name,
    inputTokenLimit: INPUT_TOKENS,
    outputTokenLimit: OUTPUT_TOKENS,
    supportedGenerationMethods: ["generateContent", "countTokens"],
    thinking: true,
  };
}

/** A `generateContent` body that Gemini would take; 400 or 403 for any other. */
export function checkGenerate(model: string, body: unknown): GenerateBody {
  const request = valid(GenerateBody, body);
  const { thinkingConfig, responseSchema, responseJsonSchema, responseMimeType } =
    request.generationConfig;
  const level = thinkingConfig?.thinkingLevel;
  if (level && !MODELS[model].thinkingLevels.includes(level)) {
    throw invalid(`Thinking level ${level} is not supported for this model.`);
  }
  if (level && thinkingConfig.thinkingBudget !== undefined) {
    throw invalid("You can only set one of thinking budget and thinking level.");
  }
  if (responseSchema && responseJsonSchema !== undefined) {
    throw invalid("Only one of response_schema and response_json_schema may be set.");
  }
  if ((responseSchema || responseJsonSchema) && responseMimeType !== "application/json") {
    throw invalidField(
      "generation_config.response_mime_type",
      "A response schema needs the response mime type application/json.",
    );
  }
  if (responseJsonSchema !== undefined) checkSchema(responseJsonSchema);
  return request;
}

/** The files and texts of a prompt; 403 or 400 for a file that can't be used. */
export function questionOf(contents: GenerateBody["contents"], files: Files): Question {
  const parts = contents.flatMap((content) => content.parts);
  return {
    files: parts.flatMap(({ fileData }) =>
      fileData ? [files.use(fileData.fileUri, fileData.mimeType)] : []
    ),
    texts: parts.flatMap(({ text }) => text ?? []),
  };
}

/** `countTokens`. */
export function countTokens(body: unknown, files: Files, samples: Sample[]) {
  const question = questionOf(valid(CountBody, body).contents, files);
  const details = promptTokens(question, "", samples);
  return { totalTokens: sum(details), promptTokensDetails: details };
}

/** The text as the model's answer; one longer than the request allows is cut off. */
export function wrap(
  text: string,
  model: string,
  body: GenerateBody,
  question: Question,
  samples: Sample[],
): GenerateAnswer {
  const system = body.systemInstruction?.parts.map((part) => part.text).join("") ?? "";
  const details = promptTokens(question, system, samples);
  const limit = body.generationConfig.maxOutputTokens ?? OUTPUT_TOKENS;
  const said = text.slice(0, limit * CHARACTERS_PER_TOKEN);
  const [promptTokenCount, candidatesTokenCount] = [sum(details), textTokens(said)];
  return {
    candidates: [{
      content: { role: "model", parts: [{ text: said }] },
      finishReason: said === text ? "STOP" : "MAX_TOKENS",
      index: 0,
    }],
    usageMetadata: {
      promptTokenCount,
      candidatesTokenCount,
      totalTokenCount: promptTokenCount + candidatesTokenCount,
      promptTokensDetails: details,
    },
    modelVersion: model,
    responseId: crypto.randomUUID(),
  };
}
