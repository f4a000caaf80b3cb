/** A Storage, a Gemini and a clock of a test's own, and the function's modules that use them. */
import { assertRejects } from "@std/assert";
import { startGemini } from "../../local/stand_ins/gemini/server.ts";
import type { ModelService } from "../../local/stand_ins/gemini/service.ts";
import { startGoogleCloud } from "../../local/stand_ins/google_cloud/server.ts";
import type { Recording } from "../../supabase/functions/generate-summary/core/domain.ts";
import { readConfig } from "../../supabase/functions/generate-summary/config.ts";
import { createModel } from "../../supabase/functions/generate-summary/models/ways.ts";
import { AppError } from "../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import { modelCallMs } from "../../supabase/functions/generate-summary/core/times.ts";
import { createStorageReader } from "../../supabase/functions/generate-summary/extract/storage.ts";
import { fakeClock } from "./fake_clock.ts";
import { startFakeStorage } from "./fake_storage.ts";

const PATH = "clinic/consultation/recording.webm";

export const startWorkbench = async (settings: Record<string, string> = {}) =>
  benchOf(await startGemini(), settings);

/** The same by Google Cloud. */
export const startCloudBench = async (settings: Record<string, string> = {}) =>
  benchOf(await startGoogleCloud(), settings);

/** `settings`: of the function's environment, beside those that the service makes. */
function benchOf<Service extends ModelService>(service: Service, settings: Record<string, string>) {
  const source = startFakeStorage();
  const clock = fakeClock();
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const { url, key } = source;
  const environment: Record<string, string> = {
    SUPABASE_URL: url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: key }),
    ...service.settings,
    ...settings,
  };
  const config = readConfig((name) => environment[name]);
  const model = createModel(config.model, { fetch, clock, log, longest: modelCallMs(150) });
  return {
    source,
    service,
    clock,
    log,
    lines,
    model,
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
    nameOf: (recording: Recording) => model.fileName(recording),
    /** How many requests of a kind Gemini had. */
    count: (kind: string) => service.requests.filter((request) => request.kind === kind).length,
    async [Symbol.asyncDispose]() {
      await service.close();
      await source[Symbol.asyncDispose]();
    },
  };
}

export type Workbench = ReturnType<typeof benchOf<ModelService>>;
export type GeminiBench = Awaited<ReturnType<typeof startWorkbench>>;
export type CloudBench = Awaited<ReturnType<typeof startCloudBench>>;

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
