/** The old body's URLs: read as paths in the bucket, never fetched. */
import { AppError } from "../core/errors.ts";
import type { DataApi } from "../job/data_api.ts";
import type { ByUrls } from "./bodies.ts";

const BUCKET = "consultations";
/** More addresses than any consultation has files. */
const MAX_URLS = 100;
const ROUTE = new RegExp(`^/storage/v1/object/(?:public|sign|authenticated)/${BUCKET}/`);
const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
// {clinic_id}/{consultation_id}/{name}, as the upload trigger takes it.
const PATH = new RegExp(`^${UUID}/(${UUID})/[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`);

/**
 * The path in the bucket that `given` names, and its consultation: it is one already, or an address
 * of this project's Storage (public, sign or authenticated form). Throws `url_not_allowed` for
 * anything else, whatever a URL parser would make of it: what isn't written plainly isn't accepted.
 */
function pathInBucket(given: string, supabaseUrl: string) {
  const path = given.startsWith(`${supabaseUrl}/`)
    ? given.slice(supabaseUrl.length).replace(/\?token=[\w.-]+$/, "").replace(ROUTE, "")
    : given;
  const consultation = PATH.exec(path)?.[1];
  if (!consultation) throw new AppError("url_not_allowed");
  return { path, consultation };
}

/**
 * The one consultation in which all these recordings are. `asUser` sees only what the caller may
 * see, so another clinic's recording and one that doesn't exist get the same answer:
 * `url_not_allowed`. Throws `database_unavailable` too.
 */
export async function consultationOf(
  urls: string[],
  supabaseUrl: string,
  asUser: DataApi,
): Promise<string> {
  if (urls.length > MAX_URLS) {
    throw new AppError("url_not_allowed", { message: `Send ${MAX_URLS} addresses at most.` });
  }
  const named = urls.map((url) => pathInBucket(url, supabaseUrl));
  const [consultation, ...others] = new Set(named.map(({ consultation }) => consultation));
  if (others.length > 0) {
    throw new AppError("url_not_allowed", {
      message: "All addresses must be of one consultation.",
    });
  }
  const { data, error } = await asUser.from("recordings").select("object_path")
    .eq("bucket_id", BUCKET).eq("consultation_id", consultation).is("deleted_at", null);
  if (error) throw new AppError("database_unavailable", { cause: error });
  const known = new Set(data.map(({ object_path }) => object_path));
  if (!named.every(({ path }) => known.has(path))) {
    throw new AppError("url_not_allowed", {
      message: "One of the addresses names no recording of your clinic.",
    });
  }
  return consultation;
}

/** All addresses of the earlier backend's body. */
export function urlsOf(body: ByUrls): string[] {
  return [
    body.primary_audio_url,
    ...body.additional_audio_urls ?? [],
    ...body.image_urls ?? [],
  ];
}
