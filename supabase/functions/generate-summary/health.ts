/** Whether what the function needs answers: asked for real, and remembered for a minute. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Clock } from "./clock.ts";
import type { HealthAnswer } from "./requests.ts";

/** With `queue`, the answer tells the depth of the queue too. */
export type HealthCheck = (queue: boolean) => Promise<HealthAnswer>;

const REMEMBER_MS = 60_000;

export function createHealthCheck(deps: {
  supabase: SupabaseClient;
  gemini: { model: string; check(): Promise<void> };
  clock: Clock;
}): HealthCheck {
  let last: { at: number; answer: Promise<Required<HealthAnswer>> } | undefined;

  async function ask(): Promise<Required<HealthAnswer>> {
    const [database, gemini] = await Promise.allSettled([
      deps.supabase.rpc("queue_health").throwOnError(),
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
      queue: database.status === "fulfilled" ? database.value.data : null,
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
