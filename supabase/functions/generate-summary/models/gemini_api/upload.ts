/**
 * Uploads a stored object to Gemini's Files API by its resumable protocol: as a rule one request,
 * whose body is the untouched body of Storage's answer, so that the bytes stay out of JavaScript.
 */
import { type Clock, type Limits, within } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { send, start } from "./resumable.ts";
import { Fault, withRetry } from "../retry.ts";

/** A file at Gemini, as a prompt names it. */
export interface GeminiFile {
  name: string;
  uri: string;
  mimeType: string;
}

export interface UploadFile {
  /** See `fileName`. */
  name: string;
  mimeType: string;
  /** Bytes */
  size: number;
}

/** What Gemini says of a file; numbers come as text. */
export interface RemoteFile {
  uri?: string;
  mimeType?: string;
  sizeBytes?: string;
  state?: string;
}

export interface UploadDeps extends Limits {
  fetch: typeof fetch;
  clock: Clock;
  log: Log;
  /** Where uploads begin: `{base}/upload/{version}/files`. */
  endpoint: string;
  apiKey: string;
  /** Null when there is no such file. */
  look(name: string, limits: Limits): Promise<RemoteFile | null>;
  /** False when it may still be there. */
  remove(name: string): Promise<boolean>;
}

/** Answers with the bytes from `from` on, and with their Content-Length. */
export type Open = (from: number, limits: Limits) => Promise<Response>;

/** An upload may take this, and as long as its size needs at half a MiB a second. */
const BASE_MS = 20_000;
const BYTES_PER_MS = 512 * 1024 / 1000;

/** The name of a recording's version at Gemini: it says nothing, and is the same on every try. */
export async function fileName(recordingId: string, objectVersion: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${recordingId}/${objectVersion}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `files/${hex.slice(0, 40)}`;
}

/**
 * Uploads what `open` gives, or finds that an earlier try did, and waits until it can be used.
 * Throws `file_rejected`, the `model_*` codes, `out_of_time`, and whatever `open` throws.
 */
export async function upload(open: Open, file: UploadFile, deps: UploadDeps): Promise<GeminiFile> {
  const { clock } = deps;
  const enough = clock.now() + BASE_MS + file.size / BYTES_PER_MS;
  const late = enough < deps.deadline ? new Fault("upload_slow") : new AppError("out_of_time");
  const deadline = Math.min(enough, deps.deadline);
  return await withRetry(() => {
    const attempt = (signal: AbortSignal) =>
      uploadOnce(open, file, late, { ...deps, deadline, signal });
    return within(clock, deadline - clock.now(), late, deps.signal, attempt);
  }, { ...deps, deadline, needs: 0 });
}

/** What is no use is deleted, and uploaded anew at the next try. */
async function uploadOnce(open: Open, file: UploadFile, late: Error, deps: UploadDeps) {
  const { clock, log, look, signal, deadline } = deps;
  const begun = clock.now();
  const url = await start(file, deps);
  let remote = url ? await send(url, open, file, deps) : await look(file.name, deps);
  let wait = 1000;
  while (remote?.state === "PROCESSING") {
    if (clock.now() + wait > deadline) throw late;
    await clock.sleep(wait, signal);
    remote = await look(file.name, deps);
    wait = Math.min(wait * 1.5, 5000);
  }
  const { uri = "", mimeType = "", sizeBytes, state } = remote ?? {};
  // In an outage files were ACTIVE with size "0"; a type may come back under another of its names.
  const [kind] = file.mimeType.split("/");
  if (state === "ACTIVE" && Number(sizeBytes) === file.size && mimeType.startsWith(`${kind}/`)) {
    const fields = { bytes: file.size, ms: clock.now() - begun };
    log.info(url ? "file_uploaded" : "file_reused", fields);
    return { name: file.name, uri, mimeType };
  }
  if (remote) await deps.remove(file.name);
  // One that an earlier try left says nothing of this one.
  throw new Fault(url && state === "FAILED" ? "file_failed" : "upload_void");
}
