/** What Gemini's models take: the bodies of `generateContent` and `countTokens`. */
import { z } from "zod";
import type { Question } from "./answers.ts";
import type { StoredFile } from "./files.ts";
import { OUTPUT_TOKENS, THINKING_LEVELS, thinkingLevel } from "./models.ts";
import { invalid, invalidField } from "./refusal.ts";
import type { Sample } from "./samples.ts";
import { checkSchema } from "./schema.ts";
import { promptTokens, sum } from "./tokens.ts";
import { valid } from "./validate.ts";

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
    thinkingLevel: z.enum(THINKING_LEVELS).optional(),
    thinkingBudget: z.int().optional(),
    includeThoughts: z.boolean().optional(),
  }),
}).partial();

const SafetySetting = z.strictObject({
  category: z.enum([
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
  ]),
  threshold: z.enum([
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
    "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_NONE",
    "OFF",
  ]),
});

const GenerateBody = z.strictObject({
  contents: z.array(Content).min(1),
  systemInstruction: Content.optional(),
  generationConfig: GenerationConfig.default({}),
  safetySettings: z.array(SafetySetting).refine(
    (settings) => new Set(settings.map(({ category }) => category)).size === settings.length,
    { error: "one setting for each category" },
  ).optional(),
});
export type GenerateBody = z.infer<typeof GenerateBody>;

/** Where the files of a prompt are: known, ready, of a type that is taken; else it refuses. */
export interface UsableFiles {
  use(uri: string, mimeType: string): StoredFile;
}

const CountBody = z.strictObject({ contents: z.array(Content).min(1) });

/** A `generateContent` body that Gemini would take; 400 or 403 for any other. */
export function checkGenerate(model: string, body: unknown): GenerateBody {
  const request = valid(GenerateBody, body);
  const { thinkingConfig, responseSchema, responseJsonSchema, responseMimeType } =
    request.generationConfig;
  const level = thinkingConfig?.thinkingLevel;
  thinkingLevel(model, level);
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
export function questionOf(contents: GenerateBody["contents"], files: UsableFiles): Question {
  const parts = contents.flatMap((content) => content.parts);
  return {
    files: parts.flatMap(({ fileData }) =>
      fileData ? [files.use(fileData.fileUri, fileData.mimeType)] : []
    ),
    texts: parts.flatMap(({ text }) => text ?? []),
  };
}

/** `countTokens`. */
export function countTokens(body: unknown, files: UsableFiles, samples: Sample[]) {
  const question = questionOf(valid(CountBody, body).contents, files);
  const details = promptTokens(question, "", samples);
  return { totalTokens: sum(details), promptTokensDetails: details };
}
