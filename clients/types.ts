/**
 * For frontends, in one import: the rows' types, the function's answers and its error codes. It
 * brings nothing else of the function, and no package.
 */
import type { Tables } from "../supabase/functions/generate-summary/database.types.ts";
import type { ErrorCode } from "../supabase/functions/generate-summary/core/errors.ts";
import type { Section } from "../supabase/functions/generate-summary/compose/sections.ts";

export type { Database } from "../supabase/functions/generate-summary/database.types.ts";
export { type ErrorCode, ERRORS } from "../supabase/functions/generate-summary/core/errors.ts";

export type SummaryStatus = "queued" | "processing" | "completed" | "failed" | "cancelled";
export type ReviewStatus = "draft" | "approved" | "rejected";

/** A row of `summaries`; the generated type knows only its columns' SQL types. */
export type Summary =
  & Omit<Tables<"summaries">, "status" | "review_status" | "sections" | "error_code">
  & {
    status: SummaryStatus;
    review_status: ReviewStatus;
    /** The machine's draft with the evidence of each statement; null until completed. */
    sections: Section[] | null;
    error_code: ErrorCode | null;
  };

/** The payload of the event `summary` on the topic `clinic:{clinic_id}`. */
export interface SummaryEvent {
  id: string;
  consultation_id: string;
  status: SummaryStatus;
  stage: "extracting" | "composing" | "checking" | null;
  review_status: ReviewStatus;
}

/** 200: the summary has been completed. */
export interface SummaryAnswer {
  /** Markdown */
  summary: string;
  model: string;
  /** ISO 8601 */
  timestamp: string;
  files_processed: {
    audio: number;
    images: number;
    errors: { path: string; code: ErrorCode; message: string }[];
  };
  summary_id: string;
  consultation_id: string;
  status: "completed";
  sections: Section[];
}

/** 202: the work goes on, and the row will tell. */
export interface AcceptedAnswer {
  summary_id: string;
  status: SummaryStatus;
}

/** Any other status. */
export interface ErrorAnswer {
  error: {
    code: ErrorCode;
    /** A sentence that says what to do. */
    message: string;
    request_id: string;
    /** With `already_running`: the one under way. */
    summary_id?: string;
  };
}
