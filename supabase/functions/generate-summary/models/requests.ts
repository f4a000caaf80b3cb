/** Plain requests to a model's service: for what the SDK can't do without the whole file in memory. */
import { type Clock, type Limits, within } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { SHORT_MS } from "./client.ts";
import { Fault } from "./policy.ts";
import { withRetry } from "./retry.ts";

export interface Wire {
  /** Sends what goes with each request, too: a key, a token. */
  fetch: typeof fetch;
  clock: Clock;
  log: Log;
}

type Read<T> = (response: Response) => T | Promise<T>;

/**
 * One request; `read` makes something of the answer, whose body is then dropped. Throws the `Fault`
 * `unreachable`, and what `read` throws. A redirect is none that is followed.
 */
export async function ask<T>(
  { fetch }: Pick<Wire, "fetch">,
  url: URL | string,
  init: RequestInit,
  read: Read<T>,
): Promise<T> {
  const response = await fetch(url, { redirect: "error", ...init }).catch((error) => {
    throw error instanceof Fault ? error : new Fault("unreachable");
  });
  try {
    return await read(response);
  } finally {
    if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
  }
}

/** A request without a file's bytes about a file, tried again as the table says. */
export async function askAgain<T>(
  wire: Wire,
  limits: Limits,
  url: URL | string,
  init: RequestInit,
  read: Read<T>,
): Promise<T> {
  const { clock, log } = wire;
  return await withRetry(
    () =>
      within(
        clock,
        SHORT_MS,
        new Fault("timed_out"),
        limits.signal,
        (signal) => ask(wire, url, { ...init, signal }, read),
      ),
    { ...limits, clock, log, needs: SHORT_MS, ofFile: true },
  );
}
