/** Wraps what the model says: the answer's shape, its finish, and what it cost in tokens. */
import type { Question } from "./answers.ts";
import type { Behaviour } from "./behaviour.ts";
import type { PromptCache } from "./caching.ts";
import type { GenerateBody } from "./generate.ts";
import { INPUT_TOKENS, OUTPUT_TOKENS, type ThinkingLevel, thinkingLevel } from "./models.ts";
import { REFUSALS } from "./refusals.ts";
import type { Sample } from "./samples.ts";
import {
  CHARACTERS_PER_TOKEN,
  promptPieces,
  promptTokens,
  sum,
  textTokens,
  type TokenCount,
} from "./tokens.ts";

export interface UsageMetadata {
  promptTokenCount: number;
  candidatesTokenCount: number;
  totalTokenCount: number;
  promptTokensDetails?: TokenCount[];
  /** Where it thought. */
  thoughtsTokenCount?: number;
  /** Where something was cached; part of `promptTokenCount`. */
  cachedContentTokenCount?: number;
  cacheTokensDetails?: TokenCount[];
  /** On Google Cloud. */
  trafficType?: "ON_DEMAND";
}

export interface Candidate {
  /** Without parts where nothing came before the limit. */
  content: { role: "model"; parts?: { text: string; thought?: boolean }[] };
  finishReason?: string;
  index: number;
}

/** `generateContent`'s answer, and each chunk of `streamGenerateContent`'s. */
export interface GenerateAnswer {
  candidates?: Candidate[];
  promptFeedback?: { blockReason: string };
  usageMetadata?: UsageMetadata;
  modelVersion: string;
  responseId: string;
}

/** Tokens of thoughts by level. They are the stand-in's own: Google names none. */
const THOUGHTS: Record<ThinkingLevel, number> = { MINIMAL: 0, LOW: 256, MEDIUM: 1024, HIGH: 4096 };

export interface Prompt {
  /** Its real name. */
  model: string;
  body: GenerateBody;
  question: Question;
}

const instructionOf = ({ systemInstruction }: GenerateBody) =>
  systemInstruction?.parts.map((part) => part.text).join("") ?? "";

/** 400 for a prompt that is longer than the model takes. */
export function checkLength({ body, question }: Prompt, samples: Sample[]): void {
  const count = sum(promptTokens(question, instructionOf(body), samples));
  if (count > INPUT_TOKENS) throw REFUSALS.inputTokens(count, INPUT_TOKENS);
}

/** The text as the model's answer; one that is longer than the request allows is cut off. */
export function wrap(
  text: string,
  { model, body, question }: Prompt,
  samples: Sample[],
  { thinks, caches }: Behaviour,
  cache: PromptCache,
): GenerateAnswer {
  const { maxOutputTokens: limit = OUTPUT_TOKENS, thinkingConfig } = body.generationConfig;
  const level = thinkingLevel(model, thinkingConfig?.thinkingLevel);
  const thoughts = Math.min(limit, thinks ? { ...THOUGHTS, ...thinks as object }[level] : 0);
  const said = text.slice(0, (limit - thoughts) * CHARACTERS_PER_TOKEN);

  const instruction = instructionOf(body);
  const details = promptTokens(question, instruction, samples);
  const cached = caches ? cache.look(model, promptPieces(question, instruction, samples)) : [];
  const [promptTokenCount, candidatesTokenCount] = [sum(details), textTokens(said)];
  return {
    candidates: [{
      content: { role: "model", parts: said || !text ? [{ text: said }] : undefined },
      finishReason: said === text ? "STOP" : "MAX_TOKENS",
      index: 0,
    }],
    usageMetadata: {
      promptTokenCount,
      candidatesTokenCount,
      totalTokenCount: promptTokenCount + candidatesTokenCount + thoughts,
      promptTokensDetails: details,
      ...thoughts > 0 && { thoughtsTokenCount: thoughts },
      ...cached.length > 0 &&
        { cachedContentTokenCount: sum(cached), cacheTokensDetails: cached },
    },
    modelVersion: model,
    responseId: crypto.randomUUID(),
  };
}
