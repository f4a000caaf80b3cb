/** Uploading recordings and pictures, in parts that outlive a lost connection and a reload. */
import type { SupabaseClient } from "@supabase/supabase-js";
import { SummariesError } from "./refusals.ts";
import { send } from "./send.ts";
import { sendInParts } from "./tus.ts";
import type { Database } from "./types.ts";

export const BUCKET = "consultations";

/** Where a file belongs. */
export interface Place {
  clinicId: string;
  consultationId: string;
}

export interface UploadOptions {
  /** How the file ends, without a dot: needed of a Blob, which has no name. */
  extension?: string;
  /** From 0 to 1. */
  onProgress?(share: number): void;
  /** Aborts: what has arrived is deleted, and the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Where uploads that were begun are remembered: `localStorage` has this form. */
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const TYPES: Record<string, string> = {
  aac: "audio/aac",
  aif: "audio/aiff",
  aiff: "audio/aiff",
  flac: "audio/flac",
  heic: "image/heic",
  heif: "image/heif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  png: "image/png",
  wav: "audio/wav",
  webm: "audio/webm",
  webp: "image/webp",
};

/**
 * The type to declare. Browsers know none of some files (of HEIC on Windows), and Storage compares it
 * as it stands: without parameters, in lower case.
 */
const typeOf = ({ type }: Blob, extension: string) =>
  type.toLowerCase().split(";")[0].trim() || TYPES[extension] ||
  "application/octet-stream";

function extensionOf(file: Blob, { extension }: UploadOptions): string {
  const named = extension ??
    (file as { name?: string }).name?.split(".").slice(1).at(-1);
  if (!named) {
    throw new SummariesError(
      "file_type",
      "Say in `extension` what kind of file it is.",
    );
  }
  return named.toLowerCase();
}

/**
 * What tells an upload again after a reload. Of the bytes, because recordings have no name, and two
 * of the same length may begin and end alike; a file has 50 MiB at most.
 */
async function keyOf(
  file: Blob,
  { clinicId, consultationId }: Place,
): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    await file.arrayBuffer(),
  );
  const hex = Array.from(
    new Uint8Array(digest),
    (byte) => byte.toString(16).padStart(2, "0"),
  );
  return `summaries:${clinicId}/${consultationId}/${hex.join("")}`;
}

/** Uploads the file; gives its path in the bucket. */
export async function upload(
  supabase: SupabaseClient<Database>,
  memory: Memory,
  place: Place,
  file: Blob,
  options: UploadOptions = {},
): Promise<string> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const extension = extensionOf(file, options);
  if (file.size === 0) throw new SummariesError("file_empty");
  const key = await keyOf(file, place);
  const begun: { path: string; url: string } | null = JSON.parse(
    memory.getItem(key) ?? "null",
  );
  // Files have names of their own: nothing of the patient belongs in a path.
  const path = begun?.path ??
    `${place.clinicId}/${place.consultationId}/${crypto.randomUUID()}.${extension}`;
  try {
    await sendInParts({
      endpoint: endpointOf(supabase),
      file,
      metadata: {
        bucketName: BUCKET,
        objectName: path,
        contentType: typeOf(file, extension),
      },
      headers: (refused) => credentials(supabase, refused),
      send,
      begun: begun?.url,
      onBegun(url) {
        try {
          memory.setItem(key, JSON.stringify({ path, url }));
        } catch {
          // It is full: after a reload the upload would begin anew.
        }
      },
      onSent: (bytes) => onProgress?.(bytes / file.size),
      signal,
    });
    memory.removeItem(key);
    return path;
  } catch (error) {
    // What may pass can go on later, also after a reload.
    if (
      !(error instanceof SummariesError &&
        (error.retry || error.code === "unauthorized"))
    ) {
      memory.removeItem(key);
    }
    throw error;
  }
}

/** Hosted projects have a host of their own for large files. */
function endpointOf(supabase: SupabaseClient<Database>): string {
  const { publicUrl } = supabase.storage.from(BUCKET).getPublicUrl("").data;
  const url = new URL(
    publicUrl.replace(/\/object\/public\/.*/, "/upload/resumable"),
  );
  url.hostname = url.hostname.replace(
    /^([a-z]{20})\.supabase\.(co|in|red)$/,
    "$1.storage.supabase.$2",
  );
  return url.href;
}

/** A token for each request: it may have run out since the one before. */
async function credentials(
  supabase: SupabaseClient<Database>,
  refused: boolean,
): Promise<Record<string, string>> {
  // Tokens of another provider renew themselves: then `auth` throws whatever is asked of it.
  if (refused) {
    await Promise.resolve().then(() => supabase.auth.refreshSession()).catch(
      () => {},
    );
  }
  // Realtime's are public, and what requests of supabase-js carry.
  const { apiKey, accessToken } = supabase.realtime;
  const token = await accessToken?.();
  if (!token || token === apiKey) throw new SummariesError("unauthorized");
  return { apikey: apiKey ?? "", authorization: `Bearer ${token}` };
}

/** For where there is no `localStorage`, or the browser forbids it: until the page is left. */
export function memoryOf(): Memory {
  try {
    if (globalThis.localStorage) return globalThis.localStorage;
  } catch {
    // A browser that blocks cookies throws.
  }
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
