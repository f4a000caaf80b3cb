/** Whether summaries are being worked on: the sweep comes, and nothing waits for long. */
import { type Finding, inPlace, missing } from "./finding.ts";

export interface Queue {
  queued: number;
  processing: number;
  oldest_due_seconds: number | null;
  held_by: "provider" | "account" | null;
  last_sweep_at: string | null;
  upload_trigger: boolean;
  failed_last_hour: number;
}

/** The sweep runs every 15 seconds. */
const SWEEP_LATE_MS = 60_000;
/** A hint takes a second or two: after so long only the sweep starts work. */
const DUE_LATE_SECONDS = 30;

/** `now`: milliseconds since the epoch. */
export function lookAtQueue(queue: Queue, now: number): Finding[] {
  const { queued, processing, oldest_due_seconds: oldest, last_sweep_at, failed_last_hour } = queue;
  const swept = last_sweep_at !== null && now - Date.parse(last_sweep_at) < SWEEP_LATE_MS;
  const depth =
    `${queued} queued, ${processing} at work, ${failed_last_hour} failed in the last hour`;
  return [
    swept ? inPlace("The sweep runs.") : missing(
      last_sweep_at === null ? "The sweep has never run." : `The last sweep was ${last_sweep_at}.`,
      "Look for `sweep-summaries` in cron.job and cron.job_run_details; is pg_cron enabled?",
    ),
    queue.upload_trigger ? inPlace("Uploads are noticed.") : missing(
      "The trigger on storage.objects is missing: only the sweep notices uploads.",
      "Run `select summaries_private.watch_uploads()` in the SQL editor. It is left behind when a " +
        "project is moved by dump and restore.",
    ),
    ...(queue.held_by === null ? [] : [
      missing(
        `Nothing is begun: the model's service answers ${
          queue.held_by === "account" ? "nobody with this key" : "nobody"
        }.`,
        "Look at `error_code` in summaries_private.queue, at GEMINI_API_KEY or GOOGLE_CLOUD_KEY and " +
          "the quota, and at Google's status page.",
      ),
    ]),
    oldest === null || oldest < DUE_LATE_SECONDS || queue.held_by !== null
      ? inPlace(`The queue moves: ${depth}.`)
      : missing(
        `The oldest summary has waited for ${Math.round(oldest)} s: ${depth}.`,
        "Are `project_url` and `hint_key` in Vault, and is that the function's HINT_KEY? " +
          "net._http_response tells the answers.",
      ),
  ];
}
