/** Recordings that the model hears wrongly, in part, or only in parts. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { denseSpeech } from "../../local/samples/dense_speech.ts";
import type { Lapse } from "../../local/stand_ins/gemini/lapses.ts";
import type { GenerateRequest } from "../../local/stand_ins/gemini/server.ts";
import { wav } from "./cases.ts";
import { USUAL } from "./counts.ts";
import { assertNothingLeft, type Row, sample, type Scene, withFunction } from "./harness.ts";

const test = withFunction();

/** A recording of so many seconds, as Gemini counts them. */
const lasting = (seconds: number) => wav(seconds * 32_000).bytes;
interface Asked {
  after: { text: string; start: number } | null;
  from_seconds: number;
}
const askedOf = ({ texts }: GenerateRequest): Asked => JSON.parse(texts[0]);

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

/** Everything that was said is there once, in its order, in parts that follow one another. */
async function assertHeard(scene: Scene, said: { text: string }[]): Promise<Row["extractions"]> {
  const { extractions } = await scene.row();
  assertEquals(extractions.map(({ part }) => part), extractions.map((_, index) => index));
  const ends = extractions.map(({ to_seconds }) => to_seconds === null ? null : Number(to_seconds));
  assertEquals(
    extractions.map(({ from_seconds }) => Number(from_seconds)),
    [0, ...ends.slice(0, -1)],
  );
  assertEquals(ends.at(-1), null);
  assertEquals(
    extractions.flatMap(({ segments }) => segments.map(({ text }) => text)),
    said.map(({ text }) => text),
  );
  return extractions;
}

/** Dense talk in the consultation, of which the model writes 150 tokens a second. */
async function talks(scene: Scene, talk: Parameters<typeof denseSpeech>[0]) {
  const { bytes, sample } = denseSpeech(talk);
  scene.gemini.samples.push(sample);
  scene.gemini.behaviour.pace = { tokensPerSecond: 150, clock: scene.clock.service };
  await scene.upload(bytes);
  return sample;
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
  assertEquals(scene.counts(), { ...USUAL, listen: 2, compose: 0, verify: 0 });
  await assertNothingLeft(scene);
});

test("a recording that the model did not hear is named, and what it made up is not saved", async (scene) => {
  await scene.upload(await sample("prescription.jpg"), "image/jpeg", "jpg");
  await scene.invoke();
  const path = await scene.upload(await sample("consultation.webm"));
  scene.gemini.fail({ on: "generate", answer: { noAudio: true }, times: 2 });
  scene.counts();
  const { status, body } = await scene.invoke();
  assertEquals(status, 200);
  assertEquals(body.files_processed.errors, [
    { path, code: "file_not_heard", message: "The model did not hear the recording." },
  ]);
  assertEquals(scene.counts(), { ...USUAL, listen: 2 });
  assertEquals((await scene.row()).extractions, []);
  await assertNothingLeft(scene);
});

test("an answer that is cut off or loops is kept up to there, and the next goes on", async (scene) => {
  const sample = await talks(scene, { minutes: 10 });
  scene.gemini.behaviour.pace = undefined;
  scene.gemini.fail({ on: "generate", answer: { finishReason: "MAX_TOKENS", truncateAt: 0.3 } });
  const lapse = { loops: { after: 20, times: 40 } };
  scene.gemini.fail({ on: "generate", answer: { lapse } });
  const { body } = await scene.invoke();
  assertEquals(body.files_processed, { audio: 1, images: 0, errors: [] });
  const extractions = await assertHeard(scene, sample.segments);
  assertEquals(extractions.map(({ usage }) => usage.calls), [1, 1, 1]);
  assertEquals(extractions[1].segments.length, 20);
  assert(extractions[1].usage.output_tokens > 2000, "the loop's tokens are counted");
  assertEquals(scene.counts(), { ...USUAL, listen: 3 });
  await assertNothingLeft(scene);
});

test("answers that gain nothing end in model_truncated, after as many requests as there are attempts", async (scene) => {
  await scene.allowAttempts(3);
  await scene.upload(lasting(400), "audio/wav", "wav");
  const cut = { finishReason: "MAX_TOKENS", truncateAt: 0.1 };
  scene.gemini.fail({ on: "generate", answer: cut, times: 9 });
  const { status, body } = await scene.invoke();
  assertEquals([status, body.error.code], [502, "model_truncated"]);
  const { files, ...row } = await scene.row();
  assertEquals([row.status, row.error_code], ["failed", "model_truncated"]);
  assertEquals(files, [{ kind: "audio", outcome: "failed", code: "model_truncated" }]);
  await assertNothingLeft(scene);
  assertEquals(scene.counts(), { ...USUAL, listen: 3, compose: 0, verify: 0 });
});

test("half an hour of dense speech takes the model two minutes, and nothing of it is missing", async (scene) => {
  const sample = await talks(scene, { minutes: 30 });
  const start = scene.clock.now();
  const { status, body } = await scene.invoke();
  assertEquals([status, body.files_processed], [200, { audio: 1, images: 0, errors: [] }]);
  const seconds = (scene.clock.now() - start) / 1000;
  assert(seconds > 110 && seconds < 150, `${seconds} s`);
  await assertHeard(scene, sample.segments);
  assertEquals(scene.gemini.unreadTokens, 0);
  await assertNothingLeft(scene);
});

