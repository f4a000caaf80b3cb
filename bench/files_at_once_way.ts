/** The work on one summary, in a process of its own: as the function does it, and file by file. */
import { compose } from "../supabase/functions/generate-summary/compose/compose.ts";
import { resolveTemplate } from "../supabase/functions/generate-summary/compose/template.ts";
import { systemClock as clock } from "../supabase/functions/generate-summary/core/clock.ts";
import type { Extraction, Recording } from "../supabase/functions/generate-summary/core/domain.ts";
import { createLog } from "../supabase/functions/generate-summary/core/log.ts";
import { modelCallMs as callMsOf } from "../supabase/functions/generate-summary/core/times.ts";
import { extractRecording } from "../supabase/functions/generate-summary/extract/recording.ts";
import { createStorageReader } from "../supabase/functions/generate-summary/extract/storage.ts";
import {
  type Claimed,
  createQueue,
  type Inputs,
} from "../supabase/functions/generate-summary/job/queue.ts";
import { runJob } from "../supabase/functions/generate-summary/job/run.ts";
import { geminiApi } from "../supabase/functions/generate-summary/models/gemini_api/gemini_api.ts";

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
const storage = createStorageReader({ url: asked.storage, key: "key", fetch: slow, clock, log });
const modelCallMs = callMsOf(400);
const model = geminiApi(
  { apiKey: asked.key, baseUrl: asked.gemini, model: "gemini-3.8-flash" },
  { fetch: slow, clock, log, longest: modelCallMs },
);

function inputs(): Inputs {
  const recordings = Array.from({ length: files }, (): Recording => ({
    recording_id: crypto.randomUUID(),
    bucket_id: "bench",
    object_path: String(size),
    object_version: "1",
    kind: "audio",
    declared_type: "audio/wav",
    size_bytes: size,
    etag: null,
    created_at: new Date().toISOString(),
    excluded: null,
    take: 1,
    earlier: [],
    extractions: [],
  }));
  return {
    submitted_by: "doctor",
    templates: { clinic: null, consultation: null, summary: null },
    recordings,
  };
}

/** Each call of the database is a request, too; these are what the work calls. */
const queue = createQueue({
  rpc(name) {
    const answers: Record<string, () => unknown> = {
      heartbeat_summary: () => true,
      save_extraction: () => ({ outcome: "saved", may_spend: true }),
      complete_summary: () => ({ outcome: "completed", next: null }),
    };
    const answer = async () => ({ data: await late(answers[name]()), error: null, status: 200 });
    return { abortSignal: answer };
  },
}, clock);

const cpuTime = { answered: () => {} };
const lease = { p_id: crypto.randomUUID(), p_token: crypto.randomUUID() };

async function ours() {
  const job = {
    summary_id: lease.p_id,
    clinic_id: "",
    consultation_id: "",
    attempt: 1,
    tries_left: 5,
    draft: null,
  };
  const claimed: Claimed = { outcome: "claimed", job, inputs: inputs() };
  const deps = { queue, storage, model, reader: null, modelCallMs, cpuTime, clock, log, deadline };
  await runJob({ claimed, token: lease.p_token }, deps, new AbortController().signal);
  if (ended.at(-1) !== "completed") throw new Error(`It ended with ${ended.at(-1)}.`);
}

/** The same calls without any two at once. */
async function oneAfterAnother() {
  const { recordings, submitted_by } = inputs();
  const { signal } = new AbortController();
  const extracted = [];
  for (const recording of recordings) {
    const parts: Extraction[] = [];
    await extractRecording(recording, {
      storage,
      model,
      clock,
      log,
      deadline,
      signal,
      left: new Set(),
      holds: () => Promise.resolve(true),
      triesLeft: 5,
      book: () => {},
      async save(part) {
        parts.push(part);
        const { outcome } = await queue("save_extraction", {
          ...lease,
          p_recording: recording.recording_id,
          p_object_version: recording.object_version,
          p_part: part,
        });
        return outcome;
      },
    });
    const segments = parts.flatMap(({ segments }) => segments);
    extracted.push({ recording_id: recording.recording_id, kind: recording.kind, segments });
  }
  await compose(
    {
      recordings: extracted,
      template: resolveTemplate(),
      submittedBy: submitted_by,
      missing: [],
      draft: null,
    },
    {
      generate: model.generate,
      book: () => {},
      callSeconds: modelCallMs / 1000,
      deadline,
      clock,
      log,
      triesLeft: 5,
      endsWith: () => Promise.resolve(false),
      enter: () => {},
      keepDraft: () => Promise.resolve(),
      read: null,
    },
  );
  await queue("complete_summary", { ...lease, p_used: [], p_result: null });
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
