/** Whether what the function needs answers: asked for real, and remembered for a minute. */
import type { Clock } from "../core/clock.ts";
import { asAppError } from "../core/errors.ts";
import type { Queue } from "../job/queue.ts";
import type { Model } from "../models/model.ts";
import type { HealthAnswer, PythonHealthAnswer } from "./answers.ts";

/** With `all`, the answer tells the depth of the queue too, and what is wrong with the model. */
export type HealthCheck = (all: boolean) => Promise<HealthAnswer>;

const REMEMBER_MS = 60_000;

export function createHealthCheck(deps: {
  queue: Queue;
  model: Pick<Model, "model" | "check">;
  /** What reads a summary a second time; null: nothing does. */
  reader: Pick<Model, "check"> | null;
  clock: Clock;
}): HealthCheck {
  let last: { at: number; answer: Promise<Required<HealthAnswer>> } | undefined;

  async function check(): Promise<Required<HealthAnswer>> {
    const { clock, model, reader } = deps;
    const asked = model.check();
    const [database, gemini, second] = await Promise.allSettled([
      deps.queue("queue_health", {}),
      asked,
      reader === model ? asked : reader?.check(),
    ]);
    const up = (result: PromiseSettledResult<unknown>) =>
      result.status === "fulfilled" ? "ok" : "down";
    return {
      status: up(database) === "ok" && up(gemini) === "ok" ? "ok" : "down",
      timestamp: new Date(clock.now()).toISOString(),
      database: up(database),
      gemini_client: up(gemini),
      model: model.model,
      // Without it summaries are made all the same, and say so.
      second_reader: reader ? up(second) : "off",
      model_error: errorOf(gemini),
      queue: database.status === "fulfilled" ? database.value : null,
    };
  }

  return async (all) => {
    if (!last || deps.clock.now() - last.at > REMEMBER_MS) {
      last = { at: deps.clock.now(), answer: check() };
    }
    const { queue, model_error, ...answer } = await last.answer;
    return all ? { ...answer, model_error, queue } : answer;
  };
}

/** For monitors of the earlier backend. */
export function inPythonWords(answer: HealthAnswer): PythonHealthAnswer {
  const { status, timestamp, gemini_client, model } = answer;
  return {
    status: status === "ok" ? "healthy" : "unhealthy",
    timestamp,
    gemini_client: gemini_client === "ok" ? "connected" : "disconnected",
    model,
  };
}

function errorOf(result: PromiseSettledResult<unknown>): Required<HealthAnswer>["model_error"] {
  if (result.status === "fulfilled") return null;
  const { code, message } = asAppError(result.reason);
  return { code, message };
}