/** An isolate of the plan of 150 s that is a minute old. */
async function halfUsed(scene: Scene): Promise<void> {
  await scene.replaceIsolate({ WALL_CLOCK_SECONDS: "150" });
  scene.isolates.splice(0, 1);
  scene.clock.pass(60_000);
}

/** Of two hours, as a multiple of the sound's own input; shorter ones take fewer. */
const MOST_CALLS = 11;

for (
  const [what, talk, lapse] of [
    ["half an hour of dense speech", { minutes: 30 }, {}],
    ["half an hour of dense speech, by a clock that is late", { minutes: 30 }, {
      drift: 1.01,
      overlap: 2,
      rewords: true,
    }],
    ["an hour with ten minutes of silence", { minutes: 60, silences: [[1500, 2100]] }, {}],
    ["two hours of dense speech", { minutes: 120 }, {}],
  ] as [string, Parameters<typeof denseSpeech>[0], Lapse][]
) {
  test(`${what} is heard by isolates of 150 s, the first of them half used, and no answer is dropped`, async (scene) => {
    const sample = await talks(scene, talk);
    scene.gemini.behaviour.lapse = lapse;
    await halfUsed(scene);
    assertEquals((await scene.invoke()).status, 202);
    await scene.until(async () => (await scene.row()).status === "completed");
    const extractions = await assertHeard(scene, sample.segments);
    const calls = extractions.reduce((sum, { usage }) => sum + usage.calls, 0);
    assertEquals(scene.counts().listen, calls, "each answer is in a part");
    assertEquals(calls - extractions.length, 0);
    // Each is given, and pays for, all of the sound.
    assert(calls <= MOST_CALLS, `${calls} calls`);
    assert(scene.isolates.length > 1);
    await assertNothingLeft(scene);
  });
}

test("a recording is resumed after its second part, from the file that is there", async (scene) => {
  const sample = await talks(scene, { minutes: 60 });
  scene.gemini.behaviour.pace = undefined;
  const cut = { finishReason: "MAX_TOKENS", truncateAt: 0.3 };
  scene.gemini.fail({ on: "generate", answer: cut, times: 2 });
  scene.gemini.fail({ on: "generate", status: 503, times: 4 });
  const first = await scene.invoke();
  assertEquals([first.status, first.body.status], [202, "queued"]);
  const { length } = (await scene.row()).extractions.flatMap(({ segments }) => segments);
  assertEquals((await scene.row()).extractions.length, 2);
  assertEquals(scene.counts(), { ...USUAL, listen: 6, compose: 0, verify: 0, delete: 0 });
  assertEquals(scene.gemini.files.size, 1);

  await scene.due();
  const asked: Asked[] = [];
  scene.gemini.answer = (request) => {
    if (request.files.length > 0) asked.push(askedOf(request));
    return undefined;
  };
  const { status, body } = await scene.invoke();
  assertEquals([status, body.summary_id], [200, first.body.summary_id]);
  const [{ after }] = asked;
  assert(after!.text.endsWith(sample.segments[length - 1].text.slice(-20)));
  await assertHeard(scene, sample.segments);
  await assertNothingLeft(scene);
  assertEquals(scene.counts(), { ...USUAL, open: 0, start: 0, bytes: 0, delete: 2 });
});

test("a stretch that the model refuses is left out, and what follows is heard", async (scene) => {
  const sample = await talks(scene, { minutes: 10 });
  scene.gemini.behaviour.pace = undefined;
  scene.gemini.fail({ on: "generate", answer: { finishReason: "SAFETY", truncateAt: 0.3 } });
  const refused = { finishReason: "SAFETY", text: "" };
  scene.gemini.fail({ on: "generate", answer: refused, times: 2 });
  const { status } = await scene.invoke();
  assertEquals(status, 200);
  const { extractions } = await scene.row();
  const texts = extractions.flatMap(({ segments }) => segments.map(({ text }) => text));
  const [, { from_seconds, to_seconds }] = extractions;
  assertEquals([extractions.length, Number(to_seconds) - Number(from_seconds)], [3, 60]);
  const others = sample.segments
    .filter(({ start }) => start <= Number(from_seconds) || start >= Number(to_seconds));
  assertEquals(texts, others.map(({ text }) => text));
  await assertNothingLeft(scene);
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
    const { template, uncited } = JSON.parse(texts[0]);
    if (uncited) return undefined;
    composed++;
    if (texts.length > 1) {
      return { statements: [{ n: 1, text: english, evidence: ["s1"], medication: null }] };
    }
    return {
      clinical_content: true,
      sections: template.sections.map((section: string, index: number) => ({
        section,
        heading: section,
        statements: index > 0 ? [] : [{ text: swedish, evidence: ["s1"], medication: null }],
      })),
    };
  };
  const { status, body } = await scene.invoke({ template_config: { language: "English" } });
  assertEquals(status, 200);
  assertStringIncludes(body.summary, english);
  const [{ text, evidence }] = body.sections[0].statements;
  assertEquals([text, evidence[0].text], [english, swedish]);
  assertEquals(scene.counts(), { ...USUAL, listen: 2, compose: 2 });
  await assertNothingLeft(scene);
});
