/** Following the summaries of a clinic as they appear and change. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Stage, Summary, SummaryEvent, SummaryStatus } from "../clients/types.ts";

/**
 * Calls `show` with the newest summaries now, after each change, and whenever the connection is
 * back: events that came meanwhile are lost, so the rows are read again. After an event that row
 * alone is. An event by itself says how far the work is, and once `status` is `completed` whether the
 * summary is `incomplete`. Gives what ends it.
 */
export function watchSummaries(
  supabase: SupabaseClient<Database>,
  clinicId: string,
  show: (summaries: Summary[]) => void,
  progress: (event: SummaryEvent) => void,
): () => Promise<void> {
  let shown: Summary[] = [];
  async function readAll() {
    const { data, error } = await supabase.from("summaries").select("*")
      .eq("clinic_id", clinicId).order("created_at", { ascending: false }).limit(50);
    if (!error) show(shown = data as unknown as Summary[]);
  }
  async function readOne(id: string) {
    const { data } = await supabase.from("summaries").select("*").eq("id", id).maybeSingle();
    if (!data) return;
    const row = data as unknown as Summary;
    const known = shown.some((summary) => summary.id === id);
    shown = known ? shown.map((summary) => summary.id === id ? row : summary) : [row, ...shown];
    show(shown);
  }
  const channel = supabase.channel(`clinic:${clinicId}`, { config: { private: true } })
    .on("broadcast", { event: "summary" }, ({ payload }) => {
      progress(payload as SummaryEvent);
      readOne(payload.id);
    })
    .subscribe((status) => {
      if (status === "SUBSCRIBED") readAll();
    });
  return async () => {
    await supabase.removeChannel(channel);
  };
}

/** How often a page that shows one active summary asks for its stage: no event tells it. */
const STAGE_EVERY_MS = 5000;

/** Calls `show` with the stage of one summary until it has ended. Gives what ends it before. */
export function watchStage(
  supabase: SupabaseClient<Database>,
  id: string,
  show: (row: { status: SummaryStatus; stage: Stage | null }) => void,
): () => void {
  async function look() {
    const { data } = await supabase.from("summaries").select("status, stage").eq("id", id)
      .maybeSingle();
    if (!data) return;
    const row = data as Pick<Summary, "status" | "stage">;
    show(row);
    if (!["queued", "processing"].includes(row.status)) clearInterval(timer);
  }
  const timer = setInterval(look, STAGE_EVERY_MS);
  look();
  return () => clearInterval(timer);
}
