/** Cloud Storage's uploads: in one request, and resumable. The bytes are hashed as they pass. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Behaviour } from "../gemini/behaviour.ts";
import type { FileFault } from "../gemini/files.ts";
import type { Upload } from "../gemini/uploads.ts";
import type { WireRequest } from "../gemini/wire.ts";
import type { Objects } from "./objects.ts";
import { CLOUD_REFUSALS } from "./refusals.ts";

/** Bytes: a part that is not the last must be a multiple of it, and what breaks off is kept in such. */
export const GRANULARITY = 256 * 1024;

/** The origin in addresses that are given out; nothing answers there. */
const PUBLIC_ORIGIN = "https://storage.invalid";

const hashes = () => ({ sha256: createHash("sha256"), md5: createHash("md5") });
type Hashes = ReturnType<typeof hashes>;
const digests = ({ sha256, md5 }: Hashes) => ({
  sha256: sha256.copy().digest("hex"),
  md5: md5.copy().digest("hex"),
});

interface Entry extends Upload {
  name: string;
  onlyNew: boolean;
  hash: Hashes;
  /** What was answered once it was whole. */
  finished?: object;
  /** The request before, which may still be taking its bytes in. */
  busy: Promise<unknown>;
}

interface Outcome {
  response: Response;
  /** Hex, once the object is complete. */
  sha256?: string;
}

export class Uploads {
  /** By the secret in the upload's address. */
  readonly open = new Map<string, Entry>();

  constructor(readonly objects: Objects) {}

  /** An address for the bytes, which needs no token. */
  start({ url, headers }: WireRequest, { nameTakenAtEnd }: Behaviour): Response {
    const { name, onlyNew } = named(url);
    const size = Number(headers.get("x-upload-content-length") ?? NaN);
    if (!(size >= 0)) throw CLOUD_REFUSALS.storageInvalid("Invalid X-Upload-Content-Length.");
    if (onlyNew && !nameTakenAtEnd) this.objects.checkFree(name);
    const token = crypto.randomUUID() + crypto.randomUUID();
    this.open.set(token, {
      name,
      onlyNew,
      mimeType: headers.get("x-upload-content-type") ?? "application/octet-stream",
      size,
      received: 0,
      status: "active",
      hash: hashes(),
      busy: Promise.resolve(),
    });
    const query = `uploadType=resumable&name=${encodeURIComponent(name)}&upload_id=${token}`;
    return new Response("", {
      headers: { location: `${PUBLIC_ORIGIN}${url.pathname}?${query}` },
    });
  }

  /** All in one request. */
  async media(
    { url, headers }: WireRequest,
    body: WireRequest["body"],
    fault: FileFault | undefined,
  ): Promise<Outcome> {
    const { name, onlyNew } = named(url);
    if (onlyNew) this.objects.checkFree(name);
    const hash = hashes();
    let size = 0;
    for await (const bytes of body) {
      hash.sha256.update(bytes);
      hash.md5.update(bytes);
      size += bytes.length;
    }
    if (!onlyNew) this.objects.stored.delete(name);
    const mimeType = headers.get("content-type") ?? "application/octet-stream";
    const said = digests(hash);
    return {
      response: Response.json(this.objects.add({ name, mimeType, size, ...said }, fault)),
      sha256: said.sha256,
    };
  }

  /** The service gives the upload up. */
  cancel(token: string): void {
    this.#find(token).status = "cancelled";
  }

  /** A PUT to an upload's address, one after the other: bytes, or how many there are. */
  async put(
    token: string,
    request: WireRequest,
    body: WireRequest["body"],
    fileFault: () => FileFault | undefined,
  ): Promise<Outcome> {
    const upload = this.#find(token);
    const outcome = upload.busy.then(() => this.#put(upload, request, body, fileFault));
    upload.busy = outcome.catch(() => {});
    return await outcome;
  }

  async #put(
    upload: Entry,
    request: WireRequest,
    body: WireRequest["body"],
    fileFault: () => FileFault | undefined,
  ): Promise<Outcome> {
    if (upload.status === "cancelled") throw CLOUD_REFUSALS.session(410);
    if (upload.finished) return { response: Response.json(upload.finished) };
    checkRange(upload, request);
    await take(upload, body);
    if (upload.received < upload.size) return { response: standing(upload) };
    if (!upload.onlyNew) this.objects.stored.delete(upload.name);
    const said = digests(upload.hash);
    upload.status = "final";
    upload.finished = this.objects.add({ ...upload, ...said }, fileFault());
    return { response: Response.json(upload.finished), sha256: said.sha256 };
  }

  #find(token: string): Entry {
    const upload = this.open.get(token);
    if (!upload) throw CLOUD_REFUSALS.session(404);
    return upload;
  }
}

function named(url: URL) {
  const name = url.searchParams.get("name");
  if (!name) throw CLOUD_REFUSALS.storageInvalid("Required parameter: name");
  return { name, onlyNew: url.searchParams.get("ifGenerationMatch") === "0" };
}

/** Everything that can be refused before a byte is read. */
function checkRange({ received, size }: Upload, { headers, contentLength }: WireRequest): void {
  const range = headers.get("content-range") ?? "none";
  const refuse = (why: string) =>
    CLOUD_REFUSALS.storageInvalid(`Invalid request. Content-Range is ${range}: ${why}.`);
  const [, from, to, total] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(range) ?? [];
  if (total === undefined) throw refuse("not understood");
  if (Number(total) !== size) throw refuse(`${size} bytes were declared`);
  if (from === undefined) {
    if (contentLength) throw refuse("no bytes belong to it");
    return;
  }
  if (Number(from) !== received) throw refuse(`${received} bytes are persisted`);
  const length = Number(to) - Number(from) + 1;
  if (length !== contentLength) throw refuse(`the body has ${contentLength} bytes`);
  if (Number(to) >= size) throw refuse("more than were declared");
  if (Number(to) + 1 < size && length % GRANULARITY !== 0) {
    throw refuse(`a part that is not the last must be a multiple of ${GRANULARITY} bytes`);
  }
}

/** Takes bytes in; of those that break off, whole chunks are kept. */
async function take(upload: Entry, body: WireRequest["body"]): Promise<void> {
  let pending = Buffer.alloc(0);
  const keep = (bytes: Uint8Array) => {
    upload.hash.sha256.update(bytes);
    upload.hash.md5.update(bytes);
    upload.received += bytes.length;
  };
  for await (const bytes of body) {
    pending = Buffer.concat([pending, bytes]);
    const whole = pending.length - pending.length % GRANULARITY;
    if (whole > 0) keep(pending.subarray(0, whole));
    pending = Buffer.from(pending.subarray(whole));
  }
  keep(pending);
}

/** More bytes are expected. Without a Range nothing has arrived. */
function standing({ received }: Upload): Response {
  const headers = received > 0 ? { range: `bytes=0-${received - 1}` } : undefined;
  return new Response("", { status: 308, headers });
}
