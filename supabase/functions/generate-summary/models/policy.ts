/** What can go wrong on the way from Storage through the model, and what is done about it: one table. */
import type { ErrorCode } from "../core/errors.ts";

export interface Policy {
  /** What it becomes when that did not help: `ERRORS` says what that ends, and whether it passes. */
  code: ErrorCode;
  /** The same where the request was about a file. */
  ofFile?: ErrorCode;
  /** How often it is tried again in place. */
  retries: number;
  /** Milliseconds before the first of those, at most; twice as long before each further one. */
  wait: number;
}

export const POLICY = {
  // Storage
  object_missing: { code: "file_missing", retries: 0, wait: 0 },
  object_forbidden: { code: "file_forbidden", retries: 0, wait: 0 },
  object_empty: { code: "file_empty", retries: 0, wait: 0 },
  object_too_large: { code: "file_too_large", retries: 0, wait: 0 },
  /** Another ETag or total than the row's, or than at first. */
  object_changed: { code: "file_changed", retries: 0, wait: 0 },
  /** No connection, no answer in time, a redirect, 408, 429, 5xx. */
  storage_away: { code: "storage_unavailable", retries: 3, wait: 500 },
  /** Compressed, without a length, or not the range asked for: the body can't be handed on. */
  storage_unfit: { code: "storage_unavailable", retries: 0, wait: 0 },

  // Upload
  /** A type or a name that is refused at the start. */
  upload_refused: { code: "file_rejected", retries: 0, wait: 0 },
  /** The session is cancelled, ended, unknown; or what was stored is not what was sent. */
  upload_void: { code: "model_unavailable", retries: 2, wait: 1000 },
  /** No byte arrived in three recoveries. */
  upload_stuck: { code: "model_unavailable", retries: 0, wait: 0 },
  upload_slow: { code: "model_unavailable", retries: 0, wait: 0 },
  file_failed: { code: "file_rejected", retries: 0, wait: 0 },
  /** Deleted, expired, or not ACTIVE any more: who has the source uploads it again. */
  file_gone: { code: "file_gone", retries: 0, wait: 0 },

  // Any call of the model's service
  /** No connection, a reset, an answer cut off on the wire. */
  unreachable: { code: "model_unavailable", retries: 3, wait: 1000 },
  /** It was waited for long enough; once more, where the time allows. */
  timed_out: { code: "model_unavailable", retries: 1, wait: 1000 },
  /** 408, 504 */
  gateway: { code: "model_unavailable", retries: 2, wait: 1000 },
  /** 500 and whatever else it answers */
  server_error: { code: "model_unavailable", retries: 2, wait: 2000 },
  /** 502, 503 */
  overloaded: { code: "model_unavailable", retries: 3, wait: 2000 },
  /** 429; a longer `retryDelay` that it names takes the place of `wait`. */
  rate_limited: { code: "model_rate_limited", retries: 3, wait: 5000 },
  /** 429 for the day's quota */
  quota: { code: "model_quota", retries: 0, wait: 0 },
  /** 400 API_KEY_INVALID, 401, 403 */
  key: { code: "model_key", retries: 0, wait: 0 },
  /** 403, 404: the bucket is not there, or the account or the model's own may not use it. */
  bucket: { code: "model_bucket", retries: 0, wait: 0 },
  /** 404: retired, or misspelled. With a fallback model that one is asked, once and for all. */
  model_gone: { code: "model_not_found", retries: 0, wait: 0 },
  /** 400 for what an account may do: its region, its billing, the model's settings */
  account: { code: "model_account", retries: 0, wait: 0 },
  /** 400 that names the file or its type */
  unreadable: { code: "model_rejected", ofFile: "file_rejected", retries: 0, wait: 0 },
  /** 400 for more tokens than the model takes */
  too_long: { code: "model_rejected", ofFile: "file_too_long", retries: 0, wait: 0 },
  /** Any other 4xx: the request itself is wrong, and would be for each file. */
  bad_request: { code: "model_rejected", retries: 0, wait: 0 },

  // What an answer with 200 holds
  /** SAFETY, PROHIBITED_CONTENT, BLOCKLIST, SPII…: what was said before that stays. */
  refused: { code: "model_refused", ofFile: "file_refused", retries: 0, wait: 0 },
  /** Any blockReason: the prompt itself, of which nothing is answered. */
  blocked: { code: "model_refused", ofFile: "file_refused", retries: 0, wait: 0 },
  /** MAX_TOKENS, or a phrase again and again: the answer goes on in the next. */
  truncated: { code: "model_truncated", retries: 0, wait: 0 },
  /**
   * RECITATION, OTHER, MALFORMED_…, none; no candidates, no text, no JSON. It was paid for: it counts as
   * an attempt.
   */
  unusable: { code: "model_answer", retries: 0, wait: 0 },
} satisfies Record<string, Policy>;

export type FaultKind = keyof typeof POLICY;

/** A fault as it was met; `withRetry` makes it one of our errors. */
export class Fault extends Error {
  override name = "Fault";

  /** `delay`: milliseconds after which the other side says that it can be tried again. */
  constructor(readonly kind: FaultKind, readonly delay?: number) {
    super(kind);
  }
}
