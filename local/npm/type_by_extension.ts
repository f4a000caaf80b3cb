/** `@std/media-types/type-by-extension` over `mime-types`, for networks without JSR. */
import mime from "mime-types";

/** `.mp3` → `audio/mpeg`; undefined when unknown. */
export function typeByExtension(extension: string): string | undefined {
  return mime.types[extension.toLowerCase().replace(/^\./, "")];
}
