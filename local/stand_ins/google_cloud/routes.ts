/** The addresses of Google Cloud's three hosts, behind one; and what is asked at each. */
import type { RequestKind, Route } from "../gemini/routes.ts";
import type { WireRequest } from "../gemini/wire.ts";

export interface CloudRoute extends Route {
  bucket?: string;
  project?: string;
  location?: string;
}

const MODEL =
  /^\/v1\/projects\/([^/]+)\/locations\/([^/]+)\/publishers\/google\/models\/([^/:]+):(\w+)$/;
const BUCKET = /^(\/upload)?\/storage\/v1\/b\/([^/]+)(\/o)?(?:\/([^/]+))?$/;

/** Undefined for what it does not have. */
export function findRoute({ method, url, headers }: WireRequest): CloudRoute | undefined {
  const route = (kind: RequestKind, rest: Partial<CloudRoute> = {}): CloudRoute => (
    { kind, version: "v1", id: "", ...rest }
  );
  if (method === "POST" && url.pathname === "/token") return route("token");
  const [, project, location, model, action] = MODEL.exec(url.pathname) ?? [];
  if (method === "POST" && model) {
    const place = { project, location, id: model };
    if (action === "countTokens") return route("count", place);
    if (action === "generateContent") return route("generate", place);
    if (action !== "streamGenerateContent") return undefined;
    const stream = url.searchParams.get("alt") === "sse" ? "sse" : "array";
    return route("generate", { ...place, stream });
  }
  const [, upload, bucket, objects, encoded] = BUCKET.exec(url.pathname) ?? [];
  if (!bucket) return undefined;
  if (upload) return uploadRoute(method, url, headers, bucket);
  const id = decodeURIComponent(encoded ?? "");
  if (method === "GET" && !objects) return route("bucket", { bucket });
  if (method === "GET") return route(id ? "get" : "list", { bucket, id });
  if (method === "DELETE" && id) return route("delete", { bucket, id });
}

function uploadRoute(
  method: string,
  url: URL,
  headers: Headers,
  bucket: string,
): CloudRoute | undefined {
  const type = url.searchParams.get("uploadType");
  const token = url.searchParams.get("upload_id");
  const route = (kind: RequestKind, id = "") => ({ kind, version: "v1", id, bucket });
  if (method === "POST" && token === null) {
    if (type === "media") return route("media");
    return type === "resumable" ? route("start") : undefined;
  }
  if (token === null) return undefined;
  if (method === "DELETE") return route("cancel", token);
  const asks = headers.get("content-range")?.startsWith("bytes *");
  if (method === "PUT") return route(asks ? "query" : "bytes", token);
}
