/**
 * A stand-in for Supabase Storage: the routes below `/storage/v1` that supabase-js calls for objects.
 * Rows and policies are those of `storage.objects`; the bytes lie in a folder.
 */
import { Hono } from "hono";
import type { Sql } from "postgres";
import { SERVICE_ROLE } from "../auth/as_caller.ts";
import { type Caller, CredentialError, type Tokens } from "../auth/tokens.ts";
import { cdn as startCdn } from "./cdn.ts";
import { type Backend, download } from "./download.ts";
import {
  accessDenied,
  invalidRequest,
  malformed,
  noSuchBucket,
  tooLarge,
  toStorageError,
} from "./errors.ts";
import type { StorageFault } from "./faults.ts";
import { byteStore } from "./byte_store.ts";
import { incoming } from "./incoming.ts";
import { listing } from "./listing.ts";
import { objectStore, type ObjectWrite } from "./object_store.ts";
import { resumable } from "./resumable.ts";
import { sizeLimit, validName, validType } from "./rules.ts";
import { type Declared, type Send, signedRoutes } from "./signed.ts";

interface StorageOptions {
  /** As a role that may become the API roles. */
  sql: Sql;
  /** A folder that exists, for the objects' bytes. */
  dir: string;
  tokens: Tokens;
}

export interface StorageApi {
  fetch(request: Request): Promise<Response>;
  /** Faults that wait for a read of an object's bytes: a test adds to them. */
  faults: StorageFault[];
  /** What a test may set. */
  switches: {
    backend: Backend;
    /** While it is set, what is overwritten is read as it was before. */
    stale: boolean;
  };
}

