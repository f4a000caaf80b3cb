/** Recordings that the model hears wrongly, in part, or only in parts. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { denseSpeech } from "../../local/samples/dense_speech.ts";
import type { GenerateRequest } from "../../local/stand_ins/gemini/server.ts";
import { wav } from "./cases.ts";
import { USUAL } from "./counts.ts";
import { assertNothingLeft, sample, type Scene, withFunction } from "./harness.ts";

const test = withFunction();

/** A recording of so many seconds, as Gemini counts them. */
const lasting = (seconds: number) => wav(seconds * 32_000).bytes;
/** The same, small enough for hours. */
const hours = (count: number) => {
  const bytes = lasting(count * 3600 / 8);
  bytes.set([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d]);
  return bytes;
};

interface Window {
  from_seconds: number;
  to_seconds: number | null;
}
const windowOf = ({ texts }: GenerateRequest): Window => JSON.parse(texts[0]).window;

const says = (start: number, text: string) => ({
  speaker: "doctor",
  start,
  text,
  mentions: { drugs: [], quantities: [] },
});
const speech = (segments: object[], language = "en") => ({
  speech_found: true,
  language,
  segments,
});

const numbers = (from: number, to: number, step: number) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);

/** What is said: one sentence every half minute, no two alike. */
const spoken = (seconds: number) =>
  numbers(0, seconds, 30).map((start) => says(start, `It began ${start} days ago.`));

/**
 * The model hears a recording that long, and gives a minute too much on either side of what it is
 * asked for; each answer takes it so many milliseconds.
 */
function hears(
  { gemini, clock }: Scene,
  seconds: number,
  ms = 0,
  answered = () => {},
): Window[] {
  const asked: Window[] = [];
  gemini.answer = (request) => {
    if (request.files.length === 0) return undefined;
    const window = windowOf(request);
    asked.push(window);
    clock.pass(ms);
    answered();
    const [from, to] = [window.from_seconds - 60, (window.to_seconds ?? Infinity) + 60];
    return speech(spoken(seconds).filter(({ start }) => start >= from && start < to));
  };
  return asked;
}

/** Everything is there once, in its order, and the parts join. */
async function assertJoined(scene: Scene, seconds: number, parts: number): Promise<void> {
  const { extractions, sections } = await scene.row();
  assertEquals(extractions.map(({ part }) => part), numbers(0, parts, 1));
  assertEquals(
    extractions.map(({ from_seconds, to_seconds }) => [Number(from_seconds), Number(to_seconds)]),
    extractions.map((_, part) => [part * 600, part === parts - 1 ? 0 : (part + 1) * 600]),
  );
  const texts = spoken(seconds).map(({ text }) => text);
  assertEquals(extractions.flatMap(({ segments }) => segments.map(({ text }) => text)), texts);
  const evidence = sections!.flatMap(({ statements }) => statements)
    .flatMap(({ evidence }) => evidence.map(({ text }) => text));
  assertEquals(evidence, texts);
}

test("a recording without speech has no part in the summary, and nothing is invented", async (scene) => {
  await scene.upload(await sample("prescription.jpg"), "image/jpeg", "jpg");
  await scene.upload(await sample("silence.webm"));
  // The model makes something up all the same.
  scene.gemini.answer = ({ files: [file] }) =>
    file?.file.mimeType.startsWith("audio/")
      ? { ...speech([says(1, "I have a cough.")]), speech_found: false }
      : undefined;
  const { body } = await scene.invoke();
  assertEquals(body.files_processed, { audio: 1, images: 1, errors: [] });
  assert(!JSON.stringify(body).includes("cough"));
  const [{ segments }] = (await scene.row()).extractions;
  assertEquals(segments, []);
  await assertNothingLeft(scene);
});

test("nothing but silence is no_clinical_content", async (scene) => {
  await scene.upload(await sample("silence.webm"));
  const { status, body } = await scene.invoke();
  assertEquals([status, body.error.code], [422, "no_clinical_content"]);
  const { files, ...row } = await scene.row();
  assertEquals([row.status, row.error_code], ["failed", "no_clinical_content"]);
  assertEquals(files, [{ kind: "audio", outcome: "used", code: null }]);
  assertEquals(scene.counts(), { ...USUAL, compose: 0 });
  await assertNothingLeft(scene);
});

