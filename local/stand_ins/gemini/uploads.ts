/** Gemini's resumable uploads: start, bytes, query, cancel. The bytes are hashed as they pass. */
import { createHash, type Hash } from "node:crypto";
import { z } from "zod";
import type { Behaviour } from "./behaviour.ts";
import { checkName, checkType, type FileFault, type Files, PUBLIC_ORIGIN } from "./files.ts";
import { invalid, Refusal } from "./refusal.ts";
import { valid } from "./validate.ts";
import type { WireRequest } from "./wire.ts";

/** Bytes: a part that is not the last must be a multiple of it. */
const GRANULARITY = 8 * 1024 * 1024;

/** Bytes. */
const MAX_FILE = 2 * 1024 ** 3;

export interface Upload {
  name?: string;
  displayName?: string;
  mimeType: string;
  /** Bytes, as declared. */
  size: number;
  received: number;
  status: "active" | "final" | "cancelled";
}

const Start = z.strictObject({
  file: z.strictObject({
    name: z.string().optional(),
    displayName: z.string().max(512).optional(),
    mimeType: z.string().optional(),
    sizeBytes: z.string().regex(/^\d+$/).optional(),
  }).optional(),
});

interface Entry extends Upload {
  hash: Hash;
  version: string;
  /** The request before, which may still be taking its bytes in. */
  busy: Promise<unknown>;
}

/** What a request to an upload's address came to. */
interface Outcome {
  response: Response;
  /** Hex, once the file is complete. */
  sha256?: string;
}

export class Uploads {
  /** By the secret in the upload's address. */
  readonly open = new Map<string, Entry>();

  constructor(readonly files: Files) {}

  /** A start request: an address for the bytes, which needs no key. */
  start(headers: Headers, version: string, body: unknown, { nameTakenAtEnd }: Behaviour): Response {
    const need = (name: string, expected?: string) => {
      const value = headers.get(name);
      if (value === null || (expected !== undefined && value !== expected)) {
        throw invalid(`Header ${name} is ${value ?? "missing"}${expected && `, not ${expected}`}.`);
      }
      return value;
    };
    need("x-goog-upload-protocol", "resumable");
    need("x-goog-upload-command", "start");
    const size = Number(need("x-goog-upload-header-content-length"));
    const mimeType = need("x-goog-upload-header-content-type");
    const { file = {} } = valid(Start, body);
    if (!Number.isInteger(size) || size < 1 || size > MAX_FILE) {
      throw invalid("X-Goog-Upload-Header-Content-Length must be between 1 and 2147483648.");
    }
    if (file.sizeBytes !== undefined && Number(file.sizeBytes) !== size) {
      throw invalid(`file.size_bytes is ${file.sizeBytes}, the header says ${size}.`);
    }
    if (file.mimeType !== undefined && file.mimeType !== mimeType) {
      throw invalid(`file.mime_type is ${file.mimeType}, the header says ${mimeType}.`);
    }
    checkType(mimeType);
    if (file.name !== undefined) {
      checkName(file.name);
      if (!nameTakenAtEnd) this.files.checkFree(file.name);
    }
    const token = crypto.randomUUID() + crypto.randomUUID();
    const { name, displayName } = file;
    this.open.set(token, {
      ...{ name, displayName, mimeType, size, version },
      received: 0,
      busy: Promise.resolve(),
      status: "active",
      hash: createHash("sha256"),
    });
    const path = `/upload/${version}/files?upload_id=${token}&upload_protocol=resumable`;
    return new Response("", {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "x-goog-upload-url": PUBLIC_ORIGIN + path,
        "x-goog-upload-status": "active",
        "x-goog-upload-chunk-granularity": String(GRANULARITY),
      },
    });
  }

  /** The service gives the upload up. */
  cancel(token: string): void {
    this.#find(token).status = "cancelled";
  }

  /** A request to an upload's address, one after the other: bytes, query or cancel. */
  async command(
    token: string,
    request: WireRequest,
    body: WireRequest["body"],
    fileFault: () => FileFault | undefined,
  ): Promise<Outcome> {
    const upload = this.#find(token);
    const outcome = upload.busy.then(() => this.#command(upload, request, body, fileFault));
    upload.busy = outcome.catch(() => {});
    return await outcome;
  }

  async #command(
    upload: Entry,
    request: WireRequest,
    body: WireRequest["body"],
    fileFault: () => FileFault | undefined,
  ): Promise<Outcome> {
    const command = request.headers.get("x-goog-upload-command");
    if (command === "cancel" && upload.status === "active") upload.status = "cancelled";
    if (command === "cancel" || command === "query") {
      return { response: new Response("", { headers: standing(upload) }) };
    }
    checkBytes(upload, request, command);
    for await (const bytes of body) {
      upload.hash.update(bytes);
      upload.received += bytes.length;
    }
    if (command === "upload") return { response: new Response("", { headers: standing(upload) }) };
    const sha256 = upload.hash.copy().digest("hex");
    const file = this.files.add({ ...upload, sha256 }, fileFault());
    upload.status = "final";
    return { response: Response.json({ file }, { headers: standing(upload) }), sha256 };
  }

  #find(token: string): Entry {
    const upload = this.open.get(token);
    if (!upload) throw new Refusal(404, "NOT_FOUND", "There is no such upload.");
    return upload;
  }
}

/** Everything that can be refused before a byte is read. */
function checkBytes(upload: Upload, request: WireRequest, command: string | null): void {
  const refuse = (message: string) => invalid(message, standing(upload));
  const { status, received, size } = upload;
  if (command !== "upload" && command !== "upload, finalize" && command !== "finalize") {
    throw refuse(`Unknown X-Goog-Upload-Command: ${command}.`);
  }
  if (status !== "active") throw refuse(`The upload is ${status}.`);
  const length = request.contentLength!;
  if (command === "finalize" && length > 0) throw refuse("finalize alone carries no bytes.");
  const offset = request.headers.get("x-goog-upload-offset");
  if (command !== "finalize" && offset !== String(received)) {
    throw refuse(`X-Goog-Upload-Offset is ${offset}, ${received} bytes have been received.`);
  }
  const total = received + length;
  if (total > size) throw refuse(`${total} bytes are more than the ${size} that were declared.`);
  if (command === "upload" && length % GRANULARITY !== 0) {
    throw refuse(`A part that is not the last must be a multiple of ${GRANULARITY} bytes.`);
  }
  if (command !== "upload" && total < size) {
    throw refuse(`${total} bytes are fewer than the ${size} that were declared.`);
  }
}

function standing({ status, received }: Upload): Record<string, string> {
  return { "x-goog-upload-status": status, "x-goog-upload-size-received": String(received) };
}