export function createStorage({ sql, dir, tokens }: StorageOptions): StorageApi {
  const bytes = byteStore(dir);
  const switches: StorageApi["switches"] = { backend: "s3", stale: false };
  const cdn = startCdn(bytes, () => switches.stale);
  const store = objectStore(sql, bytes, cdn.keeps);
  const faults: StorageFault[] = [];
  const app = new Hono().basePath("/storage/v1");

  /** Policies are told of each call by its route's name in the Storage API (its `operations.ts`). */
  async function callerOf(request: Request, operation: string): Promise<Caller> {
    const caller = await tokens.caller(request.headers).catch((error) => {
      if (!(error instanceof CredentialError)) throw error;
      const shown = request.headers.has("apikey") || request.headers.has("authorization");
      throw shown
        ? accessDenied("Invalid Compact JWS")
        : malformed("headers must have required property 'authorization'");
    });
    return { ...caller, operation };
  }

  const send: Send = (request, caller, { bucket, name }) =>
    download(
      request,
      { bucket, name, find: () => store.find(caller, bucket, name) },
      { bytes, cdn, faults, backend: switches.backend },
    );

  async function receive(request: Request, target: Omit<ObjectWrite, keyof Declared>) {
    const { body, length = 0, ...declared } = await incoming(request);
    const { bucket, name } = target;
    const limit = sizeLimit(bucket, name);
    // In the Storage API's order. A form's length is not known before its bytes have come.
    validType(bucket, name, declared.mimetype);
    if (length > limit) throw tooLarge();
    validName(name);
    const upload = { ...target, ...declared };
    await store.probe(upload);
    const version = crypto.randomUUID();
    try {
      await bytes.append(version, body, limit);
      return await store.commit(upload, version);
    } catch (error) {
      await bytes.remove(version);
      throw error;
    }
  }

  app.route("/upload/resumable", resumable(store, bytes, callerOf));

  app.get("/bucket/:bucket", async (context) => {
    const id = context.req.param("bucket");
    const found = await store.bucket(id, await callerOf(context.req.raw, "storage.bucket.get"));
    return context.json({ ...found, name: id });
  });

  app.post("/object/move", async (context) => {
    const caller = await callerOf(context.req.raw, "storage.object.move");
    const { bucketId, sourceKey, destinationKey, destinationBucket } = await context.req.json();
    const source = await store.find(caller, bucketId, sourceKey);
    await store.move(caller, source, destinationBucket ?? bucketId, destinationKey);
    return context.json({ message: "Successfully moved", Id: source.id, Key: destinationKey });
  });

  app.post("/object/copy", async (context) => {
    const caller = await callerOf(context.req.raw, "storage.object.copy");
    const { bucketId, sourceKey, destinationKey, destinationBucket } = await context.req.json();
    const source = await store.find(caller, bucketId, sourceKey);
    validName(destinationKey);
    const upload: ObjectWrite = {
      bucket: await store.bucket(destinationBucket ?? bucketId),
      name: destinationKey,
      caller,
      existing: context.req.header("x-upsert") === "true" ? "replace" : "refuse",
      mimetype: source.metadata.mimetype,
      cacheControl: source.metadata.cacheControl,
      userMetadata: source.user_metadata,
    };
    await store.probe(upload);
    const version = crypto.randomUUID();
    await bytes.copy(source.version, version);
    const { id } = await store.commit(upload, version);
    return context.json({ Id: id, Key: `${upload.bucket.id}/${destinationKey}` });
  });

  app.post("/object/list/:bucket", async (context) => {
    const caller = await callerOf(context.req.raw, "storage.object.list");
    const options = await context.req.json();
    const folder = String(options.prefix ?? "").replace(/\/*$/, "/").replace(/^\/+/, "");
    const rows = await store.list(caller, context.req.param("bucket"), folder);
    return context.json(listing(rows, folder, options));
  });

  app.route("/object", signedRoutes({ store, callerOf, receive, send }));

  app.get("/object/public/:bucket/:name{.+}", async (context) => {
    const wanted = context.req.param();
    if (!(await store.bucket(wanted.bucket)).public) throw noSuchBucket();
    return await send(context.req.raw, SERVICE_ROLE, wanted);
  });

  for (
    const path of ["/object/info/authenticated/:bucket/:name{.+}", "/object/info/:bucket/:name{.+}"]
  ) {
    app.get(path, async (context) => {
      const { bucket, name } = context.req.param() as { bucket: string; name: string };
      // The name has no prefix there.
      const caller = await callerOf(context.req.raw, "object.get_authenticated_info");
      const object = await store.find(caller, bucket, name);
      const { metadata } = object;
      return context.json({
        id: object.id,
        name: object.name,
        version: object.version,
        bucket_id: object.bucket_id,
        size: metadata.size,
        content_type: metadata.mimetype,
        cache_control: metadata.cacheControl,
        etag: metadata.eTag,
        metadata: object.user_metadata ?? {},
        last_modified: metadata.lastModified,
        created_at: object.created_at,
      });
    });
  }

  // Hono answers HEAD by the GET route.
  for (const path of ["/object/authenticated/:bucket/:name{.+}", "/object/:bucket/:name{.+}"]) {
    app.get(path, async (context) => {
      const wanted = context.req.param() as { bucket: string; name: string };
      const operation = context.req.method === "HEAD"
        ? "object.head_authenticated_info"
        : "storage.object.get_authenticated";
      return await send(context.req.raw, await callerOf(context.req.raw, operation), wanted);
    });
  }

  app.on(["POST", "PUT"], "/object/:bucket/:name{.+}", async (context) => {
    const { bucket: bucketId, name } = context.req.param();
    // An update makes what is not there yet.
    const updates = context.req.method === "PUT";
    const replaces = updates || context.req.header("x-upsert") === "true";
    const operation = updates ? "storage.object.upload_update" : "storage.object.upload";
    const { id } = await receive(context.req.raw, {
      caller: await callerOf(context.req.raw, operation),
      bucket: await store.bucket(bucketId),
      name,
      existing: replaces ? "replace" : "refuse",
    });
    return context.json({ Id: id, Key: `${bucketId}/${name}` });
  });

  app.delete("/object/:bucket", async (context) => {
    const { prefixes } = await context.req.json<{ prefixes: string[] }>();
    if (!prefixes?.length) throw invalidRequest("prefixes must not be empty");
    const caller = await callerOf(context.req.raw, "storage.object.delete_many");
    return context.json(await store.remove(caller, context.req.param("bucket"), prefixes));
  });

  app.delete("/object/:bucket/:name{.+}", async (context) => {
    const { bucket, name } = context.req.param();
    const caller = await callerOf(context.req.raw, "storage.object.delete");
    const removed = await store.remove(caller, bucket, [name]);
    if (removed.length === 0) throw accessDenied("Access denied");
    return context.json({ message: "Successfully deleted" });
  });

  app.onError((error) => toStorageError(error).toResponse());
  return { fetch: async (request) => await app.fetch(request), faults, switches };
}
