import { assert, assertEquals, assertFalse } from "@std/assert";
import { loops, readAnswer } from "../../../supabase/functions/generate-summary/extract/answer.ts";
import { assertClean, sample, says, speech, worker } from "../extracting.ts";
import { startWorkbench } from "../workbench.ts";

Deno.test("silence has no segments, whatever the model makes of it", async () => {
  await using bench = await startWorkbench();
  const { deps, extract } = worker(bench);
  const [silent] = await extract(bench.record(await sample("silence.webm")));
  assertEquals([silent.segments, silent.found.content], [[], false]);
  bench.service.answer = () => ({ ...speech(says(1, "I have a cough.")), speech_found: false });
  const [made] = await extract(bench.record(await sample("silence.webm")));
  assertEquals([made.segments, made.found.content], [[], false]);
  assertClean(bench, deps);
});

Deno.test("what people repeat is no loop", async () => {
  const said = (...texts: string[]) =>
    loops(texts.map((text) => ({ kind: "speech", ...says(0, text) })));
  const { segments } = JSON.parse(new TextDecoder().decode(await sample("consultation.json")));
  assertFalse(loops(segments));
  assertFalse(said("No, no, no, no, no, no!", "Yes, yes.", "It hurts here, and here, and here."));
  assertFalse(said(...Array.from({ length: 100 }, (_, index) => `${index} drops a day. `)));
  assert(said("and then ".repeat(40)));
  assert(said(...Array(30).fill("Take one tablet each morning.")));
  assert(said("はい、わかりました。".repeat(30)));
});

const WHOLE = { from_seconds: 0, to_seconds: null };
const texts = (value: unknown, window = WHOLE as Parameters<typeof readAnswer>[2]) => {
  const read = readAnswer("audio", value, window);
  return "segments" in read ? read.segments.map(({ text }) => text) : read.fault;
};

Deno.test("of a window counts what begins in it: from its first second, before its end", () => {
  const all = speech(says(599.9, "a"), says(600, "b"), says(1199.9, "c"), says(1200, "d"));
  assertEquals(texts(all, { from_seconds: 600, to_seconds: 1200 }), ["b", "c"]);
  assertEquals(texts(all, { from_seconds: 600, to_seconds: null }), ["b", "c", "d"]);
  assertEquals(texts(all, { from_seconds: 0, to_seconds: 600 }), ["a"]);
});

Deno.test("words that are all of another window are a fault, which names the window", () => {
  const fault = texts(speech(says(5, "Good morning")), { from_seconds: 600, to_seconds: 1200 });
  assert(typeof fault === "string" && fault.includes('{"from_seconds":600,"to_seconds":1200}'));
});

Deno.test("a window in which nobody speaks is empty, and no fault", () => {
  assertEquals(readAnswer("audio", speech(), { from_seconds: 600, to_seconds: 1200 }), {
    segments: [],
    found: { content: false, language: "en" },
  });
});

Deno.test("segments without words are none", () => {
  assertEquals(texts(speech(says(1, "  "), says(2, "Hello"), says(3, ""))), ["Hello"]);
  const picture = {
    legible: true,
    language: null,
    segments: [{ kind: "print", text: "\n", mentions: { drugs: [], quantities: [] } }],
  };
  assertEquals(readAnswer("image", picture, WHOLE), {
    segments: [],
    found: { content: false, language: null },
  });
});

Deno.test("a picture that can't be read has no segments, whatever the model makes of it", () => {
  const line = { kind: "print", text: "Rx", mentions: { drugs: [], quantities: [] } };
  const read = (legible: boolean) =>
    readAnswer("image", { legible, language: "en", segments: [line] }, WHOLE);
  assertEquals(read(false), { segments: [], found: { content: false, language: "en" } });
  assertEquals(read(true), {
    segments: [{ ...line, speaker: null, start: null }],
    found: { content: true, language: "en" },
  });
});

Deno.test("an answer out of shape names its first five faults and where they are", () => {
  const segments = Array.from({ length: 9 }, () => ({ ...says(1, "x"), start: -1 }));
  const fault = String(texts(speech(...segments)));
  assertEquals(fault.split("\n").length, 5);
  assert(fault.startsWith("segments.0.start: "), fault);
  for (const value of [null, "text", [], {}, { ...speech(), language: 5 }]) {
    for (const kind of ["audio", "image"] as const) {
      assert(readAnswer(kind, value, WHOLE).fault);
    }
  }
});

Deno.test("a phrase is a loop from its fifth time and 160 letters on, across segments too", () => {
  const said = (...texts: string[]) =>
    loops(texts.map((text) => ({ kind: "speech", ...says(0, text) })));
  const phrase = "the quick brown fox jumps over a lazy dog ";
  assertFalse(said(phrase.repeat(4)));
  assert(said(phrase.repeat(5)));
  assert(said(...Array(5).fill(phrase)));
  assertFalse(said("ha ".repeat(79)));
  assert(said("ha ".repeat(80)));
  assert(said("Ha! ha, ".repeat(80)));
});
