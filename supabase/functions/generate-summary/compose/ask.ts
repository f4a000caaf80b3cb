/** Asks the model for a summary: how long it may think and write, and what is done when it is cut off. */
import type { Clock } from "../core/clock.ts";
import type { ModelCall, Submitter } from "../core/domain.ts";
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { assertFinite } from "../core/times.ts";
import { type Json, parseJson } from "../models/json.ts";
import type { GenerateRequest, Generation } from "../models/model.ts";
import { compositionInstruction } from "./prompt.ts";

export type ThinkingLevel = NonNullable<GenerateRequest["thinkingLevel"]>;

export interface AskDeps {
  generate: (request: GenerateRequest) => Promise<Generation>;
  /** Is told each request that may have been paid for. */
  book(call: ModelCall): void;
  /** How long one call may take, in seconds. */
  callSeconds: number;
  /** Milliseconds since the epoch. */
  deadline: number;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** What gemini-3.8-flash writes, thoughts included: more would not arrive before the call's time is up. */
const TOKENS_PER_SECOND = 150;

/** The input, and for a repair what is wrong with the answer to it. */
export interface Question {
  texts: string[];
  /** JSON schema of the answer. */
  schema: Record<string, unknown>;
}

/** An answer as JSON that nobody has looked at, and the model that gave it. */
export interface Asked {
  value: Json;
  model: string;
}

interface Ask {
  /** One answer. Throws `model_answer` when it is no JSON, and what `generate` throws. */
  (level: ThinkingLevel, question: Question): Promise<Asked>;
}

/**
 * Gives what asks for a summary. An answer that is cut off is asked for once more with little thinking,
 * which counts against the same limit. Throws a `RangeError` when a time is no finite number.
 */
export function createAsk(
  submittedBy: Submitter,
  { generate, book, callSeconds, deadline, clock, log }: AskDeps,
): Ask {
  assertFinite({ callSeconds, deadline });

  const once = async (
    thinkingLevel: ThinkingLevel,
    { texts, schema }: Question,
  ): Promise<Asked> => {
    const purpose = texts.length > 1 ? "repair" : "compose";
    const { text, model } = await generate({
      system: compositionInstruction(submittedBy),
      parts: texts.map((text) => ({ text })),
      schema,
      thinkingLevel,
      maxOutputTokens: writable(Math.min(callSeconds, secondsLeft(deadline, clock))),
      book: (paid) => book({ ...paid, id: crypto.randomUUID(), recording_id: null, purpose }),
      deadline,
    });
    return { value: readJson(text), model };
  };

  return async (level, question) => {
    try {
      return await once(level, question);
    } catch (error) {
      const { code } = asAppError(error);
      if (code !== "model_truncated" || level === "LOW") throw error;
      log.warn("retry", { code });
      return await once("LOW", question);
    }
  };
}

export function readJson(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw new AppError("model_answer");
  }
}

/** How many tokens arrive in this time; 1 when nothing is left of it: the call says so. */
export function writable(seconds: number): number {
  return Math.max(1, Math.floor(seconds * TOKENS_PER_SECOND));
}

export function secondsLeft(deadline: number, clock: Pick<Clock, "now">): number {
  return (deadline - clock.now()) / 1000;
}
