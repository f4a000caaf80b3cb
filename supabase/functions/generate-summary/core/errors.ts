/**
 * Every error of the function, in one table. A code fixes the HTTP status, whether trying again
 * helps, and the sentence that is shown; a message given to `AppError` adds what to do in that case.
 */

interface ErrorKind {
  /** HTTP status of an answer that carries this code. */
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
  /** Whether the same job may succeed later: it goes back into the queue. */
  retry: boolean;
  message: string;
}

export const ERRORS = {
  // The request
  invalid_json: {
    status: 400,
    retry: false,
    message: "The body is not JSON: send one JSON object.",
  },
  invalid_request: { status: 422, retry: false, message: "A field of the body is wrong." },
  unauthorized: {
    status: 401,
    retry: false,
    message: "Sign in, and send the access token as `Authorization: Bearer`.",
  },
  forbidden: { status: 403, retry: false, message: "Your role does not allow this." },
  not_found: { status: 404, retry: false, message: "There is nothing here for you: check the id." },
  method_not_allowed: { status: 405, retry: false, message: "Use POST for this address." },
  already_running: {
    status: 409,
    retry: false,
    message: "Another summary of this consultation is under way: wait for it, or cancel it first.",
  },
  body_too_large: { status: 413, retry: false, message: "The body may hold 64 KiB at most." },
  unsupported_media_type: {
    status: 415,
    retry: false,
    message: "Send the body as application/json.",
  },
  url_not_allowed: {
    status: 422,
    retry: false,
    message: "Give a path in the bucket, or an address of this project's Storage.",
  },
  rate_limited: { status: 429, retry: false, message: "Too many summaries were asked for: wait." },
  no_recordings: {
    status: 422,
    retry: false,
    message: "The consultation has no recordings: upload one first.",
  },

  // A file
  file_missing: { status: 422, retry: false, message: "The file is not in Storage any more." },
  file_forbidden: { status: 422, retry: false, message: "Storage does not give the file out." },
  file_empty: { status: 422, retry: false, message: "The file is empty: record it again." },
  file_too_large: { status: 422, retry: false, message: "The file is larger than 50 MiB." },
  file_excluded: {
    status: 422,
    retry: false,
    message: "The consultation's files are larger than 100 MiB together.",
  },
  file_type: {
    status: 422,
    retry: false,
    message: "The file is not audio or a picture that can be read.",
  },
  file_changed: {
    status: 503,
    retry: true,
    message: "The file was overwritten while it was read.",
  },
  file_rejected: {
    status: 422,
    retry: false,
    message: "The model's service could not read the file.",
  },
  file_not_heard: { status: 422, retry: false, message: "The model did not hear the recording." },
  file_refused: { status: 422, retry: false, message: "The model refused to process the file." },
  file_gone: { status: 503, retry: true, message: "The model's service lost the file: try later." },
  storage_unavailable: { status: 503, retry: true, message: "Storage does not answer: try later." },

  // The model
  model_unavailable: { status: 503, retry: true, message: "The model does not answer: try later." },
  model_rate_limited: { status: 503, retry: true, message: "The model is busy: try later." },
  model_quota: {
    status: 503,
    retry: false,
    message: "The day's quota for the model is used up: raise it, or try tomorrow.",
  },
  model_key: {
    status: 503,
    retry: false,
    message: "The model's service refuses the key: set GEMINI_API_KEY.",
  },
  model_not_found: {
    status: 503,
    retry: false,
    message: "The model does not exist any more: set GEMINI_MODEL.",
  },
  model_rejected: {
    status: 502,
    retry: false,
    message: "The model's service refused the request.",
  },
  model_refused: { status: 422, retry: false, message: "The model refused to answer." },
  model_truncated: { status: 502, retry: true, message: "The model's answer was cut off." },
  model_answer: { status: 502, retry: true, message: "The model's answer could not be used." },

  // The job
  no_clinical_content: {
    status: 422,
    retry: false,
    message: "Nothing was said or seen that a summary could be made of.",
  },
  no_usable_files: { status: 422, retry: false, message: "None of the files could be used." },
  cancelled: { status: 409, retry: false, message: "The summary was cancelled." },
  lease_lost: { status: 409, retry: true, message: "Another worker took the summary over." },
  out_of_time: { status: 504, retry: true, message: "The time was short: the work goes on." },
  auth_unavailable: { status: 503, retry: true, message: "Auth does not answer: try later." },
  database_unavailable: {
    status: 503,
    retry: true,
    message: "The database does not answer: try later.",
  },
  internal: { status: 500, retry: true, message: "Something went wrong: report the request_id." },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

interface AppErrorOptions {
  /** A sentence that says what to do in this case; never anything clinical. */
  message?: string;
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  /** The summary that it is about, where the caller may not know it. */
  summaryId?: string;
  cause?: unknown;
}

export class AppError extends Error {
  override name = "AppError";
  readonly retryAfter?: number;
  readonly summaryId?: string;

  constructor(readonly code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.message ?? ERRORS[code].message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
    this.summaryId = options.summaryId;
  }

  get status() {
    return ERRORS[this.code].status;
  }

  get retry(): boolean {
    return ERRORS[this.code].retry;
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
