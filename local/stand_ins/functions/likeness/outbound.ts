/** `fetch` of supabase/edge-runtime: vendor/deno_fetch/26_fetch.js and vendor/deno_telemetry. */
import { RateLimitError } from "./errors.ts";

/** The host's outbound limit, told as how many requests it refuses. */
export interface Refusals {
  /** A regular expression for the address, as in the host's rules. */
  matches: string;
  times: number;
}

const RETRY_AFTER_MS = 60_000;

interface OutboundOptions {
  traced: boolean;
  /** Told the address of each request that was refused. */
  onRefused(url: string): void;
}

export function createOutbound(plain: typeof fetch, { traced, onRefused }: OutboundOptions) {
  const limits: { matches: RegExp; times: number }[] = [];

  function refused(input: RequestInfo | URL): boolean {
    const url = input instanceof Request ? input.url : String(input);
    const limit = limits.find(({ matches, times }) => times > 0 && matches.test(url));
    if (!limit) return false;
    limit.times--;
    onRefused(url);
    return true;
  }

  return {
    refuse({ matches, times }: Refusals) {
      limits.push({ matches: new RegExp(matches), times });
    },
    fetch: ((input, init) => {
      if (refused(input)) {
        const message = `Rate limit exceeded for function. Retry after ${RETRY_AFTER_MS}ms.`;
        return Promise.reject(new RateLimitError(message, RETRY_AFTER_MS));
      }
      if (!traced) return plain(input, init);
      const headers = new Headers(
        init?.headers ?? (input instanceof Request ? input.headers : undefined),
      );
      headers.append("traceparent", traceparent());
      // A `new Request` around it would lose the length of a body that is handed on.
      return plain(input, { ...init, headers });
    }) as typeof fetch,
  };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function traceparent(): string {
  const hex = (bytes: number) =>
    [...crypto.getRandomValues(new Uint8Array(bytes))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `00-${hex(16)}-${hex(8)}-01`;
}
