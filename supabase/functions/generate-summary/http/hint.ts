/** The service says that something may be waiting: by its id, or by a database webhook. */
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { DataApi } from "../job/data_api.ts";
import type { SummaryWorker } from "../job/worker.ts";
import type { AcceptedAnswer } from "./answers.ts";
import type { PostBody, Webhook } from "./bodies.ts";

interface HintDeps {
  parts(): Promise<{ dataApi: DataApi; worker: SummaryWorker }>;
  log: Log;
  keepAlive(work: Promise<unknown>): void;
}

type Hint = Extract<PostBody, { by: "summary" | "webhook" }>;

/**
 * The dispatcher's hint, which is most requests there are: it is known without the schemas of bodies,
 * so that an isolate's first answer needn't wait for them. Null for any other body.
 */
export function plainHint(body: unknown): Hint | null {
  if (typeof body !== "object" || body === null || Object.keys(body).length !== 1) return null;
  const summary_id = "summary_id" in body ? idIn(body.summary_id) : null;
  return summary_id ? { by: "summary", body: { summary_id } } : null;
}

/** Starts the work on what the body names, and answers at once. Throws what `webhookSummary` throws. */
export async function takeHint(
  hint: Hint,
  { parts, log, keepAlive }: HintDeps,
): Promise<AcceptedAnswer> {
  const id = hint.by === "summary"
    ? hint.body.summary_id
    : await webhookSummary(hint.body, (await parts()).dataApi);
  log.info("request", { summary_id: id ?? undefined, code: hint.by });
  if (id) keepAlive(parts().then(({ worker }) => worker.take(id)));
  return { summary_id: id, status: id ? "accepted" : "nothing" };
}

/**
 * The summary that a change of `summaries`, `recordings` or `storage.objects` is about; null where
 * nothing waits. Only ids are taken from the body: what is to be done, the row says. Throws
 * `invalid_request` for other tables, `database_unavailable`.
 */
async function webhookSummary(
  { type, schema, table, record }: Webhook,
  dataApi: DataApi,
): Promise<string | null> {
  if (type === "DELETE" || record === null) return null;
  switch (`${schema}.${table}`) {
    case "public.summaries":
      return idIn(record.id);
    case "public.recordings":
      return await activeSummary(idIn(record.consultation_id), dataApi);
    case "storage.objects":
      // The path: {clinic_id}/{consultation_id}/{name}.
      return await activeSummary(idIn(String(record.name).split("/")[1]), dataApi);
  }
  throw new AppError("invalid_request", {
    message: "table: send webhooks of summaries, recordings or storage.objects.",
  });
}

async function activeSummary(consultation: string | null, dataApi: DataApi) {
  if (consultation === null) return null;
  const { data, error } = await dataApi.from("summaries").select("id")
    .eq("consultation_id", consultation).in("status", ["queued", "processing"]).maybeSingle();
  if (error) throw new AppError("database_unavailable", { cause: error });
  return data?.id ?? null;
}

function idIn(value: unknown): string | null {
  return typeof value === "string" && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)
    ? value
    : null;
}
