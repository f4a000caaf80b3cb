import { assert, assertEquals, assertFalse } from "@std/assert";
import { denseSpeech } from "../../../local/samples/dense_speech.ts";
import { REFUSALS } from "../../../local/stand_ins/gemini/refusals.ts";
import { usageOf } from "../../../supabase/functions/generate-summary/core/domain.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { PROMPT_VERSION } from "../../../supabase/functions/generate-summary/core/prompt_version.ts";
import { assertClean, lasting, sample, says, speech, worker } from "../extracting.ts";
import { codeOf, startWorkbench } from "../workbench.ts";

Deno.test("a recording becomes one part of segments, saved, and its file is deleted", async () => {
  await using bench = await startWorkbench();
  const { deps, saved, extract } = worker(bench);
  const parts = await extract(bench.record(await sample("consultation.webm")));
  assertEquals(parts, saved);
  const [part] = parts;
  assertEquals(parts.length, 1);
  assertEquals([part.part, part.from_seconds, part.to_seconds, part.is_last], [0, 0, null, true]);
  assertEquals(part.found, { content: true, language: "en" });
  assertEquals([part.model, part.prompt_version], ["gemini-3.8-flash", PROMPT_VERSION]);
  assert(part.segments.length > 5 && part.usage.audio_tokens > 0);
  for (const { kind, speaker, start, text } of part.segments) {
    assert(kind === "speech" && speaker && start !== null && text);
  }
  const kinds = bench.service.requests.map(({ kind }) => kind);
  assertEquals(kinds, ["get", "start", "bytes", "count", "generate", "delete"]);
  assertClean(bench, deps);
});

Deno.test("a picture becomes segments without speaker and time", async () => {
  await using bench = await startWorkbench();
  const { deps, extract } = worker(bench);
  const type = { declared_type: "image/jpeg", object_path: "a/b/note.jpg" };
  const [part] = await extract(bench.record(await sample("prescription.jpg"), type));
  assert(part.is_last && part.segments.length > 0);
  for (const { kind, speaker, start } of part.segments) {
    assert(["handwriting", "print", "drawing", "photo"].includes(kind));
    assertEquals([speaker, start], [null, null]);
  }
  assertEquals(bench.count("count"), 0);
  assertClean(bench, deps);
});

Deno.test("nothing of a file but its bytes and its type goes to Gemini", async () => {
  await using bench = await startWorkbench();
  const { extract } = worker(bench);
  const recording = bench.record(lasting(30), { object_path: "clinic/visit/Jane-Doe.webm" });
  await extract(recording);
  const sent = JSON.stringify(bench.service.requests);
  for (const word of ["Jane", "clinic", recording.recording_id]) assertFalse(sent.includes(word));
});

Deno.test("a recording that was extracted asks for nothing", async () => {
  await using bench = await startWorkbench();
  const { extract } = worker(bench);
  const recording = bench.record(await sample("consultation.webm"));
  const extractions = await extract(recording);
  const before = bench.service.requests.length;
  assertEquals(await extract({ ...recording, extractions }), extractions);
  assertEquals(bench.service.requests.length, before);
});

Deno.test("each request that was paid for is booked, and each part has the sum of its own", async () => {
  await using bench = await startWorkbench();
  const { calls, saved, extract } = worker(bench);
  bench.service.fail({ on: "generate", answer: { text: "[]" } });
  bench.service.fail({ on: "generate", status: 503 });
  const recording = bench.record(lasting(30));
  await extract(recording);
  assertEquals(calls.map(({ outcome }) => outcome), ["ok", "ok"]);
  for (const { recording_id, purpose, estimated } of calls) {
    assertEquals([recording_id, purpose, estimated], [recording.recording_id, "extract", false]);
  }
  assertEquals(new Set(calls.map(({ id }) => id)).size, 2);
  assertEquals(saved.map(({ usage }) => usage), [usageOf(calls)]);
});

Deno.test("a recording goes on after the last part that was saved, with the file that is there", async () => {
  await using bench = await startWorkbench();
  const { bytes, sample } = denseSpeech({ minutes: 30 });
  bench.service.samples.push(sample);
  // A third of the talk.
  bench.service.fail({ on: "generate", answer: { finishReason: "MAX_TOKENS", truncateAt: 0.3 } });
  const recording = bench.record(bytes);
  const first = worker(bench);
  bench.service.fail({ on: "generate", status: 503, times: 4 });
  assertEquals(await codeOf(() => first.extract(recording)), "model_unavailable");
  assertEquals([first.saved.length, bench.service.files.size, first.deps.left.size], [1, 1, 1]);

  const second = worker(bench);
  const parts = await second.extract({ ...recording, extractions: first.saved });
  assertEquals(bench.count("bytes"), 1);
  assertEquals(second.saved.map(({ part }) => part), [1]);
  assertEquals(
    parts.flatMap(({ segments }) => segments.map(({ text }) => text)),
    sample.segments.map(({ text }) => text),
  );
  assertClean(bench, second.deps);
});

