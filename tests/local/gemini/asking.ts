/** What tests of the stand-in for Gemini share: a stand-in of their own, and requests to it. */
import { assert, assertEquals } from "@std/assert";
import { GoogleGenAI } from "@google/genai";
import { type GeminiStandIn, startGemini } from "../../../local/stand_ins/gemini/server.ts";

export const GRANULARITY = 8 * 1024 * 1024;
export const MODEL = "gemini-3.8-flash";
export const sample = (name: string) =>
  Deno.readFile(new URL(`../../../local/samples/${name}`, import.meta.url));

/** Bytes that no sample has. */
export const NOISE = new Uint8Array(100_000).map((_, index) => index * 31 % 251);

/** A test with a stand-in of its own. */
export function gemini(
  behaviour: string,
  run: (gemini: GeminiStandIn) => Promise<void>,
  options: Pick<Deno.TestDefinition, "sanitizeResources"> = {},
) {
  Deno.test(`the Gemini stand-in ${behaviour}`, options, async () => {
    await using gemini = await startGemini();
    await run(gemini);
  });
}

/** The SDK, which talks to the stand-in. */
export const sdk = (gemini: GeminiStandIn, apiVersion?: string) =>
  new GoogleGenAI({ apiKey: gemini.apiKey, apiVersion, httpOptions: { baseUrl: gemini.url } });

/** The SDK leaves the empty bodies of an upload's answers unread, which Deno 2.1 counts as a leak. */
export const SDK_UPLOAD = { sanitizeResources: false };

interface Init {
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit | null;
}

/** A request with the key; status, headers and body (JSON when it is) of the answer. */
export async function ask(gemini: GeminiStandIn, path: string, init: Init = {}) {
  const headers = { "x-goog-api-key": gemini.apiKey, ...init.headers };
  const response = await fetch(gemini.url + path, { ...init, headers });
  const text = await response.text();
  // deno-lint-ignore no-explicit-any -- answers of all shapes
  const json: any = text.startsWith("{") ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

export const post = (gemini: GeminiStandIn, path: string, body: unknown) =>
  ask(gemini, path, { method: "POST", body: JSON.stringify(body) });

export const generate = (gemini: GeminiStandIn, body: unknown, model = MODEL, version = "v1beta") =>
  post(gemini, `/${version}/models/${model}:generateContent`, body);

export const asked = (text: unknown, generationConfig = {}) => ({
  contents: [{ role: "user", parts: [{ text: JSON.stringify(text) }] }],
  generationConfig,
});

export interface StartOptions {
  size?: number;
  type?: string;
  file?: Record<string, unknown>;
  headers?: Record<string, string>;
  version?: string;
}

export function start(gemini: GeminiStandIn, options: StartOptions = {}) {
  const { size = NOISE.length, type = "audio/webm", file = {}, version = "v1beta" } = options;
  return ask(gemini, `/upload/${version}/files`, {
    method: "POST",
    headers: {
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": String(size),
      "x-goog-upload-header-content-type": type,
      ...options.headers,
    },
    body: JSON.stringify({ file }),
  });
}

/** Path and query of a new upload's address. */
export async function started(gemini: GeminiStandIn, options: StartOptions = {}): Promise<string> {
  const url = new URL((await start(gemini, options)).headers.get("x-goog-upload-url")!);
  return url.pathname + url.search;
}

export const command = (
  gemini: GeminiStandIn,
  path: string,
  command: string,
  offset?: number,
  body: BodyInit | null = null,
) =>
  ask(gemini, path, {
    method: "POST",
    headers: {
      "x-goog-upload-command": command,
      ...(offset === undefined ? {} : { "x-goog-upload-offset": String(offset) }),
    },
    body,
  });

/** A file that was uploaded in one request. */
export async function uploaded(
  gemini: GeminiStandIn,
  bytes: Uint8Array,
  type = "audio/webm",
  file = {},
) {
  const path = await started(gemini, { size: bytes.length, type, file });
  return (await command(gemini, path, "upload, finalize", 0, bytes as BodyInit)).json.file;
}

export const extraction = (file: { uri: string; mimeType: string }, text: unknown = {}) => ({
  contents: [{
    role: "user",
    parts: [
      { fileData: { fileUri: file.uri, mimeType: file.mimeType } },
      { text: JSON.stringify(text) },
    ],
  }],
});

// deno-lint-ignore no-explicit-any -- what the model said, as JSON
export const saidIn = (answer: any) => JSON.parse(answer.json.candidates[0].content.parts[0].text);

export function refused(answer: Awaited<ReturnType<typeof ask>>, code: number, status: string) {
  assertEquals(answer.status, code);
  assertEquals([answer.json.error.code, answer.json.error.status], [code, status]);
  assert(answer.json.error.message.length > 0);
}
