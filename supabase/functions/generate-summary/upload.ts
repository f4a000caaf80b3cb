/**
 * Uploads a stored object to Gemini's Files API by its resumable protocol: as a rule one request,
 * whose body is the untouched body of Storage's answer, so that the bytes stay out of JavaScript.
 */
import { type Clock, type Limits, within } from "./clock.ts";
import { AppError } from "./errors.ts";
import type { Log } from "./log.ts";
import { send, start } from "./resumable.ts";
import { Fault, withRetry } from "./retry.ts";

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
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  return `files/${hex.slice(0, 40)}`;
}

/**
 * Uploads what `open` gives, or finds that an earlier try did, and waits until it can be used.
 * Throws `file_rejected`, the `model_*` codes, `out_of_time`, and whatever `open` throws.
 */
export async function upload(open: Open, file: UploadFile, deps: UploadDeps): Promise<GeminiFile> {
  const { clock, log } = deps;
  const begun = clock.now();
  const enough = begun + BASE_MS + file.size / BYTES_PER_MS;
  const late = enough < deps.deadline ? new Fault("upload_slow") : new AppError("out_of_time");
  const deadline = Math.min(enough, deps.deadline);
  return await withRetry(
    () =>
      within(
        clock,
        deadline - clock.now(),
        late,
        deps.signal,
        async (signal) => {
          const now = { ...deps, deadline, signal };
          const found = await begin(file, now);
          let remote = found instanceof URL ? await send(found, open, file, now) : found;
          for (
            let wait = 1000;
            remote?.state === "PROCESSING";
            wait = Math.min(wait * 1.5, 5000)
          ) {
            if (clock.now() + wait > deadline) throw late;
            await clock.sleep(wait, signal);
            remote = await deps.look(file.name, now);
          }
          if (remote?.state !== "ACTIVE" || !isSame(remote, file)) {
            if (remote) await deps.remove(file.name);
            throw new Fault(remote?.state === "FAILED" ? "file_failed" : "upload_void");
          }
          const event = found instanceof URL ? "file_uploaded" : "file_reused";
          log.info(event, { bytes: file.size, ms: clock.now() - begun });
          return { name: file.name, uri: remote.uri ?? "", mimeType: remote.mimeType ?? "" };
        },
      ),
    { ...deps, deadline, needs: 0 },
  );
}

/** In an outage files were ACTIVE with size "0"; a type may come back under another of its names. */
function isSame({ sizeBytes, mimeType }: RemoteFile, file: UploadFile): boolean {
  const kind = (type = "") => type.split("/")[0];
  return Number(sizeBytes) === file.size &&
    kind(mimeType) === kind(file.mimeType);
}

/** Where to send the bytes, or the file when it is there already; one that is no use is replaced. */
async function begin(file: UploadFile, deps: UploadDeps): Promise<URL | RemoteFile> {
  const url = await start(file, deps);
  if (url) return url;
  const there = await deps.look(file.name, deps);
  if (there && there.state !== "FAILED" && isSame(there, file)) return there;
  if (there) await deps.remove(file.name);
  const again = await start(file, deps);
  if (!again) throw new Fault("upload_void");
  return again;
}
