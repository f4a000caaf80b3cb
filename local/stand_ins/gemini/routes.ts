/** The addresses of the Gemini API, and what is asked at each. */
import type { Delivery } from "./delivery.ts";
import { Refusal } from "./refusal.ts";
import { REFUSALS } from "./refusals.ts";
import type { WireRequest } from "./wire.ts";

export type RequestKind =
  | "start"
  | "bytes"
  | "query"
  | "cancel"
  | "get"
  | "delete"
  | "list"
  | "count"
  | "generate"
  | "model"
  // Of Google Cloud alone.
  | "token"
  | "media"
  | "bucket";

/** A request as tests see it. */
export interface RecordedRequest {
  kind: RequestKind;
  method: string;
  /** Path and query; of an upload address the path alone. */
  path: string;
  /** What was answered; 0 while there is no answer, and when the connection broke before one. */
  status: number;
  contentLength: number | null;
  /** Of the bytes in the whole file. */
  offset?: number;
  /** Bytes: of the whole file, hex, once it is finalized. */
  sha256?: string;
  model?: string;
  /** `generate` only: asked for as a stream. */
  streamed?: boolean;
  /** The JSON that was sent. */
  body?: unknown;
  /** `generate` only: what became of its answer. */
  delivery?: Delivery;
}

/** A streamed answer is a list of events, or without `alt=sse` one JSON array that comes bit by bit. */
export type StreamFormat = "sse" | "array";

export interface Route {
  kind: RequestKind;
  /** `generate` only. */
  stream?: StreamFormat;
  version: string;
  /** An upload's token, or the name of a file or a model. */
  id: string;
}

/** Undefined for what the API does not have. */
export function findRoute({ method, url, headers }: WireRequest): Route | undefined {
  const [, upload, version, collection, id = "", action] =
    /^(\/upload)?\/(v1|v1beta)\/(files|models)(?:\/([^/:]+))?(?::(\w+))?$/.exec(url.pathname) ?? [];
  const token = url.searchParams.get("upload_id");
  const is = (...expected: (string | undefined)[]) =>
    [method, upload, collection, action].every((value, index) => value === expected[index]);
  const route = (kind: RequestKind, id: string): Route => ({ kind, version, id });
  if (is("POST", "/upload", "files") && token === null) return route("start", id);
  if (is("POST", "/upload", "files")) {
    const command = headers.get("x-goog-upload-command");
    return route(command === "query" || command === "cancel" ? command : "bytes", token!);
  }
  if (is("GET", undefined, "files")) return route(id ? "get" : "list", `files/${id}`);
  if (is("DELETE", undefined, "files") && id) return route("delete", `files/${id}`);
  if (is("GET", undefined, "models") && id) return route("model", id);
  if (is("POST", undefined, "models", "countTokens")) return route("count", id);
  if (is("POST", undefined, "models", "generateContent")) return route("generate", id);
  if (is("POST", undefined, "models", "streamGenerateContent")) {
    const stream = url.searchParams.get("alt") === "sse" ? "sse" : "array";
    return { ...route("generate", id), stream };
  }
}

export function noSuchAddress({ method, url }: WireRequest): Response {
  return new Refusal(404, "NOT_FOUND", `There is no ${method} ${url.pathname}.`).response();
}

export function recordOf({ kind, id, stream }: Route, request: WireRequest): RecordedRequest {
  const { method, url, headers, contentLength } = request;
  // The Files API has a header for it, Cloud Storage a range.
  const offset = headers.get("x-goog-upload-offset") ??
    /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  return {
    kind,
    method,
    path: url.searchParams.has("upload_id") ? url.pathname : url.pathname + url.search,
    status: 0,
    contentLength,
    offset: offset === undefined ? undefined : Number(offset),
    model: ["model", "count", "generate"].includes(kind) ? id : undefined,
    streamed: stream && true,
  };
}

/** 403 without a key, 400 with another one. */
export function checkKey(sent: string | null, expected: string): void {
  if (sent === null) throw REFUSALS.keyMissing();
  if (sent !== expected) throw REFUSALS.keyInvalid();
}
