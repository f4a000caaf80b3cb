/** The Files API's resumable upload protocol: start, bytes, query. */
import type { File as RemoteFile } from "@google/genai";
import { z } from "zod";
import { type Limits, within } from "../../core/clock.ts";
import { faultOf } from "../faults.ts";
import type { OpenSource, SourceFile } from "../model.ts";
import { Fault } from "../policy.ts";
import { withRetry } from "../retry.ts";
import type { GeminiClient } from "./client.ts";

/** Requests that carry no bytes are answered within this. */
const NO_BYTES_MS = 10_000;
/** Google's own client gives up then, too. */
const RECOVERIES_WITHOUT_PROGRESS = 3;

/** What is said of a file; numbers come as text. */
const Finished = z.object({
  file: z.object({
    uri: z.string(),
    mimeType: z.string(),
    sizeBytes: z.string(),
    state: z.enum(["PROCESSING", "ACTIVE", "FAILED"]),
  }).partial(),
});

type Uploaded = Pick<RemoteFile, "uri" | "mimeType" | "sizeBytes"> & { state?: string };

export interface Uploading {
  open: OpenSource;
  file: SourceFile;
  client: GeminiClient;
  limits: Limits;
}

/** Begins an upload: the address for its bytes, or null when the name is taken. */
export async function start({ file, client, limits }: Uploading): Promise<URL | null> {
  const { name, mimeType, size } = file;
  const headers = {
    "content-type": "application/json",
    "x-goog-upload-protocol": "resumable",
    "x-goog-upload-command": "start",
    "x-goog-upload-header-content-length": String(size),
    "x-goog-upload-header-content-type": mimeType,
  };
  const body = JSON.stringify({ file: { name, mimeType, sizeBytes: String(size) } });
  return await postAgain(client, limits, { headers, body }, undefined, async (response) => {
    if (response.ok) {
      return sessionUrl(response.headers.get("x-goog-upload-url") ?? "", client.baseUrl);
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
function sessionUrl(given: string, baseUrl: string): URL {
  if (!URL.canParse(given)) throw new Fault("upload_void");
  const { protocol, hostname, port } = new URL(baseUrl);
  return Object.assign(new URL(given), { protocol, hostname, port });
}

/**
 * Sends the bytes until all have arrived; what arrived before a break is not sent again. Null when
 * nothing is there of that name after all.
 */
export async function send(session: URL, uploading: Uploading): Promise<Uploaded | null> {
  const { file, client, limits } = uploading;
  let offset = 0;
  for (let idle = 0; idle <= RECOVERIES_WITHOUT_PROGRESS;) {
    const finished = await sendFrom(offset, session, uploading);
    if (finished === "taken") return await client.look(file.name, limits);
    if (finished) return finished;
    if (idle > 0) await client.clock.sleep(500 * 2 ** idle, limits.signal);
    const received = await query(session, uploading);
    if (received === "final") return await client.look(file.name, limits);
    if (!(received <= file.size)) throw new Fault("upload_void");
    idle = received > offset ? 0 : idle + 1;
    offset = received;
    client.log.warn("file_resumed", { bytes: offset });
  }
  throw new Fault("upload_stuck");
}

/**
 * One request with all that is missing: the file, or that its name is taken, or null when only a query can
 * tell what arrived.
 */
async function sendFrom(
  offset: number,
  session: URL,
  { open, file, client, limits }: Uploading,
): Promise<Uploaded | "taken" | null> {
  const missing = offset < file.size;
  const headers = {
    "x-goog-upload-offset": String(offset),
    "x-goog-upload-command": missing ? "upload, finalize" : "finalize",
  };
  const body = missing ? (await open(offset, limits)).body : null;
  try {
    const { signal } = limits;
    return await post(client, { headers, body, signal }, session, async (response) => {
      const status = response.headers.get("x-goog-upload-status");
      if (response.ok && status === "final") return Finished.parse(await response.json()).file;
      // Somebody else finished a file of this name meanwhile, or an earlier try did.
      if (response.status === 409) return "taken";
      if (status === "final" || status === "cancelled") throw new Fault("upload_void");
      return null;
    });
  } catch (error) {
    const over = error instanceof Fault && error.kind === "upload_void";
    if (over || limits.signal?.aborted) throw error;
    // Which side broke doesn't matter: what arrived is asked for next.
    return null;
  }
}

/** How many bytes have arrived, or that the upload is finished; NaN when it is no use any more. */
async function query(session: URL, { client, limits }: Uploading): Promise<number | "final"> {
  const headers = { "x-goog-upload-command": "query" };
  return await postAgain(client, limits, { headers }, session, async (response) => {
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

type Read<T> = (response: Response) => T | Promise<T>;

/** A POST without the file's bytes, tried again as the table says. */
async function postAgain<T>(
  client: GeminiClient,
  limits: Limits,
  init: RequestInit,
  session: URL | undefined,
  read: Read<T>,
): Promise<T> {
  const { clock, log } = client;
  return await withRetry(
    () =>
      within(
        clock,
        NO_BYTES_MS,
        new Fault("timed_out"),
        limits.signal,
        (signal) => post(client, { ...init, signal }, session, read),
      ),
    { ...limits, clock, log, needs: NO_BYTES_MS, ofFile: true },
  );
}

/** `read` makes something of the answer, whose body is then dropped. */
async function post<T>(
  client: GeminiClient,
  init: RequestInit,
  session: URL | undefined,
  read: Read<T>,
): Promise<T> {
  const response = await client.postUpload(init, session);
  try {
    return await read(response);
  } finally {
    if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
  }
}
