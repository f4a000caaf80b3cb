import { assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { lookAt } from "../../../supabase/functions/generate-summary/extract/picture.ts";

const seen = (text: string) => ({
  legible: true,
  language: "en",
  segments: [{ kind: "print", text, mentions: { drugs: [], quantities: [] } }],
});

function looking(...answers: unknown[]) {
  const faults: (string | undefined)[] = [];
  const look = (triesLeft = 5) =>
    lookAt((fault) => {
      const text = JSON.stringify(answers[faults.length]);
      faults.push(fault);
      return Promise.resolve({
        text,
        cut: null,
        model: `model-${faults.length}`,
        audioTokens: null,
      });
    }, triesLeft);
  return { look, faults };
}

Deno.test("what is on a picture carries the model that answered", async () => {
  const { segments, found, model } = await looking(seen("Rx")).look();
  assertEquals([segments[0].text, found.content, model], ["Rx", true, "model-1"]);
});

Deno.test("an answer out of shape is asked for once more, with its fault; twice is model_answer", async () => {
  const mended = looking({}, seen("Rx"));
  assertEquals((await mended.look()).model, "model-2");
  assertEquals([mended.faults[0], typeof mended.faults[1]], [undefined, "string"]);
  const broken = looking({}, {}, seen("Rx"));
  const { code, tries } = await assertRejects(() => broken.look(), AppError);
  assertEquals([code, tries, broken.faults.length], ["model_answer", 2, 2]);
  const last = looking({}, seen("Rx"));
  assertEquals((await assertRejects(() => last.look(1), AppError)).tries, 1);
});

Deno.test("an answer in circles is as one that was cut off", async () => {
  const { look } = looking(seen("Thank you. ".repeat(60)));
  assertEquals((await assertRejects(() => look(), AppError)).code, "model_truncated");
});
