/** The work on one summary, in a process of its own: as the function does it, and file by file. */
import { systemClock as clock } from "../supabase/functions/generate-summary/core/clock.ts";
import { compose } from "../supabase/functions/generate-summary/compose/compose.ts";
import type { Recording } from "../supabase/functions/generate-summary/core/domain.ts";
import { extractRecording } from "../supabase/functions/generate-summary/extract/recording.ts";
import { createGemini } from "../supabase/functions/generate-summary/models/gemini_api/client.ts";
import type { Inputs, Job, Jobs } from "../supabase/functions/generate-summary/job/queue.ts";
import { createLog } from "../supabase/functions/generate-summary/core/log.ts";
import { createStorage } from "../supabase/functions/generate-summary/extract/storage.ts";
import { resolveTemplate } from "../supabase/functions/generate-summary/compose/template.ts";
import { work } from "../supabase/functions/generate-summary/job/run.ts";

export interface Asked {
  files: number;
  /** Bytes of each. */
  size: number;
  rounds: number;
  /** Milliseconds before each request. */
  latency: number;
  /** Addresses. */
  storage: string;
  gemini: string;
  key: string;
}

/** Milliseconds, round by round. */
export interface Walls {
  ours: number[];
  oneAfterAnother: number[];
}

const asked: Asked = JSON.parse(Deno.args[0]);
const { files, size, rounds, latency } = asked;

const late = async <T>(answer: T): Promise<T> => {
  await clock.sleep(latency);
  return answer;
};
const slow: typeof fetch = async (input, init) => await fetch(await late(input), init);

const ended: string[] = [];
const log = createLog((line) => ended.push(JSON.parse(line).event));
const deadline = clock.now() + 3_600_000;
const storage = createStorage({ url: asked.storage, key: "key", fetch: slow, clock, log });
const gemini = createGemini({
  apiKey: asked.key,
  baseUrl: asked.gemini,
  model: "gemini-3.8-flash",
  fetch: slow,
  clock,
  log,
});

function inputs(): Inputs {
  const recordings = Array.from({ length: files }, (): Recording => ({
    recording_id: crypto.randomUUID(),
    bucket_id: "bench",
    object_path: String(size),
    object_version: "1",
    kind: "audio",
    declared_type: "audio/wav",
    size_bytes: size,
    created_at: new Date().toISOString(),
    excluded: null,
    extractions: [],
  }));
  return {
    submitted_by: "doctor",
    templates: { clinic: null, consultation: null, summary: null },
    recordings,
  };
}

/** Each call of the database is a request, too. */
const jobs: Jobs = {
  heartbeat: () => late(true),
  inputs: () => late(inputs()),
  saveExtraction: () => late("saved" as const),
  complete: () => late("completed" as const),
  request: unasked,
  claim: unasked,
  fail: unasked,
  release: unasked,
  cleaned: unasked,
};

function unasked(): never {
  throw new Error("The work did not go as it should.");
}

async function ours() {
  const job: Job = {
    summary_id: crypto.randomUUID(),
    clinic_id: "",
    consultation_id: "",
    attempt: 1,
    max_attempts: 5,
  };
  const deps = { jobs, storage, gemini, clock, log, deadline };
  await work(job, "", deps, new AbortController().signal);
  if (ended.at(-1) !== "completed") throw new Error(`It ended with ${ended.at(-1)}.`);
}

/** The same calls without any two at once. */
async function oneAfterAnother() {
  await jobs.heartbeat("", "", "extracting");
  const { recordings, submitted_by } = await jobs.inputs("");
  const { signal } = new AbortController();
  const extracted = [];
  for (const recording of recordings) {
    const save = () => jobs.saveExtraction("", "", recording, {} as never);
    const left = new Set<string>();
    const holds = () => jobs.heartbeat("", "", "extracting");
    const deps = { storage, gemini, clock, log, deadline, signal, left, save, holds };
    const parts = await extractRecording(recording, deps);
    const segments = parts.flatMap(({ segments }) => segments);
    extracted.push({ recording_id: recording.recording_id, segments });
  }
  await jobs.heartbeat("", "", "composing");
  await compose(
    { recordings: extracted, template: resolveTemplate(), submittedBy: submitted_by },
    { generate: gemini.generate, deadline, log },
  );
  await jobs.complete("", "", [], {} as never);
}

async function timed(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

const walls: Walls = { ours: [], oneAfterAnother: [] };
await ours();
for (let round = 0; round < rounds; round++) {
  walls.ours.push(await timed(ours));
  walls.oneAfterAnother.push(await timed(oneAfterAnother));
}
console.log(JSON.stringify(walls));
Deno.exit(0);
