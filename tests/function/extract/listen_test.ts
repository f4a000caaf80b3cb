import { assert, assertEquals, assertRejects } from "@std/assert";
import { denseSpeech } from "../../../local/samples/dense_speech.ts";
import type { Lapse } from "../../../local/stand_ins/gemini/lapses.ts";
import { hear } from "../../../local/stand_ins/gemini/listening.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { Heard } from "../../../supabase/functions/generate-summary/extract/hearing.ts";
import { listen } from "../../../supabase/functions/generate-summary/extract/listen.ts";
import type { Question } from "../../../supabase/functions/generate-summary/extract/request.ts";
import type { Generation } from "../../../supabase/functions/generate-summary/models/model.ts";
import { says, speech } from "../extracting.ts";
import { fakeClock } from "../fake_clock.ts";

type Answer = Partial<Generation> | Error;

/** Listens to a recording of so many seconds with what `answer` gives for each question. */
function listening(
  seconds: number,
  answer: (question: Question, asked: number) => Answer,
  { parts = [], triesLeft = 5, left = 1_000_000 }: {
    parts?: Heard[];
    triesLeft?: number;
    /** Milliseconds. */
    left?: number;
  } = {},
) {
  const clock = fakeClock();
  const saved: Heard[] = [];
  const there = [...parts];
  const questions: Question[] = [];
  const lines: { event: string; code?: string; outside?: number }[] = [];
  const run = () =>
    listen({
      clock,
      log: createLog((line) => lines.push(JSON.parse(line))),
      deadline: clock.now() + left,
      parts: there,
      seconds,
      triesLeft,
      ask(question) {
        questions.push(question);
        assert(questions.length < 100, "it never ends");
        const given = answer(question, questions.length);
        return given instanceof Error ? Promise.reject(given) : Promise.resolve({
          text: "",
          cut: null,
          model: "model-1",
          audioTokens: seconds * 32,
          ...given,
        });
      },
      save(part) {
        saved.push(part);
        // As whoever keeps them does.
        there.push(part);
        return Promise.resolve();
      },
    });
  return { run, saved, questions, lines, clock };
}

const whole = (...segments: object[]): Answer => ({ text: JSON.stringify(speech(...segments)) });
const cutAt = (answer: Answer, characters: number, cut: Generation["cut"] = "timed_out"): Answer =>
  "text" in answer ? { ...answer, text: answer.text!.slice(0, characters), cut } : answer;
/** The answer, cut where it is longer. */
const atMost = (characters: number, answer: Answer): Answer =>
  "text" in answer && answer.text!.length > characters ? cutAt(answer, characters) : answer;
const silence: Answer = {
  text: JSON.stringify({ speech_found: false, language: null, segments: [] }),
};
const textsOf = (parts: Heard[]) =>
  parts.flatMap(({ segments }) => segments.map(({ text }) => text));

/** A model that hears dense talk, and says so many characters of it at a time. */
function dense(
  talk: Parameters<typeof denseSpeech>[0],
  { lapse = {}, characters = 30_000 }: { lapse?: Lapse; characters?: number } = {},
) {
  const { sample } = denseSpeech(talk);
  const answer = ({ after }: Question): Answer => {
    return atMost(characters, whole(...hear(sample, { after }, lapse)));
  };
  return {
    ...listening(talk.minutes * 60, answer),
    texts: sample.segments.map(({ text }) => text),
  };
}

/** Parts that follow one another, up to the recording's end. */
function assertWhole(parts: Heard[]): void {
  parts.forEach(({ from_seconds, to_seconds, is_last }, index) => {
    assertEquals(from_seconds, index === 0 ? 0 : parts[index - 1].to_seconds);
    assertEquals(is_last, index === parts.length - 1);
    assertEquals(to_seconds === null, is_last);
  });
  const starts = parts.flatMap(({ segments }) => segments.map(({ start }) => start!));
  assertEquals(starts, starts.toSorted((one, other) => one - other));
}

Deno.test("a recording is heard in as many answers as it takes, each saved as it comes", async () => {
  const { run, saved, questions, texts } = dense({ minutes: 30 });
  await run();
  assertWhole(saved);
  assertEquals(textsOf(saved), texts);
  assertEquals(saved.length, questions.length);
  assertEquals([questions[0].after, questions[0].from_seconds], [null, 0]);
  for (const [index, { after, from_seconds }] of questions.slice(1).entries()) {
    const last = saved[index].segments.at(-1)!;
    assertEquals([after?.start, from_seconds], [last.start, saved[index].to_seconds]);
    assert(last.text.endsWith(after!.text.slice(-20)));
  }
});

