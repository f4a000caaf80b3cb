/** Names of files at a model's service. */
import type { RecordingVersion } from "../core/domain.ts";

/** The prefix and 40 hex digits of a hash: it says nothing, and is the same on every try. */
export async function fileName(prefix: string, version: RecordingVersion): Promise<string> {
  const bytes = new TextEncoder().encode(`${version.recording_id}/${version.object_version}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${prefix}/${hex.slice(0, 40)}`;
}
