/** What tests of recordings share: a worker, what the model says, how long a file is. */
import { assertEquals } from "@std/assert";
import type { GenerateRequest } from "../../local/stand_ins/gemini/server.ts";
import type {
  Extraction,
  ModelCall,
  Recording,
} from "../../supabase/functions/generate-summary/core/domain.ts";
import {
  type ExtractDeps,
  extractRecording,
} from "../../supabase/functions/generate-summary/extract/recording.ts";
import { webm, type Workbench } from "./workbench.ts";

export const sample = (name: string) =>
  Deno.readFile(new URL(`../../local/samples/${name}`, import.meta.url));

/** What a worker gives, and what it then sees. */
export function worker(bench: Workbench, changes: Partial<ExtractDeps> = {}) {
  const saved: Extraction[] = [];
  const calls: ModelCall[] = [];
  const stop = new AbortController();
  const deps: ExtractDeps = {
    storage: bench.storage,
    model: bench.model,
    clock: bench.clock,
    log: bench.log,
    deadline: bench.clock.now() + 300_000,
    signal: stop.signal,
    left: new Set(),
    holds: () => Promise.resolve(true),
    triesLeft: 5,
    book: (call) => void calls.push(call),
    save(part) {
      saved.push(part);
      return Promise.resolve("saved");
    },
    ...changes,
  };
  return {
    deps,
    saved,
    calls,
    stop,
    /** All parts that there are then. */
    async extract(recording: Recording): Promise<Extraction[]> {
      const before = saved.length;
      await extractRecording(recording, deps);
      return [...recording.extractions, ...saved.slice(before)];
    },
  };
}

/** A recording of so many seconds, as the stand-in counts webm: 32 kbit a second. */
export const lasting = (seconds: number) => webm(seconds * 4000);

interface Asked {
  after: { text: string; start: number } | null;
  from_seconds: number;
  fault?: string;
}
export const asked = ({ texts }: Pick<GenerateRequest, "texts">): Asked => JSON.parse(texts[0]);

export const says = (start: number, text: string) => ({
  speaker: "doctor",
  start,
  text,
  mentions: { drugs: [], quantities: [] },
});

export const speech = (...segments: object[]) => ({ speech_found: true, language: "en", segments });

/** Nothing is at Gemini, and the worker knows it. */
export function assertClean(bench: Workbench, deps: ExtractDeps) {
  assertEquals([...bench.service.files.keys()], []);
  assertEquals([...deps.left], []);
}
