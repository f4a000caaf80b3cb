import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  changed,
  composed,
  composedWith,
  first,
  keptBy,
  mending,
  ok,
  textOf,
} from "../composing.ts";
import { recorded, spoken } from "../consultations/script.ts";

const FAULTY = changed({ evidence: [] });
const LATE = new AppError("out_of_time");
const BUSY = new AppError("model_rate_limited");

/** What an attempt leaves whose time was over before the repair. */
const kept = async () => keptBy(await composed(first, FAULTY, LATE));

Deno.test("an answer with faults is kept before anything else is paid for, a clean one is not", async () => {
  const { steps } = await composed(first, FAULTY, mending({}));
  const [call, { input, ...draft }, ...rest] = steps as [string, Record<string, unknown>];
  assertEquals([call, rest], ["call", ["checking", "call"]]);
  assertMatch(input as string, /^[0-9a-f]{64}$/);
  assertEquals(draft, {
    value: FAULTY,
    model: "model-1",
    usage: { calls: 1, input_tokens: 1000, audio_tokens: 0, cached_tokens: 0, output_tokens: 10 },
  });
  assertEquals((await composed(first, first.answer)).steps, ["call"]);
});

Deno.test("the next attempt goes straight to the repair, and its summary cost what both did", async () => {
  const before = await composed(first, FAULTY, LATE);
  assertEquals(before.result, LATE);
  const { requests, steps, result } = await composedWith(
    { draft: keptBy(before) },
    first,
    mending({}),
  );
  assertEquals(steps, ["checking", "call"]);
  assertEquals(
    [textOf(requests[0], 0), textOf(requests[0], 1)],
    [textOf(before.requests[1], 0), textOf(before.requests[1], 1)],
  );
  assertEquals(ok(result).usage.calls, 2);
  assertEquals(ok(result).sections, ok((await composed(first, first.answer)).result).sections);
});

Deno.test("a draft in which the checks find nothing any more is taken as it is", async () => {
  const draft = { ...await kept(), value: first.answer, model: "model-0" };
  const { steps, result } = await composedWith({ draft }, first);
  assertEquals([steps, ok(result).model, ok(result).usage.calls], [[], "model-0", 1]);
});

Deno.test("a draft of other segments, another template, or none at all is passed over", async () => {
  const draft = await kept();
  const others = [
    { ...first, recordings: recorded(spoken([["patient", "I have a cough."]])) },
    { ...first, template: { language: "Swedish" } },
    { ...first, submittedBy: "nurse" as const },
  ];
  for (const other of others) {
    const { steps } = await composedWith({ draft }, other, other.answer, other.answer);
    assertEquals(steps[0], "call");
    for (const step of steps) {
      if (typeof step === "object") assertNotEquals(step.input, draft.input);
    }
  }
  for (
    const odd of [undefined, {}, [], "draft", { ...draft, usage: null }, { ...draft, model: 1 }]
  ) {
    const { steps, result } = await composedWith({ draft: odd }, first, first.answer);
    assertEquals([steps, ok(result).usage.calls], [["call"], 1]);
  }
});

Deno.test("a draft that holds anything is judged like an answer", async () => {
  for (const value of [null, "broken", { clinical_content: true }]) {
    const draft = { ...await kept(), value };
    const { steps, result } = await composedWith({ draft }, first, first.answer);
    assertEquals(steps, ["checking", "call"]);
    assertEquals(ok(result).model, "model-1");
  }
});

for (const error of [LATE, BUSY, new AppError("model_truncated"), new AppError("model_answer")]) {
  Deno.test(`a repair that ends with ${error.code} is left to the next attempt`, async () => {
    const { result } = await composedWith({ draft: await kept() }, first, error, error);
    assertEquals(result, error);
  });
}

for (const code of ["model_refused", "model_rejected"] as const) {
  Deno.test(`a repair that ends with ${code} never comes: the draft is taken, with its warnings`, async () => {
    const { result } = await composedWith({ draft: await kept() }, first, new AppError(code));
    assertEquals(ok(result).sections[0].statements[0].warnings, [
      { code: "evidence_missing", detail: "" },
    ]);
  });
}

Deno.test("the job's last attempt takes the draft where its own fault would end it", async () => {
  const last = { draft: await kept(), triesLeft: 1 };
  assertEquals(ok((await composedWith(last, first, LATE)).result).usage.calls, 2);
  // The service's fault ends no job.
  assertEquals((await composedWith(last, first, BUSY)).result, BUSY);
  const useless = { ...last, draft: { ...last.draft, value: "broken" } };
  assertEquals((await composedWith(useless, first, LATE)).result, LATE);
});

Deno.test("that nothing clinical was said is believed of two attempts, too", async () => {
  const nothing = { clinical_content: false, sections: [] };
  const chat = { ...first, recordings: recorded(spoken([["patient", "Nice weather today."]])) };
  const once = await composed(chat, "broken", nothing);
  assert(once.result instanceof AppError && once.result.code === "model_answer");
  assertEquals([keptBy(once).value, keptBy(once).usage.calls], [nothing, 2]);
  const twice = await composedWith({ draft: keptBy(once) }, chat, nothing);
  assert(twice.result instanceof AppError && twice.result.code === "no_clinical_content");
});
