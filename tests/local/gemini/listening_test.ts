import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { denseSpeech } from "../../../local/samples/dense_speech.ts";
import type { Lapse } from "../../../local/stand_ins/gemini/lapses.ts";
import { loadSamples } from "../../../local/stand_ins/gemini/samples.ts";
import type { GeminiStandIn } from "../../../local/stand_ins/gemini/server.ts";
import { beforeLoop } from "../../../supabase/functions/generate-summary/extract/loops.ts";
import { asked, extraction, gemini, generate, NOISE, saidIn, sample, uploaded } from "./asking.ts";

interface Segment {
  text: string;
  start: number;
}

/** A stand-in that has such a recording; `ask` gives the segments that it then says there are. */
async function listening(gemini: GeminiStandIn, talk: Parameters<typeof denseSpeech>[0]) {
  const { bytes, sample } = denseSpeech(talk);
  gemini.samples.push(sample);
  const file = await uploaded(gemini, bytes);
  const ask = async (text: object, lapse?: Lapse): Promise<Segment[]> => {
    if (lapse) gemini.fail({ on: "generate", answer: { lapse } });
    return saidIn(await generate(gemini, extraction(file, text))).segments;
  };
  return { file, ask, script: sample.segments };
}

const windowed = (from_seconds: number, to_seconds: number | null) => ({
  window: { from_seconds, to_seconds },
});
const goOn = (after: Segment | null, until: number | null = null) => ({
  ...{ task: "extract", kind: "audio", until },
  after: after && { text: after.text, start: after.start },
});
const texts = (segments: Segment[]) => segments.map(({ text }) => text);
const times = (segments: Segment[]) => segments.map(({ start }) => start);

// --- Dense speech

Deno.test("dense speech of seven hours has no sentence twice, and 590 tokens a minute", () => {
  const { bytes, sample: { segments, sha256, seconds, statements } } = denseSpeech({
    minutes: 420,
  });
  assertEquals(new Set(texts(segments)).size, segments.length);
  assertEquals(seconds, 420 * 60);
  assert(bytes.length < 10_000);
  assertEquals(createHash("sha256").update(bytes).digest("hex"), sha256);
  const tokens = JSON.stringify(segments).length / 4 / 420;
  assert(Math.abs(tokens - 590) < 10, `${tokens} a minute`);
  assertEquals(beforeLoop(segments.slice(0, 500) as never).length, 500);
  for (const { text, evidence: [index] } of statements) {
    const { drugs, quantities } = segments[index].mentions;
    assertEquals(text, `${drugs[0]} ${quantities[0]}.`);
  }
  assertNotEquals(sha256, denseSpeech({ minutes: 10 }).sample.sha256);
});

Deno.test("dense speech is silent where it is told to be", () => {
  const { sample: { segments } } = denseSpeech({ minutes: 30, silences: [[600, 1200]] });
  assertEquals(segments.filter(({ start }) => start >= 600 && start < 1200), []);
  assertEquals(segments.find(({ start }) => start >= 600)!.start, 1200);
});

gemini("composes from dense speech, too", async (gemini) => {
  const { script } = await listening(gemini, { minutes: 6 });
  const segments = script.map(({ text }, index) => ({ id: `s${index}`, text }));
  const template = { prescription_format: "structured", sections: ["prescription"] };
  const compose = async () => saidIn(await generate(gemini, asked({ template, segments })));
  const { clinical_content, sections: [{ statements }] } = await compose();
  assertEquals([clinical_content, statements.length], [true, 2]);
  gemini.fail({ on: "generate", answer: { lapse: { nothingFound: true } } });
  assertEquals((await compose()).clinical_content, false);
});

// --- Which stretch

gemini("goes on after the words that it said last, until it is told to stop", async (gemini) => {
  const { ask, script } = await listening(gemini, { minutes: 30 });
  assertEquals(await ask(goOn(null, 600)), script.filter(({ start }) => start < 600));
  const at = script.findIndex(({ start }) => start >= 600);
  assertEquals(await ask(goOn(script[at - 1])), script.slice(at));
  assertEquals(await ask(goOn(script.at(-1)!)), []);
  // Both hold, where a request has both.
  const both = { ...goOn(script[at - 1], 900), ...windowed(700, 1000) };
  const expected = script.filter(({ start }) => start >= 700 && start < 900);
  assertEquals(await ask(both), expected);
});

gemini("finds the words by their letters, nearest to their time", async (gemini) => {
  const file = await uploaded(gemini, await sample("consultation.webm"));
  const [{ segments }] = await loadSamples();
  const repeated = segments.flatMap((segment) => [segment, { ...segment, text: "Yes." }])
    .map((segment, index) => ({ ...segment, start: index * 2 }));
  gemini.samples[0] = { ...gemini.samples[0], segments: repeated };
  const first = async (after: Segment) => {
    const answer = saidIn(await generate(gemini, extraction(file, goOn(after))));
    return answer.segments[0].start;
  };
  assertEquals(await first({ text: "yes", start: 10 }), 12);
  assertEquals(await first({ text: "…  YES!", start: 22.4 }), 24);
  assertEquals(await first({ text: "well, er, what brings you here TODAY", start: 0 }), 2);
  assertEquals(await first({ text: "brings you here", start: 40 }), 10);
  // Words that are nowhere: by their time alone.
  assertEquals(await first({ text: "Nobody says that.", start: 20.5 }), 22);
});

