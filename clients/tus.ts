/**
 * Resumable uploads as Supabase Storage takes them (tus.io, 1.0.0, with creation-with-upload): parts of
 * exactly 6 MiB, one after the other. A package for TUS at large would be this one's only dependency.
 */
import { refusesToken, storageError } from "./refusals.ts";
import type { Answer, Send } from "./send.ts";

const PART = 6 * 1024 * 1024; // bytes
/** Before each further try, in ms; the first one at once. They begin anew with each part that arrives. */
const WAITS = [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];

interface Upload {
  endpoint: string;
  file: Blob;
  metadata: Record<string, string>;
  /** Asked before each request. `refused`: the last one was. */
  headers(refused: boolean): Promise<Record<string, string>>;
  send: Send;
  /** The address of one that was begun before. */
  begun?: string;
  onBegun(url: string): void;
  /** Bytes that have arrived, or are on their way. */
  onSent(bytes: number): void;
  signal: AbortSignal | undefined;
}

/**
 * Resolves when Storage has all of the file. Waits while the browser is offline, and tries again what
 * may pass; when it gives up, it can go on later at the address that `onBegun` told. Aborted, it
 * deletes what has arrived and rejects with the signal's reason.
 */
export async function sendInParts(upload: Upload): Promise<void> {
  const { endpoint, file, headers, send, signal, onSent } = upload;
  let url = upload.begun;
  /** Undefined: Storage is to be asked. */
  let offset: number | undefined;
  let refused = false;

  async function request(): Promise<{ method: string; answer: Answer }> {
    const method = url === undefined ? "POST" : offset === undefined ? "HEAD" : "PATCH";
    const from = offset ?? 0;
    const part = method === "HEAD" ? undefined : file.slice(from, from + PART);
    const answer = await send(url ?? endpoint, {
      method,
      headers: {
        ...await headers(refused),
        "tus-resumable": "1.0.0",
        ...(part && { "content-type": "application/offset+octet-stream" }),
        ...(method === "POST" && {
          "upload-length": String(file.size),
          "upload-metadata": encoded(upload.metadata),
        }),
        ...(method === "PATCH" && { "upload-offset": String(from) }),
      },
      body: part,
      signal,
      onSent: (bytes) => onSent(from + bytes),
    });
    return { method, answer };
  }

  try {
    for (let failures = 0;;) {
      signal?.throwIfAborted();
      const { method, answer: { status, text, header } } = await request();
      signal?.throwIfAborted();
      if (status >= 200 && status < 300) {
        if (method === "POST") {
          url = new URL(header("location")!, endpoint).href;
          upload.onBegun(url);
        }
        if (method !== "HEAD") failures = 0;
        refused = false;
        offset = Number(header("upload-offset"));
        onSent(offset);
        if (offset === file.size) return;
        continue;
      }
      // The name is new and ours: its last answer was lost.
      if (method === "POST" && status === 409) return;
      offset = undefined;
      if (method === "HEAD" && [404, 410].includes(status)) {
        // Storage keeps what was begun for a day; or it has arrived, which POST tells.
        url = undefined;
      } else if (refusesToken(status, text) && !refused) {
        refused = true;
      } else if (!mayPass(method, status) || failures === WAITS.length) {
        throw storageError(status, text);
      } else {
        await pause(WAITS[failures++], signal);
      }
    }
  } catch (error) {
    if (signal?.aborted && url) {
      await send(url, {
        method: "DELETE",
        headers: { ...await headers(false), "tus-resumable": "1.0.0" },
      });
    }
    throw error;
  }
}

/** 0: the network. 404 and 409 to a part: Storage is asked how far it is. */
const mayPass = (method: string, status: number) =>
  status === 0 || status >= 500 || [408, 423, 425, 429].includes(status) ||
  method === "PATCH" && [404, 409, 410].includes(status);

/** `key base64,key base64`; all of it is ASCII. */
const encoded = (metadata: Record<string, string>) =>
  Object.entries(metadata).map(([key, value]) => `${key} ${btoa(value)}`).join(
    ",",
  );

/** Also until the browser is online, however long that takes. */
async function pause(
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const once = (begin: (done: () => void) => () => void) =>
    new Promise<void>((resolve, reject) => {
      const stop = begin(() => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      });
      function aborted() {
        stop();
        reject(signal!.reason);
      }
      signal?.addEventListener("abort", aborted, { once: true });
    });
  if (
    (globalThis.navigator as { onLine?: boolean } | undefined)?.onLine === false
  ) {
    await once((done) => {
      globalThis.addEventListener("online", done, { once: true });
      return () => globalThis.removeEventListener("online", done);
    });
  } else {
    await once((done) => {
      const timer = setTimeout(done, ms);
      return () => clearTimeout(timer);
    });
  }
}
