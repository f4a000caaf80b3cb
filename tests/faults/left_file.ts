/** A file at Gemini that an earlier worker left there, under the name that its recording has. */
import type { FileFault } from "../../local/stand_ins/gemini/files.ts";
import { fileName } from "../../supabase/functions/generate-summary/models/file_name.ts";
import type { Scene } from "./harness.ts";

export async function leaveFile(
  { stack, gemini }: Scene,
  path: string,
  bytes: Uint8Array,
  fault?: FileFault,
): Promise<void> {
  const [recording] = await stack.sql<[{ recording_id: string; object_version: string }]>`
    select id as recording_id, object_version from public.recordings where object_path = ${path}`;
  const name = await fileName(gemini.folder, recording);
  gemini.leave({ name, mimeType: "audio/webm" }, bytes, fault);
}
