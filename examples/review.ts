/** Correcting a summary and approving it: for doctors, nurses and admins. */
import type { PostgrestError, SupabaseClient } from "@supabase/supabase-js";
import type { Database, ReviewStatus, Summary } from "../clients/types.ts";

/**
 * Saves another text, another review status, or both. `seen` is the row as the editor loaded it: its
 * version keeps two editors from overwriting each other. Gives null when somebody was faster; then
 * load the row again and show both texts.
 */
export async function review(
  supabase: SupabaseClient<Database>,
  seen: Summary,
  change: { summary?: string; review_status?: ReviewStatus },
): Promise<Summary | null> {
  const { data, error } = await supabase.from("summaries")
    .update({ ...change, version: seen.version + 1 })
    .eq("id", seen.id).select("*").single();
  // Expected refusals have the status in `code`, ours in `details`, and a sentence in `message`.
  if (error?.details === "version_conflict") return null;
  if (error) throw error;
  return data as unknown as Summary;
}

/** An approved summary is final: a correction is a new one that begins with its text. */
export async function amend(
  supabase: SupabaseClient<Database>,
  approved: Summary,
): Promise<Summary> {
  const { data, error } = await supabase.from("summaries")
    .insert({
      clinic_id: approved.clinic_id,
      consultation_id: approved.consultation_id,
      submitted_by: approved.submitted_by,
      amends: approved.id,
    })
    .select("*").single();
  if (error) throw error;
  return data as unknown as Summary;
}

/**
 * What waits for a review, the oldest first: a page of fifty. Mark those that are `incomplete` in the
 * list; the first lines of their `summary` say what is missing of which recording, why, and what to do.
 */
export async function inbox(supabase: SupabaseClient<Database>, clinicId: string) {
  const { data } = await supabase.from("current_summaries")
    .select("summary_id, consultation_id, summary, incomplete, completed_at")
    .eq("clinic_id", clinicId).eq("review_status", "draft")
    .order("completed_at").limit(50).throwOnError();
  return data;
}

/** Stops one that is queued or being worked on: every member may. */
export async function cancel(
  supabase: SupabaseClient<Database>,
  id: string,
): Promise<PostgrestError | null> {
  const { error } = await supabase.from("summaries").update({ status: "cancelled" }).eq("id", id);
  return error;
}
