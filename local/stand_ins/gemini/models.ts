/** Gemini's models: their names, and what they take and give at most. */
import { REFUSALS } from "./refusals.ts";

export const THINKING_LEVELS = ["MINIMAL", "LOW", "MEDIUM", "HIGH"] as const;
export type ThinkingLevel = typeof THINKING_LEVELS[number];

interface Thinking {
  levels: ThinkingLevel[];
  /** The one of a request that names none. */
  usual: ThinkingLevel;
}

const MODELS: Record<string, Thinking> = {
  "gemini-3.8-flash": { levels: ["LOW", "MEDIUM", "HIGH"], usual: "HIGH" },
  "gemini-3.5-flash-lite": { levels: [...THINKING_LEVELS], usual: "MINIMAL" },
};

/** On v1beta only. */
const ALIASES: Record<string, string> = { "gemini-flash-latest": "gemini-3.8-flash" };

/** Tokens of a prompt, and of an answer with its thoughts. */
export const INPUT_TOKENS = 1_048_576;
export const OUTPUT_TOKENS = 65_536;

/** The model that answers to that name; 404 when there is none. */
export function findModel(name: string, version: string): string {
  const model = version === "v1beta" ? ALIASES[name] ?? name : name;
  if (model in MODELS) return model;
  throw REFUSALS.model(name, version);
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

/** The level that a model thinks at; 400 for one that it does not have. */
export function thinkingLevel(model: string, asked: ThinkingLevel | undefined): ThinkingLevel {
  const { levels, usual } = MODELS[model];
  if (asked && !levels.includes(asked)) throw REFUSALS.thinkingLevel(asked);
  return asked ?? usual;
}
