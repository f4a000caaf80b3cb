import { assert, assertEquals, assertRejects } from "@std/assert";
import { noUsage } from "../../../supabase/functions/generate-summary/core/domain.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { PROMPT_VERSION } from "../../../supabase/functions/generate-summary/core/prompt_version.ts";
import {
  AUDIO_SCHEMA,
  AUDIO_SYSTEM,
  IMAGE_SCHEMA,
  IMAGE_SYSTEM,
} from "../../../supabase/functions/generate-summary/extract/prompt.ts";
import { hearWindow } from "../../../supabase/functions/generate-summary/extract/window.ts";
import type {
  GenerateRequest,
  Model,
} from "../../../supabase/functions/generate-summary/models/model.ts";
import { asked, assertClean, lasting, says, speech, worker } from "../extracting.ts";
import { codeOf, startWorkbench } from "../workbench.ts";

Deno.test("an answer out of shape is repaired once, by naming the fault", async () => {
  await using bench = await startWorkbench();
  const { deps, extract } = worker(bench);
  const faults: (string | undefined)[] = [];
  bench.service.answer = (request) => {
    const { fault } = asked(request);
    faults.push(fault);
    return fault ? speech(says(1, "Hello")) : { ...speech(), segments: [{ text: "Hello" }] };
  };
  const [part] = await extract(bench.record(lasting(30)));
  assertEquals(part.segments.map(({ text }) => text), ["Hello"]);
  assertEquals([faults[0], part.usage.calls], [undefined, 2]);
  assert(faults[1]?.includes("segments.0.start"));
  bench.service.answer = () => ({ nothing: true });
  assertEquals(await codeOf(() => extract(bench.record(lasting(30)))), "model_answer");
  assertEquals(bench.count("generate"), 4);
  assertEquals(deps.left.size, 1);
});

Deno.test("an answer with another window's words is repaired or refused, never saved", async () => {
  await using bench = await startWorkbench();
  const { saved, extract } = worker(bench);
  bench.service.answer = () => speech(says(5, "Good morning"));
  assertEquals(await codeOf(() => extract(bench.record(lasting(900)))), "model_answer");
  assertEquals(saved.map(({ part }) => part), [0]);
});

Deno.test("a recording that the model did not hear is file_not_heard, and nothing is saved", async () => {
  await using bench = await startWorkbench();
  const { deps, saved, extract } = worker(bench);
  bench.service.fail({ on: "generate", answer: { noAudio: true } });
  assertEquals(await codeOf(() => extract(bench.record(lasting(30)))), "file_not_heard");
  assertEquals([saved.length, bench.count("generate")], [0, 1]);
  assertClean(bench, deps);
});

const FILE = { name: "files/a", uri: "https://model.example/files/a", mimeType: "audio/webm" };
const WINDOW = { from_seconds: 600, to_seconds: 1200 };

/** A model that gives these answers in turn, each with so many tokens of audio. */
function hearing(answers: unknown[], audioTokens: number | null = 960) {
  const requests: GenerateRequest[] = [];
  const usage = noUsage();
  const model: Pick<Model, "generate"> = {
    generate(request) {
      const value = answers[requests.length];
      requests.push(request);
      request.usage.calls++;
      return Promise.resolve({ value, model: `model-${requests.length}`, audioTokens });
    },
  };
  const limits = { model: model as Model, deadline: 5_000_000 };
  const hear = (kind: "audio" | "image" = "audio", triesLeft = 5) =>
    hearWindow(FILE, kind, WINDOW, usage, { ...limits, triesLeft });
  return { hear, requests, usage };
}

Deno.test("a recording is asked for by its window, a picture as a whole", async () => {
  const audio = hearing([speech(says(700, "Hello"))]);
  await audio.hear();
  const [heard] = audio.requests;
  assertEquals(heard.parts, [
    { file: FILE },
    { text: JSON.stringify({ task: "extract", kind: "audio", window: WINDOW }) },
  ]);
  assertEquals([heard.system, heard.schema], [AUDIO_SYSTEM, AUDIO_SCHEMA]);
  assertEquals([heard.deadline, heard.usage === audio.usage], [5_000_000, true]);

  const image = hearing([{ legible: false, language: null, segments: [] }], null);
  await image.hear("image");
  const [seen] = image.requests;
  assertEquals(
    seen.parts[1],
    { text: JSON.stringify({ task: "extract", kind: "image", window: null }) },
  );
  assertEquals([seen.system, seen.schema], [IMAGE_SYSTEM, IMAGE_SCHEMA]);
});

Deno.test("what is heard carries the model that answered and the version of the prompt", async () => {
  const { hear, usage } = hearing(["no object", speech(says(700, "Hello"))]);
  const { segments, found, model, prompt_version } = await hear();
  assertEquals(segments.map(({ kind, text }) => [kind, text]), [["speech", "Hello"]]);
  assertEquals([found.content, model, prompt_version], [true, "model-2", PROMPT_VERSION]);
  assertEquals(usage.calls, 2);
});

Deno.test("an answer in circles is as one that was cut off: less is to be asked for", async () => {
  const { hear, requests } = hearing([speech(says(700, "Thank you. ".repeat(60)))]);
  assertEquals(await codeOf(hear), "model_truncated");
  assertEquals(requests.length, 1);
});

Deno.test("the same fault twice is model_answer, and both answers count", async () => {
  const { hear, requests } = hearing([{}, {}, speech(says(700, "Hello"))]);
  const { code, tries } = await assertRejects(() => hear(), AppError);
  assertEquals([code, tries, requests.length], ["model_answer", 2, 2]);
});

Deno.test("an answer is not asked for once more with the last attempt that is left", async () => {
  const { hear, requests } = hearing([{}, speech(says(700, "Hello"))]);
  const { code, tries } = await assertRejects(() => hear("audio", 1), AppError);
  assertEquals([code, tries, requests.length], ["model_answer", 1, 1]);
});

Deno.test("no tokens of audio mean that nothing was heard, however good the answer looks", async () => {
  for (const tokens of [0, null]) {
    const { hear } = hearing([speech(says(700, "Hello"))], tokens);
    assertEquals(await codeOf(hear), "file_not_heard");
  }
});
