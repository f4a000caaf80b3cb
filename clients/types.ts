/**
 * For frontends: the rows' types beside what the function takes and answers (`answers.ts`). It brings
 * no package along, and nothing of the function but types.
 */
import type { Tables } from "../supabase/functions/generate-summary/database.types.ts";
import type { ErrorCode, Section, WaitingFor } from "./answers.ts";

export type { Database } from "../supabase/functions/generate-summary/database.types.ts";

export type SummaryStatus = "queued" | "processing" | "completed" | "failed" | "cancelled";
export type ReviewStatus = "draft" | "approved" | "rejected" | "withdrawn";
export type Stage = "extracting" | "composing" | "checking";

/** A row of `summaries`; the generated type knows only its columns' SQL types. */
export type Summary =
  & Omit<
    Tables<"summaries">,
    "status" | "stage" | "waiting_for" | "review_status" | "sections" | "error_code"
  >
  & {
    status: SummaryStatus;
    /** What is done now; null unless processing. */
    stage: Stage | null;
    /** Null when it starts at once, and unless queued. */
    waiting_for: WaitingFor | null;
    review_status: ReviewStatus;
    /** The machine's draft with the evidence of each statement; null until completed. */
    sections: Section[] | null;
    error_code: ErrorCode | null;
  };

/** A row of `current_summaries`: the newest result of a consultation. */
export interface CurrentSummary {
  consultation_id: string;
  clinic_id: string;
  summary_id: string;
  review_status: ReviewStatus;
  summary: string;
  sections: Section[];
  version: number;
  amends: string | null;
  /** Mark it in lists; the first lines of `summary` say what is missing, and what to do. */
  incomplete: boolean;
  completed_at: string;
  /** The approved one that counts, the end of the chain; it may be older. */
  approved_id: string | null;
  /** The one under way. */
  active_id: string | null;
}

/**
 * The payload of the event `summary` on the topic that `clinics.topic` names: something else than the
 * stage has changed.
 */
export interface SummaryEvent {
  id: string;
  consultation_id: string;
  status: SummaryStatus;
  waiting_for: WaitingFor | null;
  /** Whether a file could not be used; null until completed. */
  incomplete: boolean | null;
  review_status: ReviewStatus;
  /** Counts edits and reviews. */
  version: number;
}
