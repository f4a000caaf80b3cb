import { assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { changed, composedWith, type Composing, first, ok, textOf } from "../composing.ts";

const CLEAN = first.answer;
const FAULTY = changed({ evidence: [] });
const NOTHING = { clinical_content: false, sections: [] };
const CUT_OFF = new AppError("model_truncated");

const asked = ({ requests }: Composing) =>
  requests.map(({ thinkingLevel, maxOutputTokens }) => `${thinkingLevel} ${maxOutputTokens}`);

for (const [callSeconds, tokens] of [[55, 8250], [148, 22_200]]) {
  Deno.test(`in ${callSeconds} s a model writes ${tokens} tokens, thoughts included`, async () => {
    const done = await composedWith({ callSeconds }, first, FAULTY, CLEAN);
    assertEquals(asked(done), [`MEDIUM ${tokens}`, `MEDIUM ${tokens}`]);
  });
}

Deno.test("with less time left it may write less, and thinks little over a repair", async () => {
  for (const answer of [FAULTY, NOTHING]) {
    const done = await composedWith({ left: 70, takes: 30 }, first, answer, CLEAN);
    assertEquals(asked(done), ["MEDIUM 7500", "LOW 6000"]);
  }
});

Deno.test("without any time left it is the call that says so", async () => {
  const late = new AppError("out_of_time");
  const done = await composedWith({ left: -1 }, first, late);
  assertEquals([asked(done), done.result], [["MEDIUM 1"], late]);
});

Deno.test("an answer that is cut off is asked for once more with little thinking", async () => {
  const done = await composedWith({}, first, CUT_OFF, CLEAN);
  assertEquals(asked(done), ["MEDIUM 7500", "LOW 7500"]);
  assertEquals(textOf(done.requests[1], 0), textOf(done.requests[0], 0));
  assertEquals(ok(done.result).model, "model-2");
  assertEquals(ok(done.result).usage.calls, 2);
  assertEquals(done.lines.map((line) => JSON.parse(line).code), ["model_truncated", undefined]);
});

Deno.test("so is a second opinion, and nothing is asked a third time", async () => {
  const second = await composedWith({}, first, NOTHING, CUT_OFF, CLEAN);
  assertEquals(asked(second), ["MEDIUM 7500", "HIGH 7500", "LOW 7500"]);
  assertEquals(ok(second.result).model, "model-3");
  const twice = await composedWith({}, first, CUT_OFF, CUT_OFF, CLEAN);
  assertEquals([asked(twice).length, twice.result], [2, CUT_OFF]);
  // Less thinking than little there is not.
  const late = await composedWith({ left: 70, takes: 30 }, first, NOTHING, CUT_OFF, CLEAN);
  assertEquals([asked(late), late.result], [["MEDIUM 7500", "LOW 6000"], CUT_OFF]);
});

Deno.test("a time that is none is an error at once", async () => {
  await assertRejects(
    () => composedWith({ callSeconds: NaN }, first, CLEAN),
    RangeError,
    "callSeconds",
  );
});
