/** The recordings' objects in Supabase Storage, read with the service's key. */
import { type Clock, type Limits, within } from "../core/clock.ts";
import type { Recording } from "../core/domain.ts";
import type { Log } from "../core/log.ts";
import { Fault, type FaultKind } from "../models/policy.ts";
import { withRetry } from "../models/retry.ts";

/** Where an object is, and what its row says of it. */
type ObjectRow = Pick<Recording, "bucket_id" | "object_path" | "size_bytes" | "etag">;

/** What an answer says of the whole object: one that was overwritten has another ETag. */
interface Pin {
  /** Bytes */
  size: number;
  etag: string | null;
}

/** What an answer must say; null: anything. */
type Expected = { [Key in keyof Pin]: Pin[Key] | null };

export interface StoredObject extends Pin {
  /** The first 4 KiB, or all of it. */
  head: Uint8Array;
  /** What whoever uploaded it declared. */
  contentType: string | null;
  /** Of the bytes, hex: an ETag is one, unless they came in parts. */
  md5?: string;
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
   * `file_empty`, `file_too_large`, `file_changed` when it is not the version that the row is of
   * (it was overwritten, or the CDN has not heard of that), and `storage_unavailable` when trying
   * again did not help.
   */
  peek(object: ObjectRow, limits: Limits): Promise<StoredObject>;
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
  async function get(object: ObjectRow, from: number, to: number | "", signal: AbortSignal) {
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
    if (!response.ok) throw await objectFault(response, from > 0 || Boolean(object.size_bytes));
    return response;
  }

  const trying = <T>(limits: Limits, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withRetry(() => {
      const ms = Math.min(HEADERS_MS, limits.deadline - clock.now());
      return within(clock, ms, new Fault("storage_away"), limits.signal, attempt);
    }, { ...limits, clock, log, needs: HEADERS_MS });

  /** Bytes from `from` on of the object that is pinned, or the fault that it is another now. */
  async function openPinned(
    object: ObjectRow,
    pin: Pin,
    from: number,
    signal: AbortSignal,
  ): Promise<Response> {
    const response = await get(object, from, "", signal);
    await pinOf(response, pin);
    if (from === 0 || response.status === 206) return response;
    await response.body?.cancel();
    throw new Fault("storage_unfit");
  }

  return {
    peek: (object, limits) =>
      trying(limits, async (signal) => {
        const response = await get(object, 0, HEAD_BYTES - 1, signal);
        const pin = await pinOf(response, { size: object.size_bytes, etag: object.etag });
        return {
          ...pin,
          head: await readHead(response),
          contentType: response.headers.get("content-type"),
          md5: /^"([0-9a-f]{32})"$/.exec(pin.etag ?? "")?.[1],
          open: (from, limits) => trying(limits, (signal) => openPinned(object, pin, from, signal)),
        };
      }),
  };
}

/** What an answer says of the whole object; cancels its body when that can't be used. */
async function pinOf(response: Response, expected: Expected): Promise<Pin> {
  const { headers, status } = response;
  const total = status === 206
    ? /^bytes \d+-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1]
    : headers.get("content-length");
  const pin = { size: Number(total ?? NaN), etag: headers.get("etag") };
  const fit = headers.has("content-length") && !headers.has("content-encoding") &&
    !Number.isNaN(pin.size);
  const fault = fit ? faultIn(pin, expected) : "storage_unfit";
  if (!fault) return pin;
  await response.body?.cancel();
  throw new Fault(fault);
}

function faultIn({ size, etag }: Pin, expected: Expected): FaultKind | undefined {
  if (size !== (expected.size ?? size) || etag !== (expected.etag ?? etag)) return "object_changed";
  if (size === 0) return "object_empty";
  return size > MAX_FILE_BYTES ? "object_too_large" : undefined;
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

/**
 * Storage wraps some refusals in a 400 whose JSON holds the real status. `bytesThere`: whether there
 * should be some where they were asked for.
 */
async function objectFault(response: Response, bytesThere: boolean): Promise<Fault> {
  const body = await response.json().catch(() => null);
  const status = response.status === 400 ? Number(body?.statusCode) : response.status;
  // Only by the file backend: on S3 it is a 500.
  if (status === 416) return new Fault(bytesThere ? "object_changed" : "object_empty");
  if (status === 404) return new Fault("object_missing");
  if (status === 408 || status === 429 || status >= 500) return new Fault("storage_away");
  return new Fault("object_forbidden");
}
