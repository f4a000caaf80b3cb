/** Whether what the function needs answers: asked for real, and remembered for a minute. */
import { type Clock, within } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { HealthAnswer } from "./bodies.ts";
import type { Supabase } from "../job/supabase.ts";

/** With `queue`, the answer tells the depth of the queue too. */
export type HealthCheck = (queue: boolean) => Promise<HealthAnswer>;

const REMEMBER_MS = 60_000;
/** The database answers within this, or it is down. */
const ANSWER_MS = 5_000;

export function createHealthCheck(deps: {
  supabase: Supabase;
  gemini: { model: string; check(): Promise<void> };
  clock: Clock;
}): HealthCheck {
  let last: { at: number; answer: Promise<Required<HealthAnswer>> } | undefined;

  async function ask(): Promise<Required<HealthAnswer>> {
    const [database, gemini] = await Promise.allSettled([
      within(
        deps.clock,
        ANSWER_MS,
        new AppError("database_unavailable"),
        undefined,
        async (signal) =>
          await deps.supabase.rpc("queue_health").abortSignal(signal).throwOnError(),
      ),
      deps.gemini.check(),
    ]);
    const up = (result: PromiseSettledResult<unknown>) =>
      result.status === "fulfilled" ? "ok" : "down";
    return {
      status: up(database) === "ok" && up(gemini) === "ok" ? "ok" : "down",
      timestamp: new Date(deps.clock.now()).toISOString(),
      database: up(database),
      gemini_client: up(gemini),
      model: deps.gemini.model,
      queue: database.status === "fulfilled"
        ? database.value.data as NonNullable<HealthAnswer["queue"]>
        : null,
    };
  }

  return async (queue) => {
    if (!last || deps.clock.now() - last.at > REMEMBER_MS) {
      last = { at: deps.clock.now(), answer: ask() };
    }
    const { queue: depth, ...answer } = await last.answer;
    return queue ? { ...answer, queue: depth } : answer;
  };
}