test("a recording that the model did not hear is named, and what it made up is not saved", async (scene) => {
  await scene.upload(await sample("prescription.jpg"), "image/jpeg", "jpg");
  await scene.invoke();
  const path = await scene.upload(await sample("consultation.webm"));
  scene.gemini.fail({ on: "generate", answer: { noAudio: true } });
  scene.counts();
  const { status, body } = await scene.invoke();
  assertEquals(status, 200);
  assertEquals(body.files_processed.errors, [
    { path, code: "file_not_heard", message: "The model did not hear the recording." },
  ]);
  assertEquals(scene.counts(), USUAL);
  assertEquals((await scene.row()).extractions, []);
  await assertNothingLeft(scene);
});

test("an answer that is cut off or loops is asked for in smaller windows, and paid for once", async (scene) => {
  await scene.upload(lasting(400), "audio/wav", "wav");
  const windows: Window[] = [];
  scene.gemini.answer = (request) => {
    if (request.files.length === 0) return undefined;
    const window = windowOf(request);
    windows.push(window);
    if (windows.length === 2) {
      return speech(numbers(0, 60, 1).map((at) => says(window.from_seconds + at, "Thank you.")));
    }
    return speech([says(window.from_seconds, `It began ${window.from_seconds} days ago.`)]);
  };
  scene.gemini.fail({ on: "generate", answer: { finishReason: "MAX_TOKENS", truncateAt: 0.9 } });
  const { body } = await scene.invoke();
  assertEquals(body.files_processed, { audio: 1, images: 0, errors: [] });
  assertEquals(
    windows.map(({ from_seconds, to_seconds }) => [from_seconds, to_seconds]),
    [[0, null], [0, 200], [0, 100], [100, 200], [200, 300], [300, null]],
  );
  const { extractions } = await scene.row();
  assertEquals(extractions.map(({ segments }) => segments.length), [1, 1, 1, 1]);
  // The first part bears what was paid for in vain: the stand-in counts the whole file each time.
  assertEquals(extractions.map(({ usage }) => usage.calls), [3, 1, 1, 1]);
  assert(extractions[0].usage.output_tokens > 400, "the loop's tokens are counted");
  assertEquals(scene.counts(), { ...USUAL, listen: 6 });
  await assertNothingLeft(scene);
});

test("a minute that is still cut off is model_truncated, after three requests", async (scene) => {
  await scene.allowAttempts(3);
  await scene.upload(lasting(400), "audio/wav", "wav");
  scene.gemini.fail({ on: "generate", answer: { finishReason: "MAX_TOKENS" }, times: 9 });
  const { status, body } = await scene.invoke();
  assertEquals([status, body.error.code], [502, "model_truncated"]);
  const { files, ...row } = await scene.row();
  assertEquals([row.status, row.error_code], ["failed", "model_truncated"]);
  assertEquals(files, [{ kind: "audio", outcome: "failed", code: "model_truncated" }]);
  await assertNothingLeft(scene);
  assertEquals(scene.counts(), { ...USUAL, listen: 3, compose: 0 });
});

test("half an hour goes in windows of ten minutes, without doubles or gaps", async (scene) => {
  await scene.upload(hours(0.5));
  const asked = hears(scene, 1800);
  const { status, body } = await scene.invoke();
  assertEquals([status, body.files_processed.errors], [200, []]);
  assertEquals(asked.map(({ to_seconds }) => to_seconds), [600, 1200, null]);
  await assertJoined(scene, 1800, 3);
  assertEquals(scene.counts(), { ...USUAL, listen: 3 });
  await assertNothingLeft(scene);
});

test("half an hour of dense speech takes the model two minutes, and nothing of it is missing", async (scene) => {
  const { bytes, sample } = denseSpeech({ minutes: 30 });
  const { gemini, clock } = scene;
  gemini.samples.push(sample);
  gemini.behaviour.pace = { tokensPerSecond: 150, clock: clock.service };
  await scene.upload(bytes);
  const start = clock.now();
  const { status, body } = await scene.invoke();
  assertEquals([status, body.files_processed], [200, { audio: 1, images: 0, errors: [] }]);
  const seconds = (clock.now() - start) / 1000;
  assert(seconds > 110 && seconds < 150, `${seconds} s`);
  const { extractions } = await scene.row();
  assertEquals(
    extractions.flatMap(({ segments }) => segments.map(({ text }) => text)),
    sample.segments.map(({ text }) => text),
  );
  assertEquals(gemini.unreadTokens, 0);
  await assertNothingLeft(scene);
});

