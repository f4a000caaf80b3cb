/** Reads faults out of Gemini's answers; what is done about each is in the table of `policy.ts`. */
import type { GenerateContentResponse } from "@google/genai";
import { z } from "zod";
import { Fault } from "./policy.ts";

const errorBody = z.object({
  error: z.object({
    status: z.string().catch(""),
    message: z.string().catch(""),
    details: z.array(z.looseObject({
      reason: z.string().optional().catch(undefined),
      retryDelay: z.string().optional().catch(undefined),
      violations: z.array(z.looseObject({ quotaId: z.string().catch("") })).catch([]),
    })).catch([]),
  }),
});

/** The fault that an answer other than 2xx stands for; reads its body. */
export async function faultOf(response: Response): Promise<Fault> {
  const text = await response.text().catch(() => "");
  const { status, message, details } = read(text);
  switch (response.status) {
    case 400:
      if (details.some(({ reason }) => reason === "API_KEY_INVALID")) return new Fault("key");
      if (/API key/i.test(message)) return new Fault("key");
      // A file that is not ACTIVE; the same status without one is about the account.
      return new Fault(
        status === "FAILED_PRECONDITION" && /\bfile/i.test(message) ? "file_gone" : "bad_request",
      );
    case 401:
      return new Fault("key");
    case 403:
    case 404:
      // An unknown file answers 403, an unknown model 404; both name what they are about.
      if (/\bfiles?\b/i.test(message)) return new Fault("file_gone");
      return new Fault(response.status === 403 ? "key" : "model_gone");
    case 408:
    case 504:
      return new Fault("gateway", delayOf(response, details));
    case 429: {
      const daily = details.flatMap(({ violations }) => violations)
        .some(({ quotaId }) => quotaId.includes("PerDay"));
      return new Fault(daily ? "quota" : "rate_limited", delayOf(response, details));
    }
    case 502:
    case 503:
      return new Fault("overloaded", delayOf(response, details));
  }
  return new Fault(response.status < 500 ? "bad_request" : "server_error");
}

/** Proxies answer HTML: then only the HTTP status tells. */
function read(text: string) {
  try {
    return errorBody.parse(JSON.parse(text)).error;
  } catch {
    return { status: "", message: "", details: [] };
  }
}

/** Milliseconds: `RetryInfo.retryDelay` ("11.7s"), else `Retry-After` in seconds. */
function delayOf(response: Response, details: { retryDelay?: string }[]): number | undefined {
  const named = details.flatMap(({ retryDelay }) => retryDelay ?? [])[0];
  const seconds = parseFloat(named ?? response.headers.get("retry-after") ?? "");
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Repeating these gives the same, or gets the account blocked. */
const REFUSED = /SAFETY|PROHIBITED|BLOCKLIST|SPII|LANGUAGE/;

/** The text of a 200 answer without its thoughts; throws the fault that it is instead. */
export function textOf({ candidates, promptFeedback }: GenerateContentResponse): string {
  if (promptFeedback?.blockReason) throw new Fault("refused");
  const { content, finishReason = "" } = candidates?.[0] ?? {};
  if (REFUSED.test(finishReason)) throw new Fault("refused");
  if (finishReason === "MAX_TOKENS") throw new Fault("truncated");
  const text = (content?.parts ?? []).filter(({ thought }) => !thought)
    .map(({ text }) => text ?? "").join("");
  if (finishReason !== "STOP" || !text) throw new Fault("unusable");
  return text;
}
