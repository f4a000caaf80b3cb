/** The recordings' objects in Supabase Storage, read with the service's key. */
import { type Clock, type Limits, within } from "../core/clock.ts";
import type { Recording } from "../core/domain.ts";
import type { Log } from "../core/log.ts";
import { Fault } from "../models/policy.ts";
import { withRetry } from "../models/retry.ts";

type ObjectAddress = Pick<Recording, "bucket_id" | "object_path">;

/** What an answer says of the whole object: one that was overwritten has another ETag. */
interface Pin {
  /** Bytes */
  size: number;
  etag: string | null;
}

export interface StoredObject extends Pin {
  /** The first 4 KiB, or all of it. */
  head: Uint8Array;
  /** What whoever uploaded it declared. */
  contentType: string | null;
  /**
   * Opens these very bytes from `from` on, with a Content-Length. Deno keeps that length, and the bytes
   * out of JavaScript, only when the body is handed to `fetch` as it is. Throws what `peek` throws, and
   * `file_changed`.
   */
  open(from: number, limits: Limits): Promise<Response>;
}

export interface StorageReader {
  /**
   * Reads an object's first bytes and what it is. Throws `file_missing`, `file_forbidden`,
   * `file_empty`, `file_too_large`, and `storage_unavailable` when trying again did not help.
   */
  peek(object: ObjectAddress, limits: Limits): Promise<StoredObject>;
}

interface ReaderDeps {
  /** Of the project. */
  url: string;
  /** The secret key. */
  key: string;
  fetch: typeof fetch;
  clock: Clock;
  log: Log;
}

export const MAX_FILE_BYTES = 50 * 1024 * 1024;
const HEAD_BYTES = 4096;
/** Until the headers have come; a body that was handed on has the upload's own limit. */
const HEADERS_MS = 10_000;

export function createStorageReader({ url, key, fetch, clock, log }: ReaderDeps): StorageReader {
  /** Asks for bytes `from`–`to`; an answer other than 2xx becomes its fault. */
  async function get(object: ObjectAddress, from: number, to: number | "", signal: AbortSignal) {
    const path = `${object.bucket_id}/${object.object_path}`;
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const response = await fetch(`${url}/storage/v1/object/authenticated/${encoded}`, {
      // Deno asks for gzip on its own, and then the length is gone.
      headers: { apikey: key, range: `bytes=${from}-${to}`, "accept-encoding": "identity" },
      // The key would follow a redirect to any host.
      redirect: "error",
      signal,
    }).catch(() => {
      throw new Fault("storage_away");
    });
    if (!response.ok) throw await objectFault(response, from);
    return response;
  }

  const trying = <T>(limits: Limits, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withRetry(() => {
      const ms = Math.min(HEADERS_MS, limits.deadline - clock.now());
      return within(clock, ms, new Fault("storage_away"), limits.signal, attempt);
    }, { ...limits, clock, log, needs: HEADERS_MS });

  /** Bytes from `from` on of the object that is pinned, or the fault that it is another now. */
  async function openPinned(
    object: ObjectAddress,
    pin: Pin,
    from: number,
    signal: AbortSignal,
  ): Promise<Response> {
    const response = await get(object, from, "", signal);
    const { etag, size } = await pinOf(response);
    const same = etag === pin.etag && size === pin.size;
    if (same && (from === 0 || response.status === 206)) return response;
    await response.body?.cancel();
    throw new Fault(same ? "storage_unfit" : "object_changed");
  }

  return {
    peek: (object, limits) =>
      trying(limits, async (signal) => {
        const response = await get(object, 0, HEAD_BYTES - 1, signal);
        const pin = await pinOf(response);
        return {
          ...pin,
          head: await readHead(response),
          contentType: response.headers.get("content-type"),
          open: (from, limits) => trying(limits, (signal) => openPinned(object, pin, from, signal)),
        };
      }),
  };
}

/** What an answer says of the whole object; cancels its body when that can't be used. */
async function pinOf(response: Response): Promise<Pin> {
  const { headers, status } = response;
  const total = status === 206
    ? /^bytes \d+-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1]
    : headers.get("content-length");
  const size = Number(total ?? NaN);
  const fit = headers.has("content-length") && !headers.has("content-encoding");
  if (fit && size > 0 && size <= MAX_FILE_BYTES) return { size, etag: headers.get("etag") };
  await response.body?.cancel();
  if (!fit || Number.isNaN(size)) throw new Fault("storage_unfit");
  throw new Fault(size === 0 ? "object_empty" : "object_too_large");
}

/** The first bytes; a source that ignores ranges is left after them. */
async function readHead(response: Response): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      const part = chunk.subarray(0, HEAD_BYTES - length);
      head.set(part, length);
      length += part.length;
      if (length === HEAD_BYTES) break;
    }
  } catch {
    throw new Fault("storage_away");
  }
  return head.subarray(0, length);
}

/** Storage wraps some refusals in a 400 whose JSON holds the real status. */
async function objectFault(response: Response, from: number): Promise<Fault> {
  const body = await response.json().catch(() => null);
  const status = response.status === 400 ? Number(body?.statusCode) : response.status;
  // From the start, only an object without bytes has nothing to give.
  if (status === 416) return new Fault(from === 0 ? "object_empty" : "object_changed");
  if (status === 404) return new Fault("object_missing");
  if (status === 408 || status === 429 || status >= 500) return new Fault("storage_away");
  return new Fault("object_forbidden");
}