const LAPSES: [string, Lapse][] = [
  ["a clock that is a percent late", { drift: 1.01 }],
  ["a clock that is a percent early", { drift: 0.99 }],
  ["times in steps of five seconds", { roundTo: 5 }],
  ["turns that are said again", { overlap: 1 }],
  ["turns that are said again in other words, by a late clock", {
    overlap: 3,
    rewords: true,
    drift: 1.01,
  }],
];
for (const [what, lapse] of LAPSES) {
  Deno.test(`${what} loses and doubles no sentence of an hour`, async () => {
    const { run, saved, texts } = dense({ minutes: 60 }, { lapse });
    await run();
    assertWhole(saved);
    assertEquals(textsOf(saved), texts);
    const latest = saved.at(-1)!.segments.at(-1)!.start!;
    assert(latest <= 3600, `${latest}`);
  });
}

Deno.test("ten minutes of silence in the middle lose nothing", async () => {
  const talk = { minutes: 30, silences: [[600, 1200]] as [number, number][] };
  for (const lapse of [{}, { overlap: 2 }]) {
    const { run, saved, texts } = dense(talk, { lapse, characters: 20_000 });
    await run();
    assertWhole(saved);
    assertEquals(textsOf(saved), texts);
  }
});

Deno.test("it goes on from what was saved before, in its words", async () => {
  const first = dense({ minutes: 30 });
  await first.run();
  const { sample } = denseSpeech({ minutes: 30 });
  const parts = first.saved.slice(0, 2);
  const second = listening(1800, ({ after }) => whole(...hear(sample, { after }, {})), { parts });
  await second.run();
  assertWhole([...parts, ...second.saved]);
  assertEquals(textsOf([...parts, ...second.saved]), first.texts);
});

Deno.test("a model that ends long before the recording does is asked once more, and then believed", async () => {
  const talk = [says(0, "Good morning."), says(10, "Sit down."), says(40, "What is it?")];
  const { run, saved, questions } = listening(
    600,
    (_, asked) => asked === 1 ? whole(...talk) : whole(talk[2]),
  );
  await run();
  assertWhole(saved);
  assertEquals([questions.length, saved.length, textsOf(saved).length], [2, 2, 3]);
  assertEquals(saved.at(-1)?.segments, []);

  const more = [says(300, "I nearly forgot."), says(330, "My knee."), says(580, "Goodbye.")];
  const again = listening(600, (_, asked) => asked === 1 ? whole(...talk) : whole(...more));
  await again.run();
  assertEquals([again.questions.length, textsOf(again.saved).length], [2, 6]);
});

Deno.test("a few words in a long silence are one part", async () => {
  const { run, saved, questions } = listening(
    600,
    (_, asked) => asked === 1 ? whole(says(5, "Hello?")) : whole(),
    { triesLeft: 1 },
  );
  await run();
  assertEquals([questions.length, saved.length, textsOf(saved)], [2, 1, ["Hello?"]]);
  assertWhole(saved);
});

Deno.test("that nobody speaks is believed at the second answer, which had time to think", async () => {
  for (const nothing of [silence, whole()]) {
    const { run, saved, questions } = listening(30, () => nothing, { triesLeft: 1 });
    await run();
    assertEquals(saved.map(({ segments, found, is_last }) => [segments, found.content, is_last]), [
      [[], false, true],
    ]);
    assertEquals(questions.map(({ doubted }) => doubted), [false, true]);
    assert(questions[1].fault?.includes("nobody speaks"));
  }
  const heard = listening(30, (_, asked) => asked === 1 ? silence : whole(says(1, "I am here.")));
  await heard.run();
  assertEquals(textsOf(heard.saved), ["I am here."]);
});

Deno.test("a recording without a token of sound at the second look was not heard", async () => {
  const made = { ...whole(says(1, "I have a cough.")), audioTokens: 0 };
  const { run, saved, questions } = listening(30, () => made, { triesLeft: 1 });
  assertEquals((await assertRejects(run, AppError)).code, "file_not_heard");
  assertEquals([saved, questions.length], [[], 2]);

  const once = listening(30, (_, asked) => asked === 1 ? made : whole(says(1, "Hello")));
  await once.run();
  assertEquals(textsOf(once.saved), ["Hello"]);
});

