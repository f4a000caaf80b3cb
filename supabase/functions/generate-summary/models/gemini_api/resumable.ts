/** Gemini's resumable upload protocol: start, bytes, query. */
import { within } from "../../core/clock.ts";
import { faultOf } from "../faults.ts";
import { Fault, withRetry } from "../retry.ts";
import type { Open, RemoteFile, UploadDeps, UploadFile } from "./upload.ts";

/** Calls that carry no bytes are answered within this. */
const ANSWER_MS = 10_000;
/** Google's own client gives up then, too. */
const RECOVERIES_WITHOUT_PROGRESS = 3;

/** Begins an upload: the address for its bytes, or null when the name is taken. */
export async function start(file: UploadFile, deps: UploadDeps): Promise<URL | null> {
  const headers = {
    "content-type": "application/json",
    "x-goog-api-key": deps.apiKey,
    "x-goog-upload-protocol": "resumable",
    "x-goog-upload-command": "start",
    "x-goog-upload-header-content-length": String(file.size),
    "x-goog-upload-header-content-type": file.mimeType,
  };
  const { name, mimeType } = file;
  const body = JSON.stringify({ file: { name, mimeType, sizeBytes: String(file.size) } });
  return await ask(deps, deps.endpoint, { headers, body }, async (response) => {
    if (response.ok) {
      return sessionUrl(response.headers.get("x-goog-upload-url") ?? "", deps.endpoint);
    }
    if (response.status === 409) return null;
    const fault = await faultOf(response);
    throw fault.kind === "bad_request" ? new Fault("upload_refused") : fault;
  });
}

/**
 * The address that Gemini gave, at the host that is asked for everything else, as the SDK does it:
 * behind a proxy it names Google's, and no other host gets the bytes. It works without a key: never
 * log it.
 */
function sessionUrl(given: string, endpoint: string): URL {
  if (!URL.canParse(given)) throw new Fault("upload_void");
  const { protocol, hostname, port } = new URL(endpoint);
  return Object.assign(new URL(given), { protocol, hostname, port });
}

/** Sends the bytes until all have arrived; what arrived before a break is not sent again. */
export async function send(url: URL, open: Open, file: UploadFile, deps: UploadDeps) {
  let offset = 0;
  for (let idle = 0; idle <= RECOVERIES_WITHOUT_PROGRESS;) {
    const finished = await sendFrom(url, offset, open, file, deps);
    if (finished) return finished;
    if (idle > 0) await deps.clock.sleep(500 * 2 ** idle, deps.signal);
    const received = await query(url, deps);
    if (received === "final") return await deps.look(file.name, deps);
    if (!(received <= file.size)) throw new Fault("upload_void");
    idle = received > offset ? 0 : idle + 1;
    offset = received;
    deps.log.warn("file_resumed", { bytes: offset });
  }
  throw new Fault("upload_stuck");
}

/** One request with all that is missing: the file, or null when only a query can tell what arrived. */
async function sendFrom(url: URL, offset: number, open: Open, file: UploadFile, deps: UploadDeps) {
  const missing = offset < file.size;
  const headers = {
    "x-goog-upload-offset": String(offset),
    "x-goog-upload-command": missing ? "upload, finalize" : "finalize",
  };
  const body = missing ? (await open(offset, deps)).body : null;
  try {
    return await post(deps, url, { headers, body }, async (response) => {
      const status = response.headers.get("x-goog-upload-status");
      if (response.ok && status === "final") return (await response.json()).file as RemoteFile;
      // 409: somebody else finished a file of this name meanwhile.
      const over = status === "final" || status === "cancelled" || response.status === 409;
      if (over) throw new Fault("upload_void");
      return null;
    });
  } catch (error) {
    const over = error instanceof Fault && error.kind === "upload_void";
    if (over || deps.signal?.aborted) throw error;
    // Which side broke doesn't matter: what arrived is asked for next.
    return null;
  }
}

/** How many bytes have arrived, or that the upload is finished; NaN when it is no use any more. */
async function query(url: URL, deps: UploadDeps): Promise<number | "final"> {
  const headers = { "x-goog-upload-command": "query" };
  return await ask(deps, url, { headers }, async (response) => {
    const status = response.headers.get("x-goog-upload-status");
    if (response.ok && status === "final") return "final";
    if (response.ok && status === "active") {
      return Number(response.headers.get("x-goog-upload-size-received") ?? NaN);
    }
    const passing = response.status >= 500 || [408, 429].includes(response.status);
    if (passing) throw await faultOf(response);
    return NaN;
  });
}

/** A POST without the file's bytes, tried again as the table says. */
async function ask<T>(deps: UploadDeps, url: string | URL, init: RequestInit, read: Read<T>) {
  const attempt = (signal: AbortSignal) => post({ ...deps, signal }, url, init, read);
  return await withRetry(
    () => within(deps.clock, ANSWER_MS, new Fault("timed_out"), deps.signal, attempt),
    { ...deps, needs: ANSWER_MS },
  );
}

type Read<T> = (response: Response) => T | Promise<T>;

/** `read` makes something of the answer, whose body is then dropped. */
async function post<T>(
  { fetch, signal }: Pick<UploadDeps, "fetch" | "signal">,
  url: string | URL,
  init: RequestInit,
  read: Read<T>,
): Promise<T> {
  const response = await fetch(url, { method: "POST", redirect: "error", ...init, signal })
    .catch(() => {
      throw new Fault("unreachable");
    });
  try {
    return await read(response);
  } finally {
    if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
  }
}
