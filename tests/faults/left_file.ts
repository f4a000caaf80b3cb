/** A file at Gemini that an earlier worker left there, under the name that its recording has. */
import { assertEquals } from "@std/assert";
import type { FileFault } from "../../local/stand_ins/gemini/files.ts";
import { fileName } from "../../supabase/functions/generate-summary/models/gemini_api/file_name.ts";
import type { Scene } from "./harness.ts";

export async function leaveFile(
  { stack, gemini }: Scene,
  path: string,
  bytes: Uint8Array,
  fault?: FileFault,
): Promise<void> {
  const [recording] = await stack.sql<[{ recording_id: string; object_version: string }]>`
    select id as recording_id, object_version from public.recordings where object_path = ${path}`;
  const name = await fileName(recording);
  const begun = await fetch(`${gemini.url}/upload/v1beta/files`, {
    method: "POST",
    headers: {
      "x-goog-api-key": gemini.apiKey,
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": String(bytes.length),
      "x-goog-upload-header-content-type": "audio/webm",
    },
    body: JSON.stringify({ file: { name } }),
  });
  await begun.body?.cancel();
  const { pathname, search } = new URL(begun.headers.get("x-goog-upload-url")!);
  if (fault) gemini.fail({ on: "file", ...fault });
  const sent = await fetch(gemini.url + pathname + search, {
    method: "POST",
    headers: { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" },
    body: bytes as Uint8Array<ArrayBuffer>,
  });
  await sent.body?.cancel();
  assertEquals([sent.status, [...gemini.files.keys()]], [200, [name]]);
}