Deno.test("an answer that doesn't say what was heard, or was cut off, is none without sound", async () => {
  const told = listening(30, () => ({ ...whole(says(1, "Hello")), audioTokens: null }));
  await told.run();
  assertEquals(textsOf(told.saved), ["Hello"]);
  const talk = whole(says(1, "I have a cough."), says(9, "And a fever."));
  const cut = listening(
    30,
    (_, asked) => asked < 3 ? { ...cutAt(talk, 150), audioTokens: 0 } : whole(says(1, "Hello")),
  );
  await cut.run();
  assertEquals(textsOf(cut.saved), ["Hello"], "what nobody heard is not saved");
});

Deno.test("answers that gain nothing end it after five in a row, or as many as are left", async () => {
  const little = cutAt(whole(says(0, "Hello."), says(2, "Hello?"), says(4, "Well.")), 1000);
  for (const triesLeft of [5, 2, 1]) {
    const { run, saved, questions } = listening(600, () => little, { triesLeft });
    const { code, tries } = await assertRejects(run, AppError);
    assertEquals([code, tries, questions.length], ["model_truncated", triesLeft, triesLeft]);
    assertEquals(saved, []);
  }
});

Deno.test("a part that is saved is progress: what was paid for in vain before counts no more", async () => {
  const { sample } = denseSpeech({ minutes: 30 });
  const { run, saved } = listening(
    1800,
    ({ after }, asked) =>
      asked % 2 ? cutAt(whole(), 5) : atMost(20_000, whole(...hear(sample, { after }, {}))),
    {
      triesLeft: 2,
    },
  );
  await run();
  assertEquals(textsOf(saved).length, sample.segments.length);
});

Deno.test("what is wrong with an answer's form is told with the next question", async () => {
  const { run, questions } = listening(
    30,
    (_, asked) => asked === 1 ? { text: '{"speech_found":true}' } : whole(says(1, "Hello")),
  );
  await run();
  assertEquals(questions[0].fault, undefined);
  assert(questions[1].fault?.includes("segments"));
});

Deno.test("an answer about another stretch is dropped and counted, and asked for again", async () => {
  const { sample } = denseSpeech({ minutes: 30 });
  const { run, saved, questions, lines } = listening(
    1800,
    ({ after }, asked) =>
      asked === 2
        ? whole(says(1, "Some other talk."), says(3, "Of somebody else."))
        : atMost(30_000, whole(...hear(sample, { after }, {}))),
  );
  await run();
  assertEquals(textsOf(saved), sample.segments.map(({ text }) => text));
  assert(questions[2].fault?.includes("None of its turns"));
  const [told] = lines.filter(({ outside }) => outside);
  assertEquals([told.event, told.code, told.outside], ["cut", "elsewhere", 2]);
  assert(!JSON.stringify(lines).includes("talk"));
});

Deno.test("a looping phrase ends the part before it, and it goes on behind", async () => {
  const { sample } = denseSpeech({ minutes: 10 });
  const { run, saved } = listening(
    600,
    ({ after }, asked) =>
      whole(...hear(sample, { after }, asked === 1 ? { loops: { after: 20, times: 40 } } : {})),
  );
  await run();
  assertWhole(saved);
  assertEquals(saved[0].segments.length, 20);
  assertEquals(textsOf(saved), sample.segments.map(({ text }) => text));
});

const refused: Answer = { text: "", cut: "refused" };

Deno.test("a stretch that is refused twice is left out, and it goes on behind it", async () => {
  const { sample } = denseSpeech({ minutes: 10 });
  const { run, saved, questions, lines } = listening(600, ({ after, from_seconds }, asked) => {
    if (asked === 1) return cutAt(whole(...sample.segments), 10_000, "refused");
    if (after) return refused;
    return whole(...sample.segments.filter(({ start }) => start >= from_seconds));
  });
  await run();
  assertWhole(saved);
  assertEquals(saved.map(({ found }) => found.missing), [undefined, "file_refused", undefined]);
  const [, skipped] = saved;
  assertEquals([skipped.segments, skipped.found.content], [[], false]);
  assertEquals(skipped.to_seconds! - skipped.from_seconds, 60);
  assertEquals(questions.slice(1).map(({ after }) => after !== null), [true, true, false]);
  assert(saved[2].segments[0].start! >= skipped.to_seconds!);
  assertEquals(lines.filter(({ event }) => event === "skipped").length, 1);
});

