/** A Storage, a Gemini and a clock of a test's own, and the function's modules that use them. */
import { assertRejects } from "@std/assert";
import { startGemini } from "../../local/stand_ins/gemini/server.ts";
import type { Recording } from "../../supabase/functions/generate-summary/core/domain.ts";
import { createGeminiClient } from "../../supabase/functions/generate-summary/models/gemini_api/client.ts";
import { geminiApi } from "../../supabase/functions/generate-summary/models/gemini_api/gemini_api.ts";
import { AppError } from "../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import { modelCallMs } from "../../supabase/functions/generate-summary/core/times.ts";
import { createStorageReader } from "../../supabase/functions/generate-summary/extract/storage.ts";
import { fileName } from "../../supabase/functions/generate-summary/models/gemini_api/file_name.ts";
import { fakeClock } from "./fake_clock.ts";
import { startFakeStorage } from "./fake_storage.ts";

const PATH = "clinic/consultation/recording.webm";

export async function startWorkbench(settings: { fallbackModel?: string; apiKey?: string } = {}) {
  const source = startFakeStorage();
  const service = await startGemini();
  const clock = fakeClock();
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const { url, key } = source;
  const client = createGeminiClient({
    apiKey: service.apiKey,
    baseUrl: service.url,
    model: "gemini-3.8-flash",
    clock,
    log,
    ...settings,
  });
  return {
    source,
    service,
    clock,
    log,
    lines,
    model: geminiApi(client, modelCallMs(150)),
    storage: createStorageReader({ url, key, fetch, clock, log }),
    /** Two minutes from now. */
    limits: () => ({ deadline: clock.now() + 120_000 }),
    /** A recording whose object Storage has. */
    record(bytes: Uint8Array, changes: Partial<Recording> = {}): Recording {
      const recording: Recording = {
        recording_id: crypto.randomUUID(),
        bucket_id: "consultations",
        object_path: PATH,
        object_version: crypto.randomUUID(),
        kind: "audio",
        declared_type: "audio/webm",
        size_bytes: bytes.length,
        etag: null,
        created_at: "2026-11-22T08:00:00Z",
        excluded: null,
        take: 1,
        earlier: [],
        extractions: [],
        ...changes,
      };
      const type = recording.declared_type ?? "application/octet-stream";
      const etag = source.put(`${recording.bucket_id}/${recording.object_path}`, bytes, type);
      return { ...recording, etag };
    },
    nameOf: (recording: Recording) => fileName(recording),
    /** How many requests of a kind Gemini had. */
    count: (kind: string) => service.requests.filter((request) => request.kind === kind).length,
    async [Symbol.asyncDispose]() {
      await service.close();
      await source[Symbol.asyncDispose]();
    },
  };
}

export type Workbench = Awaited<ReturnType<typeof startWorkbench>>;

/** Bytes that begin as a webm file does, and no two parts of which are alike. */
export function webm(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = index * 2654435761 >>> 13;
  bytes.set([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d]);
  return bytes;
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The code of the error that it fails with. */
export async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, AppError)).code;
}