gemini("cuts a long recording at maxOutputTokens, and goes on from there", async (gemini) => {
  const { file, script } = await listening(gemini, { minutes: 60 });
  const said: string[] = [];
  let after: Segment | null = null;
  let calls = 0;
  for (let finish = "MAX_TOKENS"; finish === "MAX_TOKENS"; calls++) {
    const body = {
      ...extraction(file, goOn(after)),
      generationConfig: { maxOutputTokens: 10_240 },
    };
    const [{ content, finishReason }] = (await generate(gemini, body)).json.candidates;
    finish = finishReason;
    const text: string = content.parts[0].text;
    const whole = finish === "STOP" ? text : text.slice(0, text.lastIndexOf(',{"speaker"')) + "]}";
    const { segments } = JSON.parse(whole);
    said.push(...texts(segments));
    after = segments.at(-1);
  }
  assertEquals([said, calls], [texts(script), 4]);
});

gemini(
  "repeats the last segments before it goes on, with a word changed when told",
  async (gemini) => {
    const { ask, script } = await listening(gemini, { minutes: 20 });
    const after = script[50];
    assertEquals(await ask(goOn(after), { overlap: 3 }), script.slice(48));
    const reworded = await ask(goOn(after), { overlap: 2, rewords: true });
    assertEquals(reworded.slice(2), script.slice(51));
    for (const [index, { text }] of reworded.slice(0, 2).entries()) {
      assertEquals(text.replace(", er,", ""), script[49 + index].text);
      assertNotEquals(text, script[49 + index].text);
    }
    assertEquals(await ask(goOn(null), { overlap: 3 }), script);
  },
);

gemini("has nothing to add to its words about a file that it does not know", async (gemini) => {
  const file = await uploaded(gemini, NOISE);
  const said = async (after: Segment | null) =>
    saidIn(await generate(gemini, extraction(file, goOn(after))));
  const { segments: [excuse] } = await said(null);
  assertEquals(await said(excuse), { speech_found: false, language: "und", segments: [] });
});

// --- How well

gemini(
  "says times that drift, are rounded, or lie outside of what was asked for",
  async (gemini) => {
    const { ask, script } = await listening(gemini, { minutes: 30 });
    const part = script.filter(({ start }) => start >= 600 && start < 1200);
    const said = (lapse: Lapse) => ask(windowed(600, 1200), lapse);
    const late = times(await said({ drift: 1.01 }));
    assertEquals(late, part.map(({ start }) => Math.round(start * 10.1) / 10));
    assertEquals(times(await said({ roundTo: 1 })), part.map(({ start }) => Math.round(start)));
    const tens = times(await said({ roundTo: 10 }));
    assertEquals(tens, part.map(({ start }) => 10 * Math.round(start / 10)));
    const shifted = await said({ shift: 900 });
    assertEquals(texts(shifted), texts(part));
    assert(times(shifted).every((start) => start >= 1500));
  },
);

gemini("goes on in its own time where that drifts", async (gemini) => {
  const { ask, script } = await listening(gemini, { minutes: 60 });
  gemini.behaviour.lapse = { drift: 1.01, roundTo: 1 };
  const first = await ask(goOn(null, 1800));
  assertEquals(texts([...first, ...await ask(goOn(first.at(-1)!))]), texts(script));
});

gemini("answers with another stretch than the one asked for", async (gemini) => {
  const { ask, script } = await listening(gemini, { minutes: 30 });
  const strayed = await ask(windowed(0, 600), { strays: 600 });
  assertEquals(texts(strayed), texts(script.filter(({ start }) => start >= 600 && start < 1200)));
  assert(times(strayed).every((start) => start < 600));
  const on = await ask(goOn(script[10]), { strays: 600 });
  assertEquals(texts(on), texts(script.filter(({ start }) => start >= script[11].start + 600)));
});

gemini("says that there is nothing to hear or to see where there is", async (gemini) => {
  const { file } = await listening(gemini, { minutes: 5 });
  gemini.fail({ on: "generate", answer: { lapse: { nothingFound: true } }, times: 2 });
  assertEquals(saidIn(await generate(gemini, extraction(file, goOn(null)))), {
    speech_found: false,
    language: "en",
    segments: [],
  });
  const picture = await uploaded(gemini, await sample("prescription.jpg"), "image/jpeg");
  assertEquals(saidIn(await generate(gemini, extraction(picture))).legible, false);
});

gemini("hears nothing in a stretch of silence", async (gemini) => {
  const { ask } = await listening(gemini, { minutes: 30, silences: [[600, 1200]] });
  assertEquals(await ask(windowed(600, 1200)), []);
  assertEquals((await ask(windowed(500, 1300))).length > 0, true);
});

gemini("turns in circles on a phrase", async (gemini) => {
  const { ask, script } = await listening(gemini, { minutes: 5 });
  const said = await ask(goOn(null), { loops: { after: 7, times: 40 } });
  assertEquals(said.length, 47);
  assertEquals(new Set(texts(said).slice(7)), new Set([script[7].text]));
  assertEquals(beforeLoop(said as never).length, 7);
});

gemini("puts NUL and half a surrogate pair into its texts", async (gemini) => {
  const { ask, script } = await listening(gemini, { minutes: 5 });
  for (const spoils of ["\u0000", "\ud83d"]) {
    const said = await ask(goOn(null), { spoils });
    assert(said.every(({ text }) => text.includes(spoils)));
    assertEquals(texts(said).map((text) => text.replace(spoils, "")), texts(script));
  }
});