test("a recording is resumed after its third window, from the file that is there", async (scene) => {
  await scene.upload(hours(1));
  const asked = hears(scene, 3600);
  const unavailable = { on: "generate", status: 503, times: 4 } as const;
  const when = ({ body }: { body?: unknown }) => JSON.stringify(body).includes(":1800,");
  scene.gemini.fail({ ...unavailable, when });
  const first = await scene.invoke();
  assertEquals([first.status, first.body.status], [202, "queued"]);
  assertEquals((await scene.row()).extractions.length, 3);
  assertEquals(scene.counts(), { ...USUAL, listen: 7, compose: 0, delete: 0 });
  assertEquals(scene.gemini.files.size, 1);

  await scene.due();
  const { status, body } = await scene.invoke();
  assertEquals([status, body.summary_id], [200, first.body.summary_id]);
  assertEquals(asked.map(({ from_seconds }) => from_seconds), numbers(0, 3600, 600));
  await assertJoined(scene, 3600, 6);
  await assertNothingLeft(scene);
  assertEquals(scene.counts(), { ...USUAL, open: 0, bytes: 0, get: 1, listen: 3, delete: 2 });
});

test("two hours of audio are worked on by several isolates, each within its time", async (scene) => {
  await scene.upload(hours(2));
  await scene.replaceIsolate({ WALL_CLOCK_SECONDS: "150" });
  scene.isolates.splice(0, 1);
  const used: number[] = [];
  const asked = hears(scene, 7200, 30_000, () => {
    used.push(scene.clock.now() - scene.isolates.at(-1)!);
  });
  const { status, body } = await scene.invoke();
  assertEquals(status, 202);
  await scene.until(async () => (await scene.row()).status === "completed");
  assertEquals((await scene.row()).id, body.summary_id);
  assertEquals(asked.map(({ from_seconds }) => from_seconds), numbers(0, 7200, 600));
  await assertJoined(scene, 7200, 12);
  // Three windows fit into each isolate's time; what remains of the fourth is too little to compose.
  assert(used.every((ms) => ms <= 150_000 * 0.87));
  assertEquals(scene.isolates.length, 5);
  assertEquals(scene.lines.filter(({ event }) => event === "released").length, 4);
  await assertNothingLeft(scene);
  assertEquals(scene.counts(), {
    ...USUAL,
    peek: 4,
    start: 4,
    get: 3,
    count: 4,
    listen: 12,
    delete: 2,
  });
});

test("what is said in another language stays as it was said, and is summed up in the one asked for", async (scene) => {
  await scene.upload(await sample("consultation.webm"));
  const swedish = "Jag har haft ont i halsen i tre dagar och det gör ont att svälja.";
  const english = "Sore throat for 3 days, with pain on swallowing.";
  let composed = 0;
  scene.gemini.answer = ({ files, texts }) => {
    if (files.length > 0) {
      const mentions = { drugs: [], quantities: ["3 dagar"] };
      return speech([{ ...says(1, swedish), mentions }], "sv");
    }
    const { sections } = JSON.parse(texts[0]).template;
    composed++;
    const text = composed === 1 ? swedish : english;
    return {
      clinical_content: true,
      sections: sections.map((section: string, index: number) => ({
        section,
        heading: section,
        statements: index > 0 ? [] : [{ text, evidence: ["s1"], medication: null }],
      })),
    };
  };
  const { status, body } = await scene.invoke({ template_config: { language: "English" } });
  assertEquals(status, 200);
  assertStringIncludes(body.summary, english);
  const [{ text, evidence }] = body.sections[0].statements;
  assertEquals([text, evidence[0].text], [english, swedish]);
  assertEquals(scene.counts(), { ...USUAL, compose: 2 });
  await assertNothingLeft(scene);
});
