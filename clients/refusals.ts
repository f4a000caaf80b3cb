/** What the Data API, Storage and the function refuse, as one error with a code and a sentence. */
import { type ErrorAnswer, type ErrorCode, ERRORS } from "./answers.ts";

interface Refusal {
  /** Whether trying the same again may help. */
  retry: boolean;
  message: string;
}

/**
 * What the Data API refuses a frontend. Where the database sends a sentence of its own, that one is
 * shown. docs/api.md says when each is met.
 */
export const DATA_REFUSALS = {
  unauthorized: ERRORS.unauthorized,
  forbidden: ERRORS.forbidden,
  not_found: ERRORS.not_found,
  invalid_request: {
    retry: false,
    message: "A value has a wrong form: correct it.",
  },
  no_recordings: ERRORS.no_recordings,
  already_running: ERRORS.already_running,
  rate_limited: ERRORS.rate_limited,
  newer_underway: {
    retry: true,
    message: "A newer recording is being worked on: wait for its summary, or cancel that one.",
  },
  superseded: {
    retry: false,
    message: "A newer summary of this consultation is approved: amend that one.",
  },
  empty_text: {
    retry: false,
    message: "An empty text cannot be approved: write one, or reject it.",
  },
  one_at_a_time: {
    retry: false,
    message: "Summaries are changed one at a time: name the id of one.",
  },
  not_approved: {
    retry: false,
    message: "Only the newest approved summary can be amended.",
  },
  amendment_open: {
    retry: false,
    message: "This summary is being amended already: go on with that draft.",
  },
  approved: {
    retry: false,
    message: "An approved summary is final: amend it.",
  },
  withdrawn: {
    retry: false,
    message: "A withdrawn summary stays so: ask for a new one.",
  },
  illegal_transition: {
    retry: false,
    message: "The summary is in no state for this.",
  },
  not_completed: {
    retry: false,
    message: "Only a completed summary can be reviewed.",
  },
  version_conflict: {
    retry: false,
    message: "Somebody else changed this summary: load it again.",
  },
  not_listened: {
    retry: false,
    message: "This recording has not been heard to its end yet: ask for a summary.",
  },
  not_taken_back: {
    retry: false,
    message: "Doctors and admins take a recording back, or who uploaded it within an hour; " +
      "what an approved summary rests on, once an admin has withdrawn that one.",
  },
  template_invalid: {
    retry: false,
    message: "The template has a wrong form: see TemplateConfig.",
  },
  text_too_long: {
    retry: false,
    message: "A summary's text has 200,000 characters at most.",
  },
  already_there: {
    retry: false,
    message: "There is one with this id already.",
  },
  not_invited: {
    retry: false,
    message: "There is no invitation for your address, or it has ended: ask for another one.",
  },
  last_admin: {
    retry: false,
    message: "A clinic keeps one admin: make another member one first.",
  },
  database_unavailable: ERRORS.database_unavailable,
} as const satisfies Record<string, Refusal>;

/** Nobody answered: the network is away. */
const UNREACHABLE = {
  retry: true,
  message: "No connection: try again when you are online.",
};

/** The codes of the Data API's refusals. */
export type DataCode = keyof typeof DATA_REFUSALS;
/** Every code that a method of this package can fail with. */
export type Code = ErrorCode | DataCode | "unreachable";

/** Each code's sentence, and whether trying again may help. */
export const SENTENCES: Record<Code, Refusal> = {
  ...ERRORS,
  ...DATA_REFUSALS,
  unreachable: UNREACHABLE,
};

/** The error of every method: `message` is a sentence that can be shown. */
export class SummariesError extends Error {
  override name = "SummariesError";
  readonly code: Code;
  /** Whether trying the same again may help. */
  readonly retry: boolean;
  /** The function's, to be reported. */
  readonly requestId: string | undefined;
  /** With `already_running` from the function: the one under way. */
  readonly summaryId: string | undefined;
  /** Seconds, with the function's `rate_limited`. */
  readonly retryAfter: number | undefined;

