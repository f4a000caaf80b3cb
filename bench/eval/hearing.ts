/** What the extraction makes of recordings whose words people have written down. */
import { normalize, words } from "../../supabase/functions/generate-summary/checks/words/text.ts";
import type { Clock } from "../../supabase/functions/generate-summary/core/clock.ts";
import type { ModelCall, Segment } from "../../supabase/functions/generate-summary/core/domain.ts";
import type { Log } from "../../supabase/functions/generate-summary/core/log.ts";
import { extractRecording } from "../../supabase/functions/generate-summary/extract/recording.ts";
import type { StorageReader } from "../../supabase/functions/generate-summary/extract/storage.ts";
import type { Model } from "../../supabase/functions/generate-summary/models/model.ts";
import type { Recorded } from "./cases.ts";
import { wordErrors } from "./figures.ts";

export interface Heard {
  /** Words that people wrote down, and how many are wrong. */
  words: number;
  errors: number;
  /** Turns, and those whose speaker is right. */
  turns: number;
  speakers: number;
  /** Numbers that people wrote down, and those that were heard. */
  numbers: number;
  numbersHeard: number;
  /** Drugs that the model names, and those that were said. */
  drugs: number;
  drugsSaid: number;
}

interface HearingDeps {
  model: Model;
  clock: Clock;
  log: Log;
  book(call: ModelCall): void;
}

/** Longer than any recording takes: no isolate ends it. */
const HOUR_MS = 3_600_000;

/** The segments of a file, as the function extracts them. Throws as `extractRecording` does. */
export async function hear(path: string, deps: HearingDeps): Promise<Segment[]> {
  const bytes = await Deno.readFile(path);
  const segments: Segment[] = [];
  await extractRecording({
    recording_id: crypto.randomUUID(),
    bucket_id: "",
    object_path: path,
    object_version: "1",
    kind: "audio",
    declared_type: "audio/wav",
    size_bytes: bytes.length,
    etag: null,
    created_at: new Date(deps.clock.now()).toISOString(),
    excluded: null,
    take: 1,
    earlier: [],
    extractions: [],
  }, {
    ...deps,
    storage: storageOf(bytes),
    deadline: deps.clock.now() + HOUR_MS,
    signal: new AbortController().signal,
    left: new Set(),
    holds: () => Promise.resolve(true),
    triesLeft: 3,
    save(part) {
      segments.push(...part.segments);
      return Promise.resolve("saved");
    },
  });
  return segments;
}

const storageOf = (bytes: Uint8Array<ArrayBuffer>): StorageReader => ({
  peek: () =>
    Promise.resolve({
      size: bytes.length,
      etag: "1",
      head: bytes.subarray(0, 4096),
      contentType: "audio/wav",
      open: (from = 0) =>
        Promise.resolve(
          new Response(bytes.subarray(from), {
            headers: { "content-length": String(bytes.length - from) },
          }),
        ),
    }),
});

/** What was heard, beside what was said; `start`s are not compared: models don't know them. */
export function compare({ segments: said, audio }: Recorded, heard: Segment[]): Heard {
  const [reference, text] = [said, heard].map((all) => all.map(({ text }) => text).join(" "));
  const { errors, words: count } = wordErrors(reference, text);
  const wanted = numbersIn(reference);
  const given = numbersIn(text);
  const named = heard.flatMap(({ mentions }) => mentions.drugs);
  const there = normalize(reference);
  return {
    words: count,
    errors,
    turns: heard.length,
    speakers: heard.filter(({ speaker }) => speaker?.startsWith(audio?.speaker ?? "")).length,
    numbers: wanted.length,
    numbersHeard: wanted.filter((number) => {
      const at = given.indexOf(number);
      if (at >= 0) given.splice(at, 1);
      return at >= 0;
    }).length,
    drugs: named.length,
    drugsSaid: named.filter((drug) => there.includes(normalize(drug))).length,
  };
}

const NUMBER_WORDS = new Map(
  ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
    "seventeen eighteen nineteen twenty").split(" ").map((
      word,
      index,
    ) => [word, String(index + 1)]),
);

const numbersIn = (text: string) =>
  words(text).map((word) => NUMBER_WORDS.get(word) ?? word).filter((word) => /^\d/.test(word));
