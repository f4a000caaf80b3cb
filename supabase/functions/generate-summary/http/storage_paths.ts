/** The old body's URLs: read as paths in the bucket, never fetched. */
import { AppError } from "../core/errors.ts";
import type { DataApi } from "../job/data_api.ts";
import type { ByUrls } from "./bodies.ts";
import { ASK } from "./routes.ts";

const BUCKET = "consultations";
/** More addresses than any consultation has files. */
const MAX_URLS = 100;
const ROUTE = new RegExp(`^/storage/v1/object/(?:public|sign|authenticated)/${BUCKET}/`);
const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
// {clinic_id}/{consultation_id}/{name}, as the upload trigger takes it.
const PATH = new RegExp(`^${UUID}/(${UUID})/[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`);

/**
 * The path in the bucket that `given` names, and its consultation: it is one already, or an address
 * of this project's Storage (public, sign or authenticated form). No consultation for anything else,
 * whatever a URL parser would make of it: what isn't written plainly isn't accepted.
 */
function pathInBucket(given: string, supabaseUrl: string) {
  const path = given.startsWith(`${supabaseUrl}/`)
    ? given.slice(supabaseUrl.length).replace(/\?token=[\w.-]+$/, "").replace(ROUTE, "")
    : given;
  return { given, path, consultation: PATH.exec(path)?.[1] };
}

/**
 * The one consultation in which these recordings are, and the addresses that name none. `asUser` sees
 * only what the caller may see, so another clinic's recording and one that doesn't exist are the same.
 * Throws `invalid_request` for none; `url_not_allowed` when no address names a recording, or two of them
 * name two consultations; `database_unavailable` too.
 */
export async function consultationOf(
  urls: string[],
  supabaseUrl: string,
  asUser: DataApi,
): Promise<{ consultation: string; unknown: string[] }> {
  if (urls.length === 0) throw new AppError("invalid_request", { message: ASK });
  if (urls.length > MAX_URLS) {
    throw new AppError("url_not_allowed", { message: `Send ${MAX_URLS} addresses at most.` });
  }
  const named = urls.map((url) => pathInBucket(url, supabaseUrl));
  const consultations = [...new Set(named.flatMap(({ consultation }) => consultation ?? []))];
  if (consultations.length === 0) throw new AppError("url_not_allowed");
  const { data, error } = await asUser.from("recordings").select("object_path")
    .eq("bucket_id", BUCKET).in("consultation_id", consultations).is("deleted_at", null);
  if (error) throw new AppError("database_unavailable", { cause: error });
  const known = new Set(data.map(({ object_path }) => object_path));
  const found = named.filter(({ path }) => known.has(path));
  const [consultation, ...others] = new Set(found.map(({ consultation }) => consultation));
  if (!consultation) {
    throw new AppError("url_not_allowed", {
      message: "The addresses name no recording of your clinic.",
    });
  }
  if (others.length > 0) {
    throw new AppError("url_not_allowed", {
      message: "All addresses must be of one consultation.",
    });
  }
  const unknown = named.filter(({ path }) => !known.has(path)).map(({ given }) => given);
  return { consultation, unknown };
}

/** All addresses of the earlier backend's body. */
export function urlsOf(body: ByUrls): string[] {
  return [
    ...body.primary_audio_url === undefined ? [] : [body.primary_audio_url],
    ...body.additional_audio_urls ?? [],
    ...body.image_urls ?? [],
  ];
}
