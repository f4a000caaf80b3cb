/**
 * One way to bring files from Storage to Gemini, in a process of its own: tells what it cost. The
 * memory is the most that was resident beyond what was before.
 */
import { GoogleGenAI } from "@google/genai";
import { GoogleGenAI as GoogleGenAIForNode } from "@google/genai/node";
import process from "node:process";
import { systemClock as clock } from "../supabase/functions/generate-summary/core/clock.ts";
import { geminiApi } from "../supabase/functions/generate-summary/models/gemini_api/gemini_api.ts";
import { makeAccount } from "../local/stand_ins/google_cloud/tokens.ts";
import type { Model } from "../supabase/functions/generate-summary/models/model.ts";
import { createModel } from "../supabase/functions/generate-summary/models/ways.ts";
import { createLog } from "../supabase/functions/generate-summary/core/log.ts";
import { modelCallMs } from "../supabase/functions/generate-summary/core/times.ts";
import { detectType } from "../supabase/functions/generate-summary/extract/media_types.ts";
import {
  createStorageReader,
  MAX_FILE_BYTES,
} from "../supabase/functions/generate-summary/extract/storage.ts";

export interface Asked {
  way: keyof typeof ways;
  /** Bytes of each file. */
  size: number;
  /** How many files, one after another. */
  files: number;
  /** Addresses: two servers, as Storage and Gemini are. */
  source: string;
  sink: string;
}

/** For one file. */
export interface Cost {
  cpu: number;
  wall: number;
  /** MB, over all files. */
  growth: number;
}

const { way, size, files, source, sink }: Asked = JSON.parse(Deno.args[0]);

const log = createLog(() => {});
const storage = createStorageReader({ url: source, key: "key", fetch, clock, log });
const gemini = geminiApi(
  { apiKey: "key", baseUrl: sink, model: "any" },
  { fetch, clock, log, longest: modelCallMs(400) },
);
const { key: account } = await makeAccount("bench-1");
const cloud = createModel({
  provider: "google-cloud",
  model: "any",
  geminiApi: { apiKey: "" },
  googleCloud: {
    key: JSON.stringify(account),
    location: "eu",
    bucket: "bench-1",
    baseUrl: sink,
  },
}, { fetch, clock, log, longest: modelCallMs(400) });
const options = { apiKey: "key", apiVersion: "v1beta", httpOptions: { baseUrl: sink } };
const config = { mimeType: "audio/wav" };

const download = async (size: number) =>
  await fetch(`${source}/storage/v1/object/authenticated/bench/${size}`, {
    headers: { apikey: "key", "accept-encoding": "identity" },
  });

/** What the function does. */
async function upload(model: Model, size: number) {
  const limits = { deadline: clock.now() + 300_000 };
  const file = { name: "files/any", mimeType: "audio/wav", size };
  // Storage's reader takes none so large: then only the uploader is measured.
  if (size > MAX_FILE_BYTES) return await model.upload(() => download(size), file, limits);
  const object = { bucket_id: "bench", object_path: String(size), size_bytes: size, etag: null };
  const stored = await storage.peek(object, limits);
  const type = await detectType(stored.head, stored.contentType, "audio.wav");
  if (type?.mimeType !== file.mimeType) throw new Error("What was peeked at is no WAV file.");
  await model.upload(stored.open, file, limits);
}

const ways = {
  ours: (size: number) => upload(gemini, size),
  /** The same to Cloud Storage. */
  cloud: (size: number) => upload(cloud, size),
  /** The least that can be done: one body becomes the other. */
  async limit(size: number) {
    const { body } = await download(size);
    const answer = await fetch(`${sink}/bytes?id=any&name=files/any`, {
      method: "POST",
      headers: { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" },
      body,
    });
    await answer.json();
  },
  /** What Gemini's SDK offers for what is in memory. */
  async blob(size: number) {
    const file = await (await download(size)).blob();
    await new GoogleGenAI(options).files.upload({ file, config });
  },
  /** What the Python backend did. */
  async file(size: number) {
    const path = await Deno.makeTempFile();
    try {
      const { body } = await download(size);
      await body!.pipeTo((await Deno.open(path, { write: true })).writable);
      await new GoogleGenAIForNode(options).files.upload({ file: path, config });
    } finally {
      await Deno.remove(path);
    }
  },
};

const kilobytes = async (name: string) => {
  const status = await Deno.readTextFile("/proc/self/status");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)![1]);
};

// Connections are open and the code is warm before anything is measured.
for (let warm = 0; warm < 50; warm++) await ways[way](1_000_000);

// Linux: from here on the peak is a new one (proc(5), clear_refs).
await Deno.writeTextFile("/proc/self/clear_refs", "5");
const resident = await kilobytes("VmRSS");
const cpu = process.cpuUsage();
const began = performance.now();
for (let file = 0; file < files; file++) await ways[way](size);
const { user, system } = process.cpuUsage(cpu);
const cost: Cost = {
  cpu: (user + system) / 1000 / files,
  wall: (performance.now() - began) / files,
  growth: (await kilobytes("VmHWM") - resident) / 1000,
};
console.log(JSON.stringify(cost));
Deno.exit(0);
