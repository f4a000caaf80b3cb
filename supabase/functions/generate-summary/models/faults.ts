/** Reads faults out of Google's answers, by whichever way; what is done about each is in the table of `policy.ts`. */
import { z } from "zod";
import { Fault, type FaultKind } from "./policy.ts";

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

/** What the service says of itself that only its owner can change; the words are Google's. */
const OF_ACCOUNT =
  /location is not supported|billing|free tier|quota|\bplan\b|not enabled|consumer|thinking level|\bmodels?\b.*\bsupport|\bmodels\//i;
/** What is said of a file that can't be read; its type may be named together with the model. */
const OF_TYPE = /\b(mime|media) ?type/i;
const OF_FILE = /\b(file|image|picture|audio|video)s?\b/i;
/** A file that is not there: at the Files API, or in a bucket. */
const OF_LOST_FILE = /\bfiles?\b|\bobjects?\b|gs:\/\/|designated url/i;
/** Cloud Storage's rights: the service account's, or those of the platform's own account ("service agent"). */
const OF_BUCKET = /\bbuckets?\b|storage\.(objects|buckets)\.|gcp-sa-aiplatform|service agent/i;
/** What a project has not: an API, a role, a way to pay. */
const OF_PROJECT = ["SERVICE_DISABLED", "IAM_PERMISSION_DENIED", "BILLING_DISABLED"];
const TOO_LONG = /input token count.*exceeds/i;

/** The fault that an answer other than 2xx stands for; reads its body. */
export async function faultOf(response: Response): Promise<Fault> {
  const text = await response.text().catch(() => "");
  return faultIn(response.status, text, response.headers.get("retry-after"));
}

/** The fault of an error that came in the middle of an answer; `message` holds it as JSON. */
export function faultOfError(status: number, message: string): Fault {
  return faultIn(status, message.slice(message.indexOf("{")), null);
}

function faultIn(code: number, text: string, retryAfter: string | null): Fault {
  const { status, message, details } = read(text);
  const delay = delayOf(retryAfter, details);
  switch (code) {
    case 400:
      if (details.some(({ reason }) => reason === "API_KEY_INVALID")) return new Fault("key");
      if (/API key/i.test(message)) return new Fault("key");
      if (/service agent/i.test(message)) return new Fault("bucket");
      // A file that is not ACTIVE; the same status without one is about the account.
      if (status === "FAILED_PRECONDITION" && /\bfile/i.test(message)) {
        return new Fault("file_gone");
      }
      if (TOO_LONG.test(message)) return new Fault("too_long");
      if (OF_TYPE.test(message)) return new Fault("unreadable");
      if (status === "FAILED_PRECONDITION" || OF_ACCOUNT.test(message)) return new Fault("account");
      return new Fault(OF_FILE.test(message) ? "unreadable" : "bad_request");
    case 401:
      return new Fault("key");
    case 403:
    case 404:
      // An unknown file answers 403 or 404, an unknown model 404; both name what they are about.
      if (/billing/i.test(message)) return new Fault("account");
      if (OF_BUCKET.test(message)) return new Fault("bucket");
      if (OF_LOST_FILE.test(message)) return new Fault("file_gone");
      if (details.some(({ reason = "" }) => OF_PROJECT.includes(reason))) {
        return new Fault("account");
      }
      return new Fault(code === 403 ? "key" : "model_gone");
    case 408:
    case 504:
      return new Fault("gateway", delay);
    case 429: {
      const daily = details.flatMap(({ violations }) => violations)
        .some(({ quotaId }) => quotaId.includes("PerDay"));
      return new Fault(daily ? "quota" : "rate_limited", delay);
    }
    case 502:
    case 503:
      return new Fault("overloaded", delay);
  }
  return new Fault(code < 500 ? "bad_request" : "server_error");
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
function delayOf(
  retryAfter: string | null,
  details: { retryDelay?: string }[],
): number | undefined {
  const named = details.flatMap(({ retryDelay }) => retryDelay ?? [])[0];
  const seconds = parseFloat(named ?? retryAfter ?? "");
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Repeating these gives the same, or gets the account blocked. */
const REFUSED = /SAFETY|PROHIBITED|BLOCKLIST|SPII|LANGUAGE/;

/** What is wrong with how an answer with 200 ended; null: it is whole. */
export function faultInEnd(
  { text, finishReason = "", blockReason }: {
    text: string;
    finishReason?: string;
    blockReason?: string;
  },
): FaultKind | null {
  if (blockReason) return "blocked";
  if (REFUSED.test(finishReason)) return "refused";
  if (finishReason === "MAX_TOKENS") return "truncated";
  return finishReason === "STOP" && text ? null : "unusable";
}