Deno.test("a refusal that passes leaves nothing out", async () => {
  const { run, saved } = listening(
    30,
    (_, asked) => asked === 1 ? refused : whole(says(1, "Hello")),
    {
      triesLeft: 1,
    },
  );
  await run();
  assertEquals(saved.map(({ found }) => found.missing), [undefined]);
});

Deno.test("what came before a refusal is not left out with it", async () => {
  const few = cutAt(whole(says(0, "Good morning."), says(3, "Sit down.")), 1000, "refused");
  const { run, saved } = listening(
    300,
    ({ after, from_seconds }) =>
      from_seconds < 60 ? few : after ? whole() : whole(says(250, "Goodbye.")),
  );
  await run();
  assertEquals(textsOf(saved), ["Good morning.", "Sit down.", "Goodbye."]);
  assertWhole(saved);
});

Deno.test("five stretches in a row that are refused are the rest", async () => {
  const { run, saved, questions } = listening(3600, () => refused, { triesLeft: 1 });
  assertEquals((await assertRejects(run, AppError)).code, "file_refused");
  assertEquals(questions.length, 10);
  assertEquals(saved.map(({ from_seconds }) => from_seconds), [0, 60, 120, 180, 240]);
});

Deno.test("the last minute that is refused is the end", async () => {
  const { run, saved } = listening(50, () => refused);
  await run();
  assertEquals(
    saved.map(({ is_last, to_seconds, found }) => [is_last, to_seconds, found.missing]),
    [
      [true, null, "file_refused"],
    ],
  );
});

Deno.test("a prompt that is blocked twice is refused", async () => {
  const blocked: Answer = { cut: "blocked" };
  const twice = listening(30, () => blocked, { triesLeft: 1 });
  assertEquals((await assertRejects(twice.run, AppError)).code, "file_refused");
  assertEquals(twice.questions.length, 2);
  const once = listening(30, (_, asked) => asked === 1 ? blocked : whole(says(1, "Hello")));
  await once.run();
  assertEquals(textsOf(once.saved), ["Hello"]);
});

Deno.test("a service in trouble within an answer is left alone as it asks, or until later", async () => {
  const { sample } = denseSpeech({ minutes: 10 });
  const answer = ({ after }: Question, asked: number): Answer => {
    const said = whole(...hear(sample, { after }, {}));
    return asked === 1 ? { ...cutAt(said, 10_000, "rate_limited"), delay: 11_700 } : said;
  };
  const patient = listening(600, answer);
  await patient.run();
  const [slept] = patient.clock.slept;
  assert(slept >= 11_700 && slept <= 15_000, String(slept));
  assertEquals(textsOf(patient.saved), sample.segments.map(({ text }) => text));

  const late = listening(600, answer, { left: 20_000 });
  const { code, retryAfter } = await assertRejects(late.run, AppError);
  assertEquals([code, retryAfter, late.saved.length], ["model_rate_limited", 11.7, 1]);
});

Deno.test("an answer that the work's end cut short is no answer in vain", async () => {
  const little = cutAt(whole(says(0, "Hello.")), 1000);
  const { run } = listening(600, () => little, { triesLeft: 1, left: 10_000 });
  assertEquals((await assertRejects(run, AppError)).code, "out_of_time");
});

Deno.test("an error counts the answers in vain before it", async () => {
  const { run } = listening(
    600,
    (_, asked) => asked < 3 ? cutAt(whole(), 5) : new AppError("model_unavailable"),
  );
  const { code, tries } = await assertRejects(run, AppError);
  assertEquals([code, tries], ["model_unavailable", 3]);
});

/** Of what is left of an isolate's time, one answer of dense talk takes all but so many milliseconds. */
const withTimeLeft = (minutes: number, left: number) => {
  const { sample } = denseSpeech({ minutes });
  const heard = listening(minutes * 60, ({ after }) => {
    if (!after) heard.clock.sleep(100_000 - left);
    return atMost(30_000, whole(...hear(sample, { after }, {})));
  }, { left: 100_000 });
  return heard;
};

Deno.test("little time hears the little that is left, and begins nothing long", async () => {
  const long = withTimeLeft(60, 20_000);
  assertEquals((await assertRejects(long.run, AppError)).code, "out_of_time");
  assertEquals([long.questions.length, long.saved.length], [1, 1]);
  for (const [minutes, left] of [[14, 20_000], [25, 40_000]]) {
    const { run, questions } = withTimeLeft(minutes, left);
    await run();
    assertEquals(questions.length, 2);
  }
});
