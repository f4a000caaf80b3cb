/** Asks the model for a summary: how long it may think and write, and what is done when it is cut off. */
import type { Clock } from "../core/clock.ts";
import type { Submitter, Usage } from "../core/domain.ts";
import { asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { assertFinite } from "../core/times.ts";
import type { GenerateRequest, Generation } from "../models/model.ts";
import { compositionInstruction, compositionSchema } from "./prompt.ts";
import type { Template } from "./template.ts";

export type ThinkingLevel = NonNullable<GenerateRequest["thinkingLevel"]>;

export interface AskDeps {
  generate: (request: GenerateRequest) => Promise<Generation>;
  /** How long one call may take, in seconds. */
  callSeconds: number;
  /** Milliseconds since the epoch. */
  deadline: number;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** What gemini-3.8-flash writes, thoughts included: more would not arrive before the call's time is up. */
const TOKENS_PER_SECOND = 150;

interface Ask {
  /** One answer, as JSON that nobody has looked at. Throws what `generate` throws. */
  (level: ThinkingLevel, ...texts: string[]): Promise<Generation>;
}

/**
 * Gives what asks for a summary. An answer that is cut off is asked for once more with little thinking,
 * which counts against the same limit. Throws a `RangeError` when a time is no finite number.
 */
export function createAsk(
  { template, submittedBy, usage }: { template: Template; submittedBy: Submitter; usage: Usage },
  { generate, callSeconds, deadline, clock, log }: AskDeps,
): Ask {
  assertFinite({ callSeconds, deadline });

  const once = (thinkingLevel: ThinkingLevel, texts: string[]) => {
    const seconds = Math.min(callSeconds, secondsLeft(deadline, clock));
    return generate({
      system: compositionInstruction(submittedBy),
      parts: texts.map((text) => ({ text })),
      schema: compositionSchema(template),
      thinkingLevel,
      // When nothing is left, `generate` says so.
      maxOutputTokens: Math.max(1, Math.floor(seconds * TOKENS_PER_SECOND)),
      usage,
      deadline,
    });
  };

  return async (level, ...texts) => {
    try {
      return await once(level, texts);
    } catch (error) {
      const { code } = asAppError(error);
      if (code !== "model_truncated" || level === "LOW") throw error;
      log.warn("retry", { code });
      return await once("LOW", texts);
    }
  };
}

export function secondsLeft(deadline: number, clock: Pick<Clock, "now">): number {
  return (deadline - clock.now()) / 1000;
}
