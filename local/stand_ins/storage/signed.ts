/** Storage's addresses that carry their own permission: for downloads, and for one upload each. */
import { Hono } from "hono";
import * as jose from "jose";
import { SERVICE_ROLE } from "../auth/as_caller.ts";
import type { Caller } from "../auth/tokens.ts";
import { invalidJwt, malformed } from "./errors.ts";
import type { ObjectStore, ObjectWrite } from "./object_store.ts";
import { validName } from "./rules.ts";

/** What an upload says of itself. */
export type Declared = Pick<ObjectWrite, "mimetype" | "cacheControl" | "userMetadata">;

interface SignedOptions {
  store: ObjectStore;
  callerOf(request: Request, operation: string): Promise<Caller>;
  receive(request: Request, target: Omit<ObjectWrite, keyof Declared>): Promise<{ id: string }>;
  send: Send;
}

/** Answers with an object's bytes what this caller may read. */
export type Send = (
  request: Request,
  caller: Caller,
  wanted: { bucket: string; name: string },
) => Promise<Response>;

const UPLOAD_URL_SECONDS = 2 * 60 * 60;

/** When an upload is signed for, nothing is known of it but its name. */
const UNDECLARED: Declared = { mimetype: "", cacheControl: "", userMetadata: null };

/** Routes below `/object`. */
export function signedRoutes({ store, callerOf, receive, send }: SignedOptions): Hono {
  const app = new Hono();
  const signingKey = crypto.getRandomValues(new Uint8Array(32));

  const signed = (url: string, seconds: number, more: jose.JWTPayload = {}) =>
    new jose.SignJWT({ url, ...more })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(signingKey);

  /** The claims of a signed address, which holds for one path only. */
  async function verified(token: string | undefined, url: string) {
    const { payload } = await jose.jwtVerify(token ?? "", signingKey).catch((error) => {
      throw invalidJwt(error.message);
    });
    if (payload.url !== url) throw invalidJwt("signature verification failed");
    return payload;
  }

  app.post("/upload/sign/:bucket/:name{.+}", async (context) => {
    const caller = await callerOf(context.req.raw, "storage.object.sign_upload_url");
    const { bucket: bucketId, name } = context.req.param();
    validName(name);
    const existing = context.req.header("x-upsert") === "true" ? "replace" : "refuse";
    await store.probe({
      ...UNDECLARED,
      bucket: await store.bucket(bucketId),
      name,
      caller,
      existing,
    });
    const path = `${bucketId}/${name}`;
    const token = await signed(path, UPLOAD_URL_SECONDS, { owner: caller.claims.sub, existing });
    return context.json({ url: `/object/upload/sign/${path}?token=${token}`, token });
  });

  app.put("/upload/sign/:bucket/:name{.+}", async (context) => {
    const { bucket: bucketId, name } = context.req.param();
    const path = `${bucketId}/${name}`;
    const { owner, existing } = await verified(context.req.query("token"), path);
    // What the signer may was asked when it was signed; the object is the signer's.
    const caller = {
      ...SERVICE_ROLE,
      operation: "storage.object.upload_signed",
      claims: { ...SERVICE_ROLE.claims, sub: owner as string | undefined },
    };
    await receive(context.req.raw, {
      bucket: await store.bucket(bucketId),
      name,
      caller,
      existing: existing as ObjectWrite["existing"],
    });
    return context.json({ Key: path });
  });

  const validExpiry = (seconds: unknown) => {
    if (!Number.isInteger(seconds)) throw malformed("body/expiresIn must be integer");
    if (seconds as number < 1) throw malformed("body/expiresIn must be >= 1");
  };

  app.post("/sign/:bucket", async (context) => {
    const caller = await callerOf(context.req.raw, "storage.object.sign_many");
    const bucketId = context.req.param("bucket");
    const { expiresIn, paths } = await context.req.json<{ expiresIn: number; paths: string[] }>();
    validExpiry(expiresIn);
    return context.json(
      await Promise.all(paths.map(async (name) => {
        const found = await store.find(caller, bucketId, name).catch(() => null);
        const error = "Either the object does not exist or you do not have access to it";
        if (!found) return { error, path: name, signedURL: null };
        return { error: null, path: name, signedURL: await signedUrl(bucketId, name, expiresIn) };
      })),
    );
  });

  app.post("/sign/:bucket/:name{.+}", async (context) => {
    const { bucket, name } = context.req.param();
    const caller = await callerOf(context.req.raw, "storage.object.sign");
    const { expiresIn } = await context.req.json();
    validExpiry(expiresIn);
    await store.find(caller, bucket, name);
    return context.json({ signedURL: await signedUrl(bucket, name, expiresIn) });
  });

  async function signedUrl(bucketId: string, name: string, seconds: number) {
    const token = await signed(`${bucketId}/${name}`, seconds);
    // Not escaped: supabase-js escapes it.
    return `/object/sign/${bucketId}/${name}?token=${token}`;
  }

  app.get("/sign/:bucket/:name{.+}", async (context) => {
    const wanted = context.req.param();
    await verified(context.req.query("token"), `${wanted.bucket}/${wanted.name}`);
    const caller = { ...SERVICE_ROLE, operation: "storage.object.get_signed" };
    return await send(context.req.raw, caller, wanted);
  });

  return app;
}