  constructor(
    code: Code,
    message: string = SENTENCES[code].message,
    more: {
      requestId?: string;
      summaryId?: string;
      retryAfter?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.retry = SENTENCES[code].retry;
    this.requestId = more.requestId;
    this.summaryId = more.summaryId;
    this.retryAfter = more.retryAfter;
  }
}

/** By the first that fits: PostgREST's own codes and Postgres' (postgrest.org, "Errors"). */
const BY_CODE: [RegExp, Code][] = [
  // Postgres refuses a right, or a row by its policies.
  [/^42501$/, "forbidden"],
  [/^PGRST116$/, "not_found"],
  [/^PGRST30/, "unauthorized"],
  // Connections, locks, deadlocks, time: they pass.
  [/^(PGRST00|08|40|53|55P03|57)/, "database_unavailable"],
  [/^(PGRST[12]|2[23])/, "invalid_request"],
];

/** What postgrest-js gives as `error`. */
interface DataError {
  code?: string;
  details?: string | null;
  message: string;
}

function codeOf(
  { code = "", details }: DataError,
  status: number,
): Code {
  if (details && Object.hasOwn(DATA_REFUSALS, details)) {
    return details as DataCode;
  }
  // postgrest-js' own: there was no answer.
  if (status === 0) return "unreachable";
  if (status === 401) return "unauthorized";
  const known = BY_CODE.find(([form]) => form.test(code))?.[1];
  // Without a code something before PostgREST answered.
  return known ??
    (status >= 500 && !code ? "database_unavailable" : "internal");
}

/**
 * An answer of the Data API as an error of ours, for queries of your own too:
 * `const answer = await supabase.from(…)…; if (answer.error) throw dataError(answer);`
 */
export function dataError(
  { error, status }: { error: DataError; status: number },
): SummariesError {
  const code = codeOf(error, status);
  const ours = error.details === code;
  return new SummariesError(code, ours ? error.message : undefined, {
    cause: error,
  });
}

/** An error of `functions.invoke`: what the function said, or that nobody answered. */
export async function functionError(error: unknown): Promise<SummariesError> {
  const { context } = error as { context?: unknown };
  if (!(context instanceof Response)) {
    return new SummariesError("unreachable", undefined, { cause: error });
  }
  const said: Partial<ErrorAnswer> | null = await context.json().catch(() => null);
  // The platform's own: the isolate ended, or its time was over.
  if (!said?.error) {
    return new SummariesError("internal", undefined, { cause: error });
  }
  const { code, message, request_id, summary_id } = said.error;
  const wait = context.headers.get("retry-after");
  return new SummariesError(code in SENTENCES ? code : "internal", message, {
    requestId: request_id,
    summaryId: summary_id,
    retryAfter: wait ? Number(wait) : undefined,
    cause: error,
  });
}

/**
 * A refusal of Storage. Its true status stands in the body, while HTTP says 400 for most; resumable
 * uploads say it in HTTP, and a sentence as plain text.
 */
export function storageError(status: number, text: string): SummariesError {
  return new SummariesError(codeOfStorage(status, text), undefined, {
    cause: text,
  });
}

function codeOfStorage(status: number, text: string): Code {
  if (status === 0) return "unreachable";
  if (refusesToken(status, text)) return "unauthorized";
  if (status === 401 || status === 403) return "forbidden";
  if (status === 404) return "file_missing";
  if (status === 413) return "file_too_large";
  if (status === 415) return "file_type";
  return status >= 500 || [408, 423, 429].includes(status)
    ? "storage_unavailable"
    : "invalid_request";
}

/** Whether the token is the fault: it has run out, or was taken back. */
export function refusesToken(status: number, text: string): boolean {
  return [400, 401, 403].includes(status) && /\bj(wt|ws)\b/i.test(text);
}
