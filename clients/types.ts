/**
 * For frontends: the rows' types beside what the function takes and answers (`answers.ts`). It brings
 * no package along, and nothing of the function but types.
 */
import type { Tables } from "../supabase/functions/generate-summary/database.types.ts";
import type { ErrorCode, Section } from "./answers.ts";

export type { Database } from "../supabase/functions/generate-summary/database.types.ts";

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
  /** Why it is queued still; null when it can start. */
  waiting_for: "slot" | "limit" | "retry" | "provider" | "account" | null;
  /** Whether it was made without some of the files; null until it is completed. */
  incomplete: boolean | null;
  review_status: ReviewStatus;
  /** Counts edits. */
  version: number;
}
