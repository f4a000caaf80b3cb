import { assert, assertEquals } from "@std/assert";
import { parseBeginning } from "../../../supabase/functions/generate-summary/extract/beginning.ts";

const ANSWER = {
  speech_found: true,
  language: "en",
  segments: [
    { text: 'He said: "it}]{[\\"', mentions: { drugs: ["a"], quantities: [] } },
    { text: "ü 💊", mentions: { drugs: [], quantities: [] } },
    { text: "", mentions: { drugs: [], quantities: ["5 mg"] } },
  ],
};

Deno.test("cut anywhere, an answer has the segments that came whole, and no other", () => {
  const text = JSON.stringify(ANSWER);
  const ends = ANSWER.segments.map((segment) => {
    const json = JSON.stringify(segment);
    return text.indexOf(json) + json.length;
  });
  for (let at = 0; at <= text.length; at++) {
    const whole = ends.filter((end) => end <= at).length;
    const begun = at > text.indexOf("[");
    const expected = { ...ANSWER, segments: ANSWER.segments.slice(0, whole) };
    assertEquals(parseBeginning(text.slice(0, at)), begun ? expected : null, text.slice(0, at));
  }
});

Deno.test("what is no beginning of an answer is nothing", () => {
  for (const text of ["", "[]", "null", "<html>[", '"text"', "}]", "{]["]) {
    const value = parseBeginning(text);
    assert(value === null || Array.isArray(value) === false, text);
  }
});

Deno.test("an answer of 200 kB takes a few milliseconds", () => {
  const segments = Array.from({ length: 2000 }, () => ANSWER.segments[0])
    .map((segment) => ({ ...segment, text: segment.text + " and more words".repeat(5) }));
  const text = JSON.stringify({ ...ANSWER, segments }).slice(0, -10);
  assert(text.length > 200_000);
  parseBeginning(text);
  const begun = performance.now();
  const { segments: read } = parseBeginning(text) as typeof ANSWER;
  assertEquals(read.length, 1999);
  assert(performance.now() - begun < 50);
});
