/** An isolate of the function in the test's own process: everything that `index.ts` wires, but time. */
import type { Stack } from "../../local/stack/stack.ts";
import { readConfig } from "../../supabase/functions/generate-summary/config.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import { retirement, workDeadline } from "../../supabase/functions/generate-summary/core/times.ts";
import { createApp } from "../../supabase/functions/generate-summary/http/app.ts";
import { createParts } from "../../supabase/functions/generate-summary/parts.ts";
import type { VirtualClock } from "./virtual_clock.ts";

export interface Isolate {
  fetch(request: Request): Response | Promise<Response>;
  /** By the clock: others take the requests from then on. */
  retires: number;
  unload(): Promise<void>;
}

interface IsolateOptions {
  stack: Stack;
  clock: VirtualClock;
  /** Of the environment, beside those that the stack makes. */
  settings: Record<string, string>;
  onLine(line: string): void;
  /** A read of an object's first bytes, or of all. */
  onStorage(kind: "peek" | "open"): void;
}

export function startIsolate(
  { stack, clock, settings, onLine, onStorage }: IsolateOptions,
): Isolate {
  const { keys } = stack;
  const { jwks } = stack.services.tokens;
  const environment: Record<string, string> = {
    SUPABASE_URL: stack.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_JWKS: JSON.stringify(jwks),
    HINT_KEY: keys.hint,
    GEMINI_API_KEY: stack.gemini!.apiKey,
    GEMINI_BASE_URL: stack.gemini!.url,
    WALL_CLOCK_SECONDS: "400",
    ...settings,
  };
  const config = readConfig((name) => environment[name]);
  const log = createLog(onLine);
  const deadline = workDeadline(clock.now(), config.wallClockSeconds);
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (String(input).includes("/storage/v1/")) {
      const range = new Headers(init?.headers).get("range") ?? "";
      onStorage(/^bytes=0-\d/.test(range) ? "peek" : "open");
    }
    return clock.fetch(input, init);
  };
  const keepAlive = () => {};
  const retiresAt = retirement(clock.now(), config.wallClockSeconds);
  const parts = createParts({
    config,
    isolate: "this",
    fetch,
    clock,
    log,
    deadline,
    retiresAt,
    keepAlive,
  });
  const app = createApp({
    config,
    isolate: "this",
    parts: () => Promise.resolve(parts),
    clock,
    log,
    keepAlive,
  });
  return {
    fetch: (request) => app.fetch(request),
    retires: retiresAt,
    unload: () => parts.worker.releaseAll(),
  };
}
