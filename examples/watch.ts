/** Following the summaries of a clinic as they appear and change. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Summary, SummaryEvent } from "../clients/types.ts";

/**
 * Calls `show` with the newest summaries now, after each change, and whenever the connection is
 * back: events that came meanwhile are lost, so the rows are read again. An event by itself says how
 * far the work is. Gives what ends it.
 */
export function watchSummaries(
  supabase: SupabaseClient<Database>,
  clinicId: string,
  show: (summaries: Summary[]) => void,
  progress: (event: SummaryEvent) => void,
): () => Promise<void> {
  async function refetch() {
    const { data, error } = await supabase.from("summaries").select("*")
      .eq("clinic_id", clinicId).order("created_at", { ascending: false }).limit(50);
    if (!error) show(data as unknown as Summary[]);
  }
  const channel = supabase.channel(`clinic:${clinicId}`, { config: { private: true } })
    .on("broadcast", { event: "summary" }, ({ payload }) => {
      progress(payload as SummaryEvent);
      refetch();
    })
    .subscribe((status) => {
      if (status === "SUBSCRIBED") refetch();
    });
  return async () => {
    await supabase.removeChannel(channel);
  };
}
