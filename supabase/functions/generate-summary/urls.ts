/** The old body's URLs: read as paths in the bucket, never fetched. */
import type { SupabaseClient } from "@supabase/supabase-js";
import { AppError } from "./errors.ts";

const BUCKET = "consultations";
const ROUTE = new RegExp(`^/storage/v1/object/(?:public|sign|authenticated)/${BUCKET}/`);
// {clinic_id}/{consultation_id}/{name}, as the upload trigger takes it.
const PATH = /^[0-9a-f-]{36}\/[0-9a-f-]{36}\/[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * The path in the bucket that `given` names: it is one already, or an address of this project's
 * Storage (public, sign or authenticated form). Throws `url_not_allowed` for anything else, whatever
 * a URL parser would make of it: what isn't written plainly isn't accepted.
 */
export function pathInBucket(given: string, supabaseUrl: string): string {
  const path = given.startsWith(`${supabaseUrl}/`)
    ? given.slice(supabaseUrl.length).replace(/\?token=[\w.-]+$/, "").replace(ROUTE, "")
    : given;
  if (!PATH.test(path)) throw new AppError("url_not_allowed");
  return path;
}

/**
 * The one consultation in which all these recordings are. `asUser` sees only what the caller may
 * see, so another clinic's recording and one that doesn't exist get the same answer:
 * `url_not_allowed`. Throws `database_unavailable` too.
 */
export async function consultationOf(
  urls: string[],
  supabaseUrl: string,
  asUser: SupabaseClient,
): Promise<string> {
  const paths = [...new Set(urls.map((url) => pathInBucket(url, supabaseUrl)))];
  const { data, error } = await asUser.from("recordings").select("consultation_id")
    .eq("bucket_id", BUCKET).in("object_path", paths).is("deleted_at", null);
  if (error) throw new AppError("database_unavailable", { cause: error });
  if (data.length < paths.length) {
    throw new AppError("url_not_allowed", {
      message: "One of the addresses names no recording of your clinic.",
    });
  }
  const consultations = new Set(data.map(({ consultation_id }) => consultation_id as string));
  if (consultations.size > 1) {
    throw new AppError("url_not_allowed", {
      message: "All addresses must be of one consultation.",
    });
  }
  return [...consultations][0];
}
