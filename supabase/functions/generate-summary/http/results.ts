/** What an ended summary answers to the user who waits for it. */
import { AppError, type ErrorCode, ERRORS } from "../core/errors.ts";
import type { SummaryAnswer } from "./bodies.ts";
import type { Supabase } from "../job/supabase.ts";

export interface SummaryState {
  summary_id: string;
  status: string;
  /** Set when completed. */
  answer?: SummaryAnswer;
  /** Set when failed or cancelled. */
  error?: AppError;
}

interface Row {
  id: string;
  consultation_id: string;
  status: string;
  summary: string | null;
  sections: SummaryAnswer["sections"] | null;
  model: string | null;
  completed_at: string | null;
  error_code: string | null;
  error_message: string | null;
  summary_recordings: {
    outcome: "used" | "failed";
    code: ErrorCode | null;
    message: string | null;
    recordings: { kind: "audio" | "image"; object_path: string };
  }[];
}

const COLUMNS = "id, consultation_id, status, summary, sections, model, completed_at, " +
  "error_code, error_message, " +
  "summary_recordings(outcome, code, message, recordings(kind, object_path))";

/** Reads a summary as its user sees it. Throws `not_found`, `database_unavailable`. */
export async function readSummary(supabase: Supabase, id: string): Promise<SummaryState> {
  const { data, error } = await supabase.from("summaries").select(COLUMNS).eq("id", id)
    .maybeSingle<Row>();
  if (error) throw new AppError("database_unavailable", { cause: error });
  if (!data) throw new AppError("not_found");
  const state: SummaryState = { summary_id: id, status: data.status };
  if (data.status === "completed") state.answer = answer(data);
  if (data.status === "cancelled") state.error = new AppError("cancelled");
  if (data.status === "failed") {
    const code = data.error_code && data.error_code in ERRORS ? data.error_code : "internal";
    state.error = new AppError(code as ErrorCode, { message: data.error_message ?? undefined });
  }
  return state;
}

function answer(row: Row): SummaryAnswer {
  const used = row.summary_recordings.filter(({ outcome }) => outcome === "used");
  const count = (kind: string) => used.filter(({ recordings }) => recordings.kind === kind).length;
  return {
    summary: row.summary ?? "",
    model: row.model ?? "",
    timestamp: row.completed_at ?? "",
    files_processed: {
      audio: count("audio"),
      images: count("image"),
      errors: row.summary_recordings.filter(({ outcome }) => outcome === "failed").map((file) => ({
        path: file.recordings.object_path,
        code: file.code ?? "internal",
        message: file.message ?? "",
      })),
    },
    summary_id: row.id,
    consultation_id: row.consultation_id,
    status: "completed",
    sections: row.sections ?? [],
  };
}
