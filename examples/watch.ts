/** A clinic's list of summaries, which follows what happens. */
import type { Summaries, Summary } from "../clients/index.ts";

/** A line for each: what it is, or what it waits for. Gives what ends it. */
export function showList(
  summaries: Summaries,
  clinicId: string,
  show: (lines: string[]) => void,
): () => Promise<void> {
  return summaries.watchClinic(clinicId, { show: (rows) => show(rows.map(line)) });
}

function line({ status, stage, waiting_for, review_status, incomplete, error_message }: Summary) {
  switch (status) {
    case "queued":
      return waiting_for ? `queued, waits for: ${waiting_for}` : "queued";
    case "processing":
      return stage ?? "begun";
    case "completed":
      return incomplete ? `${review_status}, incomplete` : review_status;
    case "failed":
      return `failed: ${error_message}`;
    case "cancelled":
      return "cancelled";
  }
}
