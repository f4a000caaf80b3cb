/**
 * `@std/media-types/type-by-extension` 1.1.0 over `mime-db`, for networks without JSR. Its table is
 * mime-db 1.53.0, so the answers are the same for every extension.
 */
import db from "mime-db";

const MEDIA_TYPES: Record<string, { source?: string; extensions?: readonly string[] }> = db;
/** The later ones win, as in std. No source is mime-db's own. */
const SOURCES = ["nginx", "apache", undefined, "iana"];
/** Any other type of the same extension says more than these. */
const VAGUE = ["application/octet-stream", "application/mp4"];

const types = new Map<string, string>();
for (const [type, { extensions = [] }] of Object.entries(MEDIA_TYPES)) {
  for (const extension of extensions) {
    const known = types.get(extension);
    if (!known || isBetter(type, known)) types.set(extension, type);
  }
}

function isBetter(type: string, known: string): boolean {
  if (VAGUE.includes(known)) return true;
  const rank = (name: string) => SOURCES.indexOf(MEDIA_TYPES[name].source);
  if (rank(type) !== rank(known)) return rank(type) > rank(known);
  return !known.startsWith("application/");
}

/** `mp3` or `.mp3` gives `audio/mpeg`; undefined when unknown. */
export function typeByExtension(extension: string): string | undefined {
  return types.get(extension.replace(/^\./, "").toLowerCase());
}
