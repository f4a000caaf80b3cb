import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { PROMPT_VERSION } from "../../../supabase/functions/generate-summary/core/prompt_version.ts";
import { fileName } from "../../../supabase/functions/generate-summary/models/gemini_api/file_name.ts";
import { asked, assertClean, lasting, sample, says, speech, worker } from "../extracting.ts";
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
  assertEquals(kinds, ["start", "bytes", "count", "generate", "delete"]);
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

Deno.test("a recording longer than ten minutes goes in windows that join", async () => {
  await using bench = await startWorkbench();
  const { deps, saved, extract } = worker(bench);
  // What is said every half minute, of which the model gives too much on both sides.
  bench.service.answer = (request) => {
    const { from_seconds, to_seconds } = asked(request).window;
    const all = Array.from({ length: 50 }, (_, index) => says(index * 30, `word ${index}`));
    const near = (start: number) => start >= from_seconds - 60 && start < (to_seconds ?? 9e9) + 60;
    return speech(...all.filter(({ start }) => near(start)));
  };
  const parts = await extract(bench.record(lasting(1500)));
  assertEquals(
    parts.map((
      { part, from_seconds, to_seconds, is_last },
    ) => [part, from_seconds, to_seconds, is_last]),
    [[0, 0, 600, false], [1, 600, 1200, false], [2, 1200, null, true]],
  );
  const said = parts.flatMap(({ segments }) => segments.map(({ text }) => text));
  assertEquals(said, Array.from({ length: 50 }, (_, index) => `word ${index}`));
  assertEquals([saved.length, bench.count("bytes"), bench.count("generate")], [3, 1, 3]);
  assertClean(bench, deps);
});

Deno.test("a recording goes on after the last part that was saved, with the file that is there", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(lasting(1500));
  const first = worker(bench);
  // Released after the first part: time runs out.
  first.deps.save = (part) => {
    first.saved.push(part);
    first.deps.deadline = bench.clock.now() + 1000;
    return Promise.resolve("saved");
  };
  assertEquals(await codeOf(() => first.extract(recording)), "out_of_time");
  assertEquals([first.saved.length, bench.service.files.size, first.deps.left.size], [1, 1, 1]);

  const second = worker(bench);
  const parts = await second.extract({ ...recording, extractions: first.saved });
  assertEquals(bench.count("bytes"), 1);
  assertEquals(parts.map(({ from_seconds }) => from_seconds), [0, 600, 1200]);
  assertEquals(second.saved.map(({ part }) => part), [1, 2]);
  assertClean(bench, second.deps);
});

Deno.test("a file that is at Gemini already is not uploaded again", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(lasting(30));
  const first = worker(bench);
  bench.service.fail({ on: "generate", status: 503, times: 4 });
  assertEquals(await codeOf(() => first.extract(recording)), "model_unavailable");
  assertEquals([...first.deps.left], [
    await fileName(recording),
  ]);
  const second = worker(bench);
  await second.extract(recording);
  assertEquals(bench.count("bytes"), 1);
  assertClean(bench, second.deps);
});

Deno.test("an answer that is cut off, or loops, is asked for in smaller windows", async () => {
  await using bench = await startWorkbench();
  const { deps, extract } = worker(bench);
  bench.service.fail({ on: "generate", answer: { finishReason: "MAX_TOKENS" } });
  let calls = 0;
  bench.service.answer = (request) => {
    const { from_seconds } = asked(request).window;
    return ++calls === 2
      ? speech(...Array.from({ length: 60 }, () => says(from_seconds, "Thank you. ")))
      : speech(says(from_seconds, `from ${from_seconds}`));
  };
  const parts = await extract(bench.record(lasting(400)));
  assertEquals(
    parts.map(({ from_seconds, to_seconds }) => [from_seconds, to_seconds]),
    [[0, 100], [100, 200], [200, 300], [300, null]],
  );
  assertClean(bench, deps);
});

Deno.test("a minute that is still cut off is model_truncated", async () => {
  await using bench = await startWorkbench();
  const { extract } = worker(bench);
  bench.service.fail({ on: "generate", answer: { finishReason: "MAX_TOKENS" }, times: 9 });
  assertEquals(await codeOf(() => extract(bench.record(lasting(400)))), "model_truncated");
  assertEquals(bench.count("generate"), 3);
});

Deno.test("all answers that were no use count as attempts, and no more are paid for than are left", async () => {
  await using bench = await startWorkbench();
  bench.service.fail({ on: "generate", answer: { finishReason: "MAX_TOKENS" }, times: 9 });
  for (const [triesLeft, paid] of [[5, 3], [2, 2], [1, 1]]) {
    const before = bench.count("generate");
    const { extract } = worker(bench, { triesLeft });
    const error = await assertRejects(() => extract(bench.record(lasting(400))), AppError);
    assertEquals([error.code, error.tries], ["model_truncated", paid]);
    assertEquals(bench.count("generate") - before, paid);
  }
});

Deno.test("a part that is saved is progress: what was paid for in vain before counts no more", async () => {
  await using bench = await startWorkbench();
  let calls = 0;
  // Each window is cut off once before its half is heard.
  bench.service.answer = (request) => {
    const { from_seconds } = asked(request).window;
    const text = ++calls % 2 ? "Thank you. ".repeat(60) : `from ${from_seconds}`;
    return speech(says(from_seconds, text));
  };
  const { extract, saved } = worker(bench, { triesLeft: 2 });
  const error = await assertRejects(() => extract(bench.record(lasting(400))), AppError);
  assertEquals([error.code, error.tries, saved.length, calls], ["model_truncated", 1, 2, 5]);
});

Deno.test("a file that vanishes between upload and use is uploaded again", async () => {
  await using bench = await startWorkbench();
  const { deps, extract } = worker(bench);
  bench.service.fail({ on: "file", gone: true });
  assertEquals((await extract(bench.record(lasting(30)))).length, 1);
  assertEquals(bench.count("bytes"), 2);
  assertClean(bench, deps);
});

const refused = { error: { code: 400, status: "INVALID_ARGUMENT", message: "Unsupported" } };
for (
  const [what, fault, code] of [
    ["can't read", { on: "generate", status: 400, body: refused }, "file_rejected"],
    ["refuses", { on: "generate", answer: { finishReason: "SAFETY" } }, "file_refused"],
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
  const excluded = bench.record(lasting(30), { excluded: "too_large" });
  assertEquals(await codeOf(() => extract(excluded)), "file_excluded");
  assertEquals(bench.count("start"), 0);
  assertClean(bench, deps);
});

Deno.test("nothing begins when less time is left than a call of the model may take", async () => {
  await using bench = await startWorkbench();
  const { extract } = worker(bench, { deadline: bench.clock.now() + 49_000 });
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

Deno.test("a deletion that fails leaves the extraction alone and is told", async () => {
  await using bench = await startWorkbench();
  const { deps, saved, extract } = worker(bench);
  const recording = bench.record(lasting(30));
  bench.service.fail({ on: "delete", status: 500, times: 3 });
  assertEquals((await extract(recording)).length, 1);
  const name = await fileName(recording);
  assertEquals([saved.length, [...deps.left]], [1, [name]]);
});
