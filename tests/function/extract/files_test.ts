import { assertEquals } from "@std/assert";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type {
  Extraction,
  Recording,
} from "../../../supabase/functions/generate-summary/core/domain.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { extractFiles } from "../../../supabase/functions/generate-summary/extract/files.ts";
import { fakeClock, settled } from "../fake_clock.ts";
import { fakeModel, heard, recordingOf, storage } from "../fake_model.ts";

// Loaded with the first file that is there: what is counted here are files, not modules.
await Promise.all(
  ["listen", "picture", "request"].map((name) =>
    import(`../../../supabase/functions/generate-summary/extract/${name}.ts`)
  ),
);

function extracting(recordings: Recording[], { model } = fakeModel()) {
  const clock = fakeClock();
  const entries: Record<string, unknown>[] = [];
  const saved: string[] = [];
  const parts: Extraction[] = [];
  const looked = extractFiles(recordings, {
    storage,
    model,
    clock,
    log: createLog((line) => entries.push(JSON.parse(line))),
    deadline: clock.now() + 300_000,
    signal: new AbortController().signal,
    left: new Set(),
    holds: () => Promise.resolve(true),
    triesLeft: 5,
    book: () => {},
  }, ({ recording_id }, part) => {
    saved.push(`${recording_id} ${part.part}`);
    parts.push(part);
    return Promise.resolve("saved");
  });
  return { looked, entries, saved, parts };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `r${index + 1}`);

/** A model that listens to each file until that is let go. */
function listening() {
  const under = new Map<string, () => void>();
  const model = fakeModel({
    hear: (name) =>
      new Promise((resolve) =>
        under.set(name.replace("files/", ""), () => resolve(heard(`Said in ${name}.`)))
      ),
  });
  return {
    model,
    now: () => [...under.keys()],
    async letGo(id: string) {
      under.get(id)!();
      under.delete(id);
      await settled();
    },
  };
}

Deno.test("three files are listened to at a time, the next as soon as one is done", async () => {
  const { model, now, letGo } = listening();
  const { looked } = extracting(ids(5).map((id) => recordingOf(id)), model);
  await settled();
  assertEquals(now(), ["r1", "r2", "r3"]);
  await letGo("r2");
  assertEquals(now(), ["r1", "r3", "r4"]);
  for (const id of ["r4", "r1", "r5", "r3"]) await letGo(id);
  assertEquals(now(), []);
  await looked;
});

Deno.test("the order is that of the recordings, whichever is done first", async () => {
  const { model, letGo } = listening();
  const { looked } = extracting(ids(3).map((id) => recordingOf(id)), model);
  await settled();
  for (const id of ["r3", "r1", "r2"]) await letGo(id);
  assertEquals(
    (await looked).map(({ recording, segments }) => [recording.recording_id, segments[0].text]),
    ids(3).map((id) => [id, `Said in files/${id}.`]),
  );
});

Deno.test("a file's failure is its own, and told under its name", async () => {
  const model = fakeModel({
    hear: (name) => name === "files/r2" ? new TypeError("a bug") : heard("Hello"),
  });
  const { looked, entries } = extracting(
    [...ids(3).map((id) => recordingOf(id)), recordingOf("r4", { excluded: "file_excluded" })],
    model,
  );
  assertEquals(
    (await looked).map(({ segments, error }) => [segments.length, error?.code]),
    [[1, undefined], [0, "internal"], [1, undefined], [0, "file_excluded"]],
  );
  const failed = entries.filter(({ event }) => event === "file_failed");
  assertEquals(
    failed.map(({ recording_id, code }) => `${recording_id} ${code}`).sort(),
    ["r2 internal", "r4 file_excluded"],
  );
});

Deno.test("an error that ends the run stops the others, and nothing more begins", async () => {
  const begun: string[] = [];
  const model = fakeModel({
    hear(name) {
      begun.push(name);
      return name === "files/r2" ? new AppError("model_quota") : new Promise(() => {});
    },
  });
  const generate = model.model.generate;
  model.model.generate = (request) =>
    Promise.race([
      generate(request),
      new Promise<never>((_, reject) =>
        request.signal?.addEventListener("abort", () => reject(request.signal?.reason))
      ),
    ]);
  const { looked } = extracting(ids(5).map((id) => recordingOf(id)), model);
  assertEquals((await looked).map(({ error }) => error?.code), Array(5).fill("model_quota"));
  assertEquals(begun, ["files/r1", "files/r2", "files/r3"]);
  assertEquals(model.deleted, []);
});

Deno.test("what is missing of a recording is told: all of it, what was skipped, and its end", async () => {
  const given = extracting([recordingOf("r1")]);
  await given.looked;
  const [part] = given.parts;
  const missing = "file_refused" as const;
  const extractions = [
    { ...part, is_last: false, to_seconds: 100 },
    {
      ...part,
      part: 1,
      from_seconds: 100,
      to_seconds: 160,
      is_last: false,
      segments: [],
      found: { content: false, language: null, missing },
    },
  ];
  const model = fakeModel({ hear: () => new AppError("model_unavailable") });
  const recordings = [
    recordingOf("r1", { extractions }),
    recordingOf("r2", { excluded: "file_excluded" }),
    recordingOf("r3", { extractions: [...extractions, { ...part, part: 2, from_seconds: 160 }] }),
  ];
  const looked = await extracting(recordings, model).looked;
  const skipped = { from_seconds: 100, to_seconds: 160, code: missing };
  assertEquals(looked.map(({ missing }) => missing), [
    [skipped, { from_seconds: 160, to_seconds: null, code: "model_unavailable" }],
    [{ from_seconds: 0, to_seconds: null, code: "file_excluded" }],
    [skipped],
  ]);
  assertEquals(looked.map(({ segments }) => segments.length), [1, 0, 2], "what was heard stays");
});

Deno.test("a part is saved for the recording that it is of", async () => {
  const { looked, saved } = extracting(ids(3).map((id) => recordingOf(id)));
  await looked;
  assertEquals(saved.sort(), ["r1 0", "r2 0", "r3 0"]);
});

Deno.test("the segments of all parts are a recording's", async () => {
  const first = extracting([recordingOf("r1")]);
  await first.looked;
  const [part] = first.parts;
  const texts = ["Said first.", "Said later."];
  const extractions = texts.map((text, index) => ({
    ...part,
    part: index,
    is_last: index === 1,
    segments: [{ ...part.segments[0], text }],
  }));
  const [{ segments }] = await extracting([recordingOf("r1", { extractions })]).looked;
  assertEquals(segments.map(({ text }) => text), texts);
});

Deno.test("without recordings there is nothing to look at", async () => {
  assertEquals(await extracting([]).looked, []);
});