Deno.test("a file that is at Gemini already is not uploaded again", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(lasting(30));
  const first = worker(bench);
  bench.service.fail({ on: "generate", status: 503, times: 4 });
  assertEquals(await codeOf(() => first.extract(recording)), "model_unavailable");
  assertEquals([...first.deps.left], [
    await bench.nameOf(recording),
  ]);
  const second = worker(bench);
  await second.extract(recording);
  assertEquals(bench.count("bytes"), 1);
  assertClean(bench, second.deps);
});

Deno.test("a file that vanishes between upload and use is uploaded again", async () => {
  await using bench = await startWorkbench();
  const { deps, extract } = worker(bench);
  bench.service.fail({ on: "file", gone: true });
  assertEquals((await extract(bench.record(lasting(30)))).length, 1);
  assertEquals(bench.count("bytes"), 2);
  assertClean(bench, deps);
});

const refused = { error: { code: 400, status: "INVALID_ARGUMENT", message: "Unsupported file" } };
for (
  const [what, fault, code] of [
    ["can't read", { on: "generate", status: 400, body: refused }, "file_rejected"],
    ["refuses", { on: "generate", answer: { blockReason: "OTHER" }, times: 2 }, "file_refused"],
    [
      "finds too long",
      { on: "generate", refusal: REFUSALS.inputTokens(2_000_000, 1_048_576) },
      "file_too_long",
    ],
    ["could not process", { on: "file", failed: true }, "file_rejected"],
  ] as const
) {
  Deno.test(`a file that Gemini ${what} is ${code}, and deleted`, async () => {
    await using bench = await startWorkbench();
    const { deps, extract } = worker(bench);
    bench.service.fail(fault);
    assertEquals(await codeOf(() => extract(bench.record(lasting(30)))), code);
    assertClean(bench, deps);
  });
}

Deno.test("what can't be audio or a picture is not uploaded", async () => {
  await using bench = await startWorkbench();
  const { deps, extract } = worker(bench);
  const text = new TextEncoder().encode("These are words, not sounds.");
  assertEquals(await codeOf(() => extract(bench.record(text))), "file_type");
  assertEquals(await codeOf(() => extract(bench.record(new Uint8Array()))), "file_empty");
  const excluded = bench.record(lasting(30), { excluded: "file_excluded" });
  assertEquals(await codeOf(() => extract(excluded)), "file_excluded");
  assertEquals(bench.count("start"), 0);
  assertClean(bench, deps);
});

Deno.test("nothing begins when less time is left than a call of the model needs", async () => {
  await using bench = await startWorkbench();
  const { extract } = worker(bench, { deadline: bench.clock.now() + 14_000 });
  assertEquals(await codeOf(() => extract(bench.record(lasting(30)))), "out_of_time");
  assertEquals(bench.service.requests, []);
});

Deno.test("a worker that lost its lease throws lease_lost and deletes nothing", async () => {
  await using bench = await startWorkbench();
  const late = worker(bench, { save: () => Promise.resolve("lost") });
  assertEquals(await codeOf(() => late.extract(bench.record(lasting(30)))), "lease_lost");
  assertEquals([bench.count("delete"), late.deps.left.size], [0, 1]);

  const { stop, saved, extract } = worker(bench);
  bench.service.answer = () => {
    stop.abort();
    return speech(says(1, "Hello"));
  };
  assertEquals(await codeOf(() => extract(bench.record(lasting(31)))), "lease_lost");
  assertEquals([bench.count("delete"), saved.length], [0, 0]);
});

Deno.test("an error that ends the run leaves the file to who comes next", async () => {
  await using bench = await startWorkbench();
  const { deps, stop, extract } = worker(bench);
  bench.service.answer = () => {
    stop.abort(new AppError("model_quota"));
    return speech(says(1, "Hello"));
  };
  assertEquals(await codeOf(() => extract(bench.record(lasting(31)))), "model_quota");
  assertEquals([bench.count("delete"), deps.left.size], [0, 1]);
});

Deno.test("a deletion that fails leaves the extraction alone and is told", async () => {
  await using bench = await startWorkbench();
  const { deps, saved, extract } = worker(bench);
  const recording = bench.record(lasting(30));
  bench.service.fail({ on: "delete", status: 500, times: 3 });
  assertEquals((await extract(recording)).length, 1);
  const name = await bench.nameOf(recording);
  assertEquals([saved.length, [...deps.left]], [1, [name]]);
});
