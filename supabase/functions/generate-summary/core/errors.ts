/**
 * Every error of the function, in one table. A code fixes the HTTP status, whose fault it is and so
 * whether trying again helps, what it ends, and the sentence that is shown; a message given to
 * `AppError` adds what to do in that case.
 */

/**
 * What an error ends, at most: the request that it answers; the file that it was met with, so that the
 * summary is made from the others; or the run of a job.
 */
type Scope = "request" | "file" | "run";

/**
 * Whose fault it is, which decides what the queue does with the job: `final`, nothing helps; `own`, the
 * job's, a few attempts; `limit`, of requests a minute: it only waits; `provider`, the model's service
 * or Storage answers nobody; `account`, not this project; `budget`, the day's is spent. The last three are
 * no attempts: one job probes, and the rest wait; or all wait for the next day.
 */
export type Blame = "final" | "own" | "limit" | "provider" | "account" | "budget";

type Status = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;

interface ErrorKind {
  /** HTTP status of an answer that carries this code. */
  status: Status;
  blame: Blame;
  scope: Scope;
  message: string;
}

const final = (status: Status, scope: Scope, message: string): ErrorKind => (
  { status, blame: "final", scope, message }
);
/** The same job may succeed later: it goes back into the queue. */
const passing = (
  status: Status,
  scope: Scope,
  message: string,
  blame: Exclude<Blame, "final"> = "own",
): ErrorKind => ({ status, blame, scope, message });

/** For somebody to mend there: until then the work waits. */
const account = (message: string) => passing(503, "run", message, "account");

export const ERRORS = {
  // A request
  invalid_json: final(400, "request", "The body is not JSON: send one JSON object."),
  invalid_request: final(422, "request", "A field of the body is wrong."),
  unauthorized: final(
    401,
    "request",
    "Sign in, and send the access token as `Authorization: Bearer`.",
  ),
  forbidden: final(403, "request", "Your role does not allow this."),
  second_factor: final(403, "request", "The clinic asks for a second factor: sign in with it."),
  not_found: final(404, "request", "There is nothing here for you: check the id."),
  method_not_allowed: final(405, "request", "Use POST for this address."),
  already_running: final(
    409,
    "request",
    "Another summary of this consultation is under way: wait for it, or cancel it first.",
  ),
  body_too_large: final(413, "request", "The body may hold 64 KiB at most."),
  unsupported_media_type: final(415, "request", "Send the body as application/json."),
  url_not_allowed: final(
    422,
    "request",
    "Give a path in the bucket, or an address of this project's Storage.",
  ),
  rate_limited: final(429, "request", "Too many summaries were asked for: wait."),
  no_recordings: final(422, "run", "The consultation has no recordings: upload one first."),

  // A file
  file_missing: final(422, "file", "The file is not in Storage any more."),
  file_forbidden: final(422, "file", "Storage does not give the file out."),
  file_empty: final(422, "file", "The file is empty: record it again."),
  file_too_large: final(422, "file", "The file is larger than 50 MiB."),
  file_excluded: final(422, "file", "The consultation has more than 100 files, or 100 MiB."),
  file_uploader_left: final(
    422,
    "file",
    "Who uploaded the file was no member of the clinic any more.",
  ),
  file_type: final(422, "file", "The file is not audio or a picture that can be read."),
  file_changed: passing(503, "file", "The file was overwritten while it was read."),
  file_rejected: final(422, "file", "The model's service could not read the file."),
  file_not_heard: final(422, "file", "The model did not hear the recording."),
  file_too_long: final(
    422,
    "file",
    "The recording is longer than the model can hear: upload it in several files.",
  ),
  file_refused: final(422, "file", "The model refused to process the file."),
  file_gone: passing(503, "file", "The model's service lost the file: try later."),
  storage_unavailable: passing(503, "file", "Storage does not answer: try later.", "provider"),

  // The model
  model_unavailable: passing(503, "file", "The model does not answer: try later.", "provider"),
  model_rate_limited: passing(503, "file", "The model is busy: try later.", "limit"),
  model_quota: account(
    "The day's quota for the model is used up: raise it, or wait until tomorrow.",
  ),
  model_key: account(
    "The model's service refuses the key: set GEMINI_API_KEY or GOOGLE_CLOUD_KEY anew.",
  ),
  model_settings: account(
    "The settings of the way to the model are not all there: ask the health route.",
  ),
  model_bucket: account(
    "The bucket is not there or may not be used: look at GOOGLE_CLOUD_BUCKET and its roles.",
  ),
  model_not_found: account(
    "The model does not exist there (any more): set GEMINI_MODEL, or GOOGLE_CLOUD_LOCATION.",
  ),
  model_account: account(
    "The model's service does not serve this account: look at its billing, region, plan and roles.",
  ),
  over_budget: passing(503, "file", "The day's budget is spent: it goes on tomorrow.", "budget"),
  model_rejected: final(502, "run", "The model's service refused the request."),
  model_refused: final(422, "file", "The model refused to answer."),
  model_truncated: passing(502, "file", "The model's answer was cut off."),
  model_answer: passing(502, "file", "The model's answer could not be used."),

  // The job
  no_clinical_content: final(
    422,
    "run",
    "Nothing was said or seen that a summary could be made of.",
  ),
  no_usable_files: final(422, "run", "None of the files could be used."),
  cancelled: final(409, "run", "The summary was cancelled."),
  lease_lost: passing(409, "run", "Another worker took the summary over."),
  out_of_time: passing(504, "run", "The time was short: the work goes on."),
  auth_unavailable: passing(503, "request", "Auth does not answer: try later."),
  database_unavailable: passing(503, "file", "The database does not answer: try later."),
  internal: passing(500, "file", "Something went wrong: report the request_id."),
} satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

interface AppErrorOptions {
  /** A sentence that says what to do in this case; never anything clinical. */
  message?: string;
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  /** The summary that it is about, where the caller may not know it. */
  summaryId?: string;
  /** How many answers were paid for in vain: each of them counts as an attempt. */
  tries?: number;
  cause?: unknown;
}

export class AppError extends Error {
  override name = "AppError";
  readonly retryAfter?: number;
  readonly summaryId?: string;
  readonly tries: number;

  constructor(readonly code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.message ?? ERRORS[code].message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
    this.summaryId = options.summaryId;
    this.tries = options.tries ?? 1;
  }

  /** The same error of so many answers. */
  counting(tries: number): AppError {
    const { code, message, retryAfter, summaryId, cause } = this;
    return new AppError(code, { message, retryAfter, summaryId, cause, tries });
  }

  get status() {
    return ERRORS[this.code].status;
  }

  get blame(): Blame {
    return ERRORS[this.code].blame;
  }

  /** Whether the same job may succeed later. */
  get retry(): boolean {
    return this.blame !== "final";
  }

  get scope(): Scope {
    return ERRORS[this.code].scope;
  }
}

/** The one place where what nobody expected becomes `internal`. */
export function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError("internal", { cause: error });
}

/** What a log may say of an error that nobody expected: its kind, never its message. */
export function causeOf({ cause }: AppError): string {
  if (typeof cause !== "object" || cause === null) return typeof cause;
  return "code" in cause ? String(cause.code) : "name" in cause ? String(cause.name) : "object";
}
