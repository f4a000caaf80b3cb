/** Database webhooks: another way to deliver the hint that a summary is waiting. */
import { AppError } from "../core/errors.ts";
import type { Webhook } from "./bodies.ts";
import type { Supabase } from "../job/supabase.ts";

/**
 * The summary that a change of `summaries`, `recordings` or `storage.objects` is about; null where
 * nothing waits. Only ids are taken from the body: what is to be done, the row says. Throws
 * `invalid_request` for other tables, `database_unavailable`.
 */
export async function webhookSummary(
  { type, schema, table, record }: Webhook,
  supabase: Supabase,
): Promise<string | null> {
  if (type === "DELETE" || record === null) return null;
  switch (`${schema}.${table}`) {
    case "public.summaries":
      return id(record.id);
    case "public.recordings":
      return await activeSummary(id(record.consultation_id), supabase);
    case "storage.objects":
      // The path: {clinic_id}/{consultation_id}/{name}.
      return await activeSummary(id(String(record.name).split("/")[1]), supabase);
  }
  throw new AppError("invalid_request", {
    message: "table: send webhooks of summaries, recordings or storage.objects.",
  });
}

async function activeSummary(consultation: string | null, supabase: Supabase) {
  if (consultation === null) return null;
  const { data, error } = await supabase.from("summaries").select("id")
    .eq("consultation_id", consultation).in("status", ["queued", "processing"]).maybeSingle();
  if (error) throw new AppError("database_unavailable", { cause: error });
  return data?.id ?? null;
}

function id(value: unknown): string | null {
  return typeof value === "string" && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)
    ? value
    : null;
}
