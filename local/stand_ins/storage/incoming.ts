/** What an upload to Storage brings. */
import { Busboy } from "@fastify/busboy";
import { Readable } from "node:stream";
import { invalidContentType, invalidRequest } from "./errors.ts";

/** The file that an upload request carries, not yet read, and what is said about it. */
interface Incoming {
  body: AsyncIterable<Uint8Array> | null;
  mimetype: string;
  cacheControl: string;
  userMetadata: Record<string, unknown> | null;
  /** Bytes, as far as it is known before they have come. */
  length?: number;
}

/** `type/subtype` and parameters. */
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;.*)?$/;

/**
 * Reads an upload's head: supabase-js sends a Blob as a form whose file has an empty field name,
 * after the other fields, and anything else as the plain body.
 */
export async function incoming(request: Request): Promise<Incoming> {
  const { headers } = request;
  const type = headers.get("content-type") ?? "application/octet-stream";
  if (type.startsWith("multipart/form-data")) return await incomingForm(request, type);
  if (!MEDIA_TYPE.test(type)) throw invalidContentType();
  const metadata = headers.get("x-metadata");
  const length = headers.get("content-length");
  return {
    body: request.body,
    length: length === null ? undefined : Number(length),
    mimetype: type,
    cacheControl: headers.get("cache-control") ?? "no-cache",
    userMetadata: metadata ? JSON.parse(atob(metadata)) : null,
  };
}

function incomingForm(request: Request, type: string): Promise<Incoming> {
  const fields = new Map<string, string>();
  return new Promise((resolve, reject) => {
    if (!request.body) return reject(invalidRequest("No content provided"));
    const source = Readable.fromWeb(request.body as never);
    const form = new Busboy({ headers: { "content-type": type } });
    form.on("field", (name, value) => fields.set(name, value));
    form.on("file", (_name, file, _filename, _encoding, mimetype) => {
      // Otherwise the file's reader would wait for ever when the request breaks off.
      source.on("error", (error) => file.destroy(error));
      const metadata = fields.get("metadata");
      const cacheTime = fields.get("cacheControl");
      resolve({
        body: file,
        // What supabase-js sends as `contentType` beside a Blob does not arrive here.
        mimetype: fields.get("contentType") || mimetype,
        cacheControl: cacheTime ? `max-age=${cacheTime}` : "no-cache",
        userMetadata: metadata ? JSON.parse(metadata) : null,
      });
    });
    form.on("finish", () => reject(invalidRequest("No file provided")));
    form.on("error", reject);
    source.on("error", reject).pipe(form);
  });
}
