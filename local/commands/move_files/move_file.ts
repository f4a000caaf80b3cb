/** One file of an earlier backend goes into its consultation. */
import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";

const BUCKET = "consultations";
// As the bucket's policies take them.
const Id = z.string().regex(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/, "must be a uuid");
const Wanted = z.object({
  from: z.string().regex(/^[^/]+\/.+\.[A-Za-z0-9]{1,8}$/, "must be bucket/path, with an extension"),
  clinic_id: Id,
  consultation_id: Id,
});
export type Wanted = z.infer<typeof Wanted>;

/** What a line wants, or what is wrong with it. */
export function parseLine(line: string): Wanted | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return "is not JSON.";
  }
  const { data, error } = Wanted.safeParse(json);
  return data ?? `${error!.issues[0].path.join(".") || "it"} ${error!.issues[0].message}.`;
}

/** The list's clinics that are not there, and those that summarize each upload. */
export async function theirClinics(supabase: SupabaseClient, wanted: Wanted[]) {
  const named = [...new Set(wanted.map(({ clinic_id }) => clinic_id))];
  const unknown: string[] = [];
  const automatic: string[] = [];
  for (const id of named) {
    const { data } = await supabase.from("clinics").select("auto_summarize").eq("id", id)
      .maybeSingle<{ auto_summarize: boolean }>().throwOnError();
    if (!data) unknown.push(id);
    else if (data.auto_summarize) automatic.push(id);
  }
  return { unknown, automatic };
}

/** Where a file goes, always the same: whoever starts again finds what is there. */
async function pathFor({ from, clinic_id, consultation_id }: Wanted): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(from));
  const uuid = new Uint8Array(hash).toHex().slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const extension = from.slice(from.lastIndexOf(".") + 1).toLowerCase();
  return `${clinic_id}/${consultation_id}/${uuid}.${extension}`;
}

interface Moved {
  from: string;
  to: string | null;
  outcome: "moved" | "there" | "missing" | "refused";
  message?: string;
}

/** Throws when the database does not answer; what Storage says is the outcome. */
export async function moveFile(supabase: SupabaseClient, wanted: Wanted): Promise<Moved> {
  const { from, clinic_id, consultation_id: id } = wanted;
  const refused = (message: string): Moved => ({ from, to: null, outcome: "refused", message });
  await supabase.from("consultations").upsert({ id, clinic_id }, { ignoreDuplicates: true })
    .throwOnError();
  const { data: made } = await supabase.from("consultations").select("clinic_id").eq("id", id)
    .single<{ clinic_id: string }>().throwOnError();
  if (made.clinic_id !== clinic_id) return refused("The consultation is another clinic's.");

  const to = await pathFor(wanted);
  const slash = from.indexOf("/");
  const { error } = await supabase.storage.from(from.slice(0, slash))
    .move(from.slice(slash + 1), to, { destinationBucket: BUCKET });
  if (!error) return { from, to, outcome: "moved" };
  // A run that was killed may have moved it: what tells is whether it is there.
  const { data: there } = await supabase.storage.from(BUCKET).exists(to);
  if (there) return { from, to, outcome: "there" };
  const missing = /not.?found/i.test(`${error.message} ${error.name}`);
  return missing ? { from, to: null, outcome: "missing" } : refused(error.message);
}
