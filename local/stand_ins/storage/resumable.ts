/**
 * Storage's resumable uploads, below `/storage/v1/upload/resumable`: TUS 1.0.0 (tus.io) with creation,
 * creation-with-upload and termination. An upload lives as long as the server does.
 */
import { Hono } from "hono";
import type { Caller } from "../auth/tokens.ts";
import { invalidRequest, StorageError, tooLarge, toStorageError } from "./errors.ts";
import type { ByteStore } from "./byte_store.ts";
import type { ObjectStore, ObjectWrite } from "./object_store.ts";
import { sizeLimit, validName, validType } from "./rules.ts";

interface Resumable extends ObjectWrite {
  version: string;
  length: number;
  busy: boolean;
}

const TUS = { "tus-resumable": "1.0.0" };

export function resumable(
  store: ObjectStore,
  bytes: ByteStore,
  callerOf: (request: Request, operation: string) => Promise<Caller>,
): Hono {
  const uploads = new Map<string, Resumable>();
  const app = new Hono();

  const find = (id: string) => {
    const upload = uploads.get(id);
    if (!upload) throw new StorageError(404, "NoSuchUpload", "The file for this url was not found");
    return upload;
  };

  /** Takes what the request brings; the last byte makes it an object. Gives the offset reached. */
  async function receive(id: string, upload: Resumable, request: Request): Promise<number> {
    if (upload.busy) throw new StorageError(423, "ResourceLocked", "The resource is locked");
    upload.busy = true;
    try {
      await bytes.append(upload.version, request.body, upload.length);
      const offset = await bytes.size(upload.version);
      if (offset === upload.length) {
        await store.commit(upload, upload.version);
        uploads.delete(id);
      }
      return offset;
    } finally {
      upload.busy = false;
    }
  }

  app.post("/", async (context) => {
    const caller = await callerOf(context.req.raw, "storage.tus.upload.create");
    const length = Number(context.req.header("upload-length"));
    if (!Number.isSafeInteger(length) || length < 0) {
      throw invalidRequest("ObjectWrite-Length missing");
    }
    const declared = decodeMetadata(context.req.header("upload-metadata") ?? "");
    const { bucketName, objectName } = declared;
    if (!bucketName || !objectName) throw invalidRequest("ObjectWrite-Metadata lacks names");
    validName(objectName);
    const bucket = await store.bucket(bucketName);
    const mimetype = declared.contentType ?? "application/octet-stream";
    const upload: Resumable = {
      bucket,
      name: objectName,
      caller,
      existing: context.req.header("x-upsert") === "true" ? "replace" : "refuse",
      mimetype,
      cacheControl: declared.cacheControl ? `max-age=${declared.cacheControl}` : "no-cache",
      userMetadata: declared.metadata ? JSON.parse(declared.metadata) : null,
      version: crypto.randomUUID(),
      length,
      busy: false,
    };
    // In the Storage API's order; a type that is not named is not looked at.
    await store.probe(upload);
    if (length > sizeLimit(bucket, objectName)) throw tooLarge();
    if (declared.contentType) validType(bucket, objectName, mimetype);
    const id = btoa(upload.version).replaceAll("=", "");
    uploads.set(id, upload);
    try {
      const offset = await receive(id, upload, context.req.raw);
      return context.body(null, 201, {
        ...TUS,
        location: `${context.req.url}/${id}`,
        "upload-offset": String(offset),
      });
    } catch (error) {
      uploads.delete(id);
      await bytes.remove(upload.version);
      throw error;
    }
  });

  // HEAD, which Hono routes as GET
  app.get("/:id", async (context) => {
    await callerOf(context.req.raw, "storage.tus.upload.get");
    const upload = find(context.req.param("id"));
    return context.body(null, 200, {
      ...TUS,
      "cache-control": "no-store",
      "upload-offset": String(await bytes.size(upload.version)),
      "upload-length": String(upload.length),
    });
  });

  app.patch("/:id", async (context) => {
    const upload = find(context.req.param("id"));
    if (context.req.header("content-type") !== "application/offset+octet-stream") {
      throw new StorageError(
        415,
        "TusError",
        "Content-Type must be application/offset+octet-stream",
      );
    }
    if (Number(context.req.header("upload-offset")) !== await bytes.size(upload.version)) {
      throw new StorageError(409, "TusError", "ObjectWrite-Offset conflict");
    }
    upload.caller = await callerOf(context.req.raw, "storage.tus.upload.part");
    // The policies are asked again for each part, as the Storage API does.
    await store.probe(upload);
    const offset = await receive(context.req.param("id"), upload, context.req.raw);
    return context.body(null, 204, { ...TUS, "upload-offset": String(offset) });
  });

  app.delete("/:id", async (context) => {
    await callerOf(context.req.raw, "storage.tus.upload.delete");
    const upload = find(context.req.param("id"));
    uploads.delete(context.req.param("id"));
    await bytes.remove(upload.version);
    return context.body(null, 204, TUS);
  });

  app.onError((error, context) => {
    const { status, message } = toStorageError(error);
    return context.body(message, status as 400, TUS);
  });
  return app;
}

/** `key base64,key base64` */
function decodeMetadata(header: string): Record<string, string | undefined> {
  return Object.fromEntries(
    header.split(",").filter(Boolean).map((pair) => {
      const [key, value = ""] = pair.trim().split(" ");
      return [key, new TextDecoder().decode(Uint8Array.from(atob(value), (c) => c.charCodeAt(0)))];
    }),
  );
}
