/** Uploading recordings and pictures. The summary starts by itself when the upload is complete. */
import type { SupabaseClient } from "@supabase/supabase-js";
import * as tus from "tus-js-client";
import type { Database } from "../clients/types.ts";

const BUCKET = "consultations";

export interface Place {
  clinicId: string;
  consultationId: string;
}

/** Files have names of their own: nothing of the patient belongs in a path. */
function newPath({ clinicId, consultationId }: Place, extension: string): string {
  return `${clinicId}/${consultationId}/${crypto.randomUUID()}.${extension.toLowerCase()}`;
}

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
function typeOf({ type }: Blob, extension: string): string {
  return type.toLowerCase().split(";")[0].trim() || TYPES[extension.toLowerCase()] || "";
}

/** What a recorder or an <input type="file"> gives, up to some 6 MB. */
export async function uploadRecording(
  supabase: SupabaseClient<Database>,
  place: Place,
  file: Blob,
  extension: string,
): Promise<string> {
  const path = newPath(place, extension);
  // Of a Blob Storage takes its own type, whatever `contentType` says.
  const { error } = await supabase.storage.from(BUCKET)
    .upload(path, file.slice(0, file.size, typeOf(file, extension)));
  if (error) throw error;
  return path;
}

/** Larger ones in parts, which go on where a bad connection left them. */
export async function uploadLargeRecording(
  supabase: SupabaseClient<Database>,
  projectUrl: string,
  publishableKey: string,
  place: Place,
  file: Blob,
  extension: string,
  onProgress: (share: number) => void,
): Promise<string> {
  const { data } = await supabase.auth.getSession();
  const path = newPath(place, extension);
  await new Promise<void>((resolve, reject) => {
    const upload = new tus.Upload(file, {
      endpoint: `${projectUrl}/storage/v1/upload/resumable`,
      headers: {
        apikey: publishableKey,
        authorization: `Bearer ${data.session?.access_token}`,
      },
      metadata: {
        bucketName: BUCKET,
        objectName: path,
        contentType: typeOf(file, extension),
      },
      // Supabase takes parts of exactly 6 MiB.
      chunkSize: 6 * 1024 * 1024,
      uploadDataDuringCreation: true,
      removeFingerprintOnSuccess: true,
      retryDelays: [0, 3000, 5000, 10_000, 20_000],
      onProgress: (sent, total) => onProgress(sent / total),
      onSuccess: () => resolve(),
      onError: reject,
    });
    upload.start();
  });
  return path;
}
