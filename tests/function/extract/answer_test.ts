import { assert, assertEquals } from "@std/assert";
import {
  readAudio,
  readImage,
} from "../../../supabase/functions/generate-summary/extract/answer.ts";
import { says, speech } from "../extracting.ts";

const read = (value: unknown) => readAudio({ text: JSON.stringify(value), cut: null });
const texts = (value: unknown) => read(value).segments.map(({ text }) => text);

Deno.test("a whole answer has its segments and its language, and says that it is all", () => {
  assertEquals(read(speech(says(1, "Hello"))), {
    segments: [{ kind: "speech", ...says(1, "Hello") }],
    language: "en",
    cut: null,
    fault: undefined,
  });
});

Deno.test("silence has no segments, whatever the model makes of it", () => {
  assertEquals(texts({ ...speech(says(1, "I have a cough.")), speech_found: false }), []);
});

Deno.test("segments without words are none", () => {
  assertEquals(texts(speech(says(1, "  "), says(2, "Hello"), says(3, ""))), ["Hello"]);
});

Deno.test("of an answer that was cut off the whole segments count, and why it was cut", () => {
  const text = JSON.stringify(speech(says(1, "Hello"), says(2, "there")));
  for (const cut of ["timed_out", "truncated", "refused", "unreachable"] as const) {
    const { segments, language, ...rest } = readAudio({ text: text.slice(0, -20), cut });
    assertEquals([segments.length, language, rest], [1, "en", { cut, fault: undefined }]);
    assertEquals(readAudio({ text: "", cut }).segments, []);
  }
});

Deno.test("JSON that breaks off although the model said that it had ended is cut there", () => {
  const text = JSON.stringify(speech(says(1, "Hello"), says(2, "there"))).slice(0, -20);
  const { segments, cut } = readAudio({ text, cut: null });
  assertEquals([segments.length, cut], [1, "unusable"]);
});

Deno.test("an answer is cut before its first segment out of shape, which is told", () => {
  const { segments, cut, fault } = read(
    speech(says(1, "Hello"), { ...says(2, "x"), start: -1 }, says(3, "y")),
  );
  assertEquals([segments.map(({ text }) => text), cut], [["Hello"], "unusable"]);
  assert(fault?.startsWith("segments.1.start: "), fault);
});

Deno.test("an answer out of shape names its first five faults and where they are", () => {
  const segments = Array.from({ length: 9 }, () => ({ ...says(1, "x"), start: -1 }));
  const { fault = "" } = read(speech(...segments));
  assertEquals(fault.split("\n").length, 5);
  assert(fault.startsWith("segments.0.start: "), fault);
  for (const value of [null, "text", [], {}, { ...speech(), language: 5 }]) {
    const { segments, cut, fault } = read(value);
    assertEquals([segments, cut, typeof fault], [[], "unusable", "string"], JSON.stringify(value));
  }
});

Deno.test("a looping phrase ends the answer before it", () => {
  const loop = Array.from({ length: 60 }, () => says(9, "Thank you. "));
  const { segments, cut } = read(speech(says(1, "Hello"), ...loop));
  assertEquals([segments.map(({ text }) => text), cut], [["Hello"], "truncated"]);
});

Deno.test("what a database can't keep is in no text", () => {
  const mentions = { drugs: ["a\0b"], quantities: ["\udc00"] };
  const { segments: [segment] } = read(speech({ ...says(1, "a\0b \ud83d c 💊"), mentions }));
  assertEquals(segment.text, "ab \ufffd c 💊");
  assertEquals(segment.mentions, { drugs: ["ab"], quantities: ["\ufffd"] });
});

Deno.test("a picture that can't be read has no segments, whatever the model makes of it", () => {
  const line = { kind: "print", text: "Rx", mentions: { drugs: [], quantities: [] } };
  const image = (legible: boolean, text = "Rx") =>
    readImage(JSON.stringify({ legible, language: "en", segments: [{ ...line, text }] }));
  const nothing = { segments: [], found: { content: false, language: "en" } };
  assertEquals(image(false), nothing);
  assertEquals(image(true, "\n"), nothing);
  assertEquals(image(true), {
    segments: [{ ...line, speaker: null, start: null }],
    found: { content: true, language: "en" },
  });
  for (const text of ["", "null", "[]", '{"legible":true}']) assert("fault" in readImage(text));
});
