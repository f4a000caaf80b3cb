import { assert, assertEquals, assertRejects } from "@std/assert";
import type { StreamBreak } from "../../../local/stand_ins/gemini/faults.ts";
import { REFUSALS } from "../../../local/stand_ins/gemini/refusals.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { error, given, http, reset, says, withFile } from "../generating.ts";
import { codeOf, startWorkbench, type Workbench } from "../workbench.ts";

const WHOLE = '{"said":"hello"}';

/** The answer comes in chunks of four characters. */
function inPieces(bench: Workbench) {
  bench.service.behaviour = { ...bench.service.behaviour, chunkLength: 4 };
}

const breaks = (stream: StreamBreak) => says({ stream });

/** Waits until the stand-in has been asked so often. */
async function asked(bench: Workbench, count = 1) {
  while (bench.count("generate") < count) await new Promise((done) => setTimeout(done, 1));
}

Deno.test("one request gives the answer, the model that served it, and what it cost", async () => {
  await using bench = await startWorkbench();
  inPieces(bench);
  const request = given(bench, { thinkingLevel: "LOW" });
  bench.service.behaviour.thinks = { LOW: 50 };
  bench.service.fail({ on: "generate", answer: { modelVersion: "gemini-3.8-flash-002" } });
  const answer = await bench.model.generate(request);
  assertEquals(answer, {
    text: WHOLE,
    cut: null,
    delay: undefined,
    model: "gemini-3.8-flash-002",
    audioTokens: 0,
  });
  const [call, ...others] = request.calls;
  assertEquals(others, []);
  assertEquals([call.model, call.outcome, call.estimated], ["gemini-3.8-flash-002", "ok", false]);
  assertEquals([call.output_tokens, call.thought_tokens], [54, 50]);
  assert(call.input_tokens > 0 && call.ms >= 0);
  const [sent] = bench.service.requests;
  assertEquals(sent.path, "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse");
});

Deno.test("what is said to a doctor is not filtered, as far as that can be turned off", async () => {
  await using bench = await startWorkbench();
  await bench.model.generate(given(bench));
  const { safetySettings } = bench.service.requests[0].body as {
    safetySettings: { category: string; threshold: string }[];
  };
  assertEquals(new Set(safetySettings.map(({ threshold }) => threshold)), new Set(["OFF"]));
  assertEquals(safetySettings.length, 4);
});

Deno.test("what the model thinks is no part of its answer", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail({ on: "generate", answer: { thought: "Let me see." } });
  assertEquals((await bench.model.generate(request)).text, WHOLE);
  assertEquals(bench.count("generate"), 1);
});

Deno.test("the tokens of audio that were heard are told, and that it is not known", async () => {
  await using bench = await startWorkbench();
  const { request } = await withFile(bench);
  const { audioTokens } = await bench.model.generate(request);
  assert(audioTokens! > 0);
  assertEquals(request.calls[0].audio_tokens, audioTokens);
  for (const usage of ["without details", null] as const) {
    bench.service.fail(says({ usage }));
    assertEquals((await bench.model.generate(request)).audioTokens, null);
  }
  bench.service.fail(says({ noAudio: true }));
  assertEquals((await bench.model.generate(request)).audioTokens, 0);
});

for (const streamUsage of ["each", "last", "ends", "apart"] as const) {
  Deno.test(`usage that is told in ${streamUsage} of the chunks is what is booked`, async () => {
    await using bench = await startWorkbench();
    inPieces(bench);
    bench.service.behaviour.streamUsage = streamUsage;
    bench.service.behaviour.finishApart = true;
    const request = given(bench);
    assertEquals((await bench.model.generate(request)).cut, null);
    const [{ estimated, output_tokens }] = request.calls;
    assertEquals([estimated, output_tokens], [false, 4]);
  });
}

Deno.test("what was cached is told as part of the input", async () => {
  await using bench = await startWorkbench();
  bench.service.behaviour.caches = true;
  const request = given(bench, { system: "Say hello. ".repeat(4000) });
  await bench.model.generate(request);
  await bench.model.generate(request);
  const [first, second] = request.calls;
  assertEquals(first.cached_tokens, 0);
  assert(second.cached_tokens > 0 && second.cached_tokens <= second.input_tokens);
});

Deno.test("without usage a call is booked by the file's tokens and by characters, as an estimate", async () => {
  await using bench = await startWorkbench();
  const { request } = await withFile(bench);
  bench.service.behaviour.streamUsage = "never";
  await bench.model.generate({ ...request, fileTokens: 3200 });
  const [call] = request.calls;
  assertEquals([call.estimated, call.audio_tokens], [true, 3200]);
  assertEquals(call.input_tokens, 3200 + Math.ceil((request.system.length + 2) / 3));
  assertEquals(call.output_tokens, Math.ceil(WHOLE.length / 3));
});

Deno.test("trouble that passes costs the user nothing but time", async () => {
  await using bench = await startWorkbench();
  const request = given(bench, { deadline: bench.clock.now() + 300_000 });
  for (const fault of [reset, http(503), http(500)]) {
    bench.service.fail(fault);
    assertEquals((await bench.model.generate(request)).text, WHOLE);
  }
  assertEquals(request.calls.length, 3, "what was refused was not paid for");
});

const CUTS: [what: string, broken: StreamBreak, cut: string][] = [
  ["a reset", { after: 2, reset: true }, "unreachable"],
  ["a torn event", { after: 2, torn: true }, "unreachable"],
  ["half an event", { after: 2, halfEvent: true }, "unreachable"],
  ["an end without a finishReason", { after: 2, ends: true }, "unusable"],
  ["503 within the stream", { after: 2, error: REFUSALS.overloaded() }, "overloaded"],
  ["429 within the stream", { after: 2, error: REFUSALS.limited("11.7s") }, "rate_limited"],
];
for (const [what, broken, cut] of CUTS) {
  Deno.test(`${what} leaves what came before to whom a beginning is of use, and is booked`, async () => {
    await using bench = await startWorkbench();
    inPieces(bench);
    const request = given(bench, { takesBeginning: true });
    bench.service.fail(breaks(broken));
    const answer = await bench.model.generate(request);
    assertEquals([answer.text, answer.cut], [WHOLE.slice(0, 8), cut]);
    assertEquals(answer.delay, cut === "rate_limited" ? 11_700 : undefined);
    assertEquals(request.calls.map(({ outcome }) => outcome), [cut]);
    assertEquals(bench.count("generate"), 1);
  });
}

Deno.test("whom a beginning is of no use gets the whole, or the fault", async () => {
  await using bench = await startWorkbench();
  inPieces(bench);
  const request = given(bench);
  bench.service.fail(breaks({ after: 2, error: REFUSALS.limited("11.7s") }));
  assertEquals((await bench.model.generate(request)).text, WHOLE);
  assertEquals(request.calls.map(({ outcome }) => outcome), ["rate_limited", "ok"]);
  assert(bench.clock.slept[0] >= 11_700);
  bench.service.fail(breaks({ after: 2, ends: true }));
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_answer");
});

Deno.test("what the model itself ended is given back with whatever came, where beginnings are taken", async () => {
  await using bench = await startWorkbench();
  const request = given(bench, { takesBeginning: true });
  for (
    const [answer, text, cut] of [
      [{ finishReason: "SAFETY", truncateAt: 0.5 }, WHOLE.slice(0, 8), "refused"],
      [{ finishReason: "SAFETY", text: "" }, "", "refused"],
      [{ finishReason: "MAX_TOKENS", truncateAt: 0.5 }, WHOLE.slice(0, 8), "truncated"],
      [{ finishReason: "RECITATION", text: "" }, "", "unusable"],
      [{ blockReason: "OTHER" }, "", "blocked"],
    ] as const
  ) {
    bench.service.fail(says(answer));
    const given = await bench.model.generate(request);
    assertEquals([given.text, given.cut], [text, cut]);
  }
  assertEquals(request.calls.length, 5);
});

Deno.test("an answer whose time is over is kept so far, and not sent on to nobody", async () => {
  await using bench = await startWorkbench();
  inPieces(bench);
  const request = given(bench, { takesBeginning: true });
  bench.service.fail(breaks({ after: 2, hang: true }));
  const answering = bench.model.generate(request);
  await asked(bench);
  await new Promise((done) => setTimeout(done, 100));
  bench.clock.ring();
  const answer = await answering;
  bench.service.readersStop();
  assertEquals([answer.text, answer.cut], [WHOLE.slice(0, 8), "timed_out"]);
  assertEquals(request.calls.map(({ outcome }) => outcome), ["timed_out"]);
  assertEquals(bench.service.sentAfterGone, { chunks: 0, tokens: 0, bytes: 0 });
});

Deno.test("an answer that is not wanted any more is aborted, and booked as far as it came", async () => {
  await using bench = await startWorkbench();
  inPieces(bench);
  const stop = new AbortController();
  const request = given(bench, { takesBeginning: true, signal: stop.signal });
  bench.service.answer = () => ({ said: "hello ".repeat(10_000) });
  bench.service.behaviour.pace = { tokensPerSecond: 20 };
  bench.service.behaviour.streamUsage = "last";
  const answering = codeOf(() => bench.model.generate(request));
  await asked(bench);
  await new Promise((done) => setTimeout(done, 300));
  stop.abort(new AppError("lease_lost"));
  assertEquals(await answering, "lease_lost");
  bench.service.readersStop();
  const [call, ...others] = request.calls;
  assertEquals([call.estimated, others], [true, []]);
  assert(call.output_tokens > 0);
  // A second of it would be twenty: one or two may be on their way when the connection ends.
  await new Promise((done) => setTimeout(done, 1000));
  assert(bench.service.sentAfterGone.tokens < 5);
});

Deno.test("an answer that could not be used is paid for, and booked", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail(says({ finishReason: "OTHER" }));
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_answer");
  bench.service.fail(says({ finishReason: "MAX_TOKENS" }));
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_truncated");
  assertEquals(request.calls.map(({ outcome }) => outcome), ["unusable", "truncated"]);
  for (const { output_tokens } of request.calls) assert(output_tokens > 0);
});

Deno.test("a page with 200 that is no stream can't be used, and may have been paid for", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail(http(200));
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_answer");
  assertEquals(request.calls.map(({ outcome }) => outcome), ["unusable"]);
});

Deno.test("what is refused with a status was not paid for", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail({ on: "generate", refusal: REFUSALS.daily() });
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_quota");
  assertEquals(request.calls, []);
});

Deno.test("a named delay is waited for, or given up at once when the time is short", async () => {
  await using bench = await startWorkbench();
  const retryDelay = "11.7s";
  const info = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
  const fault = http(429, error("RESOURCE_EXHAUSTED", "Slow down", [info]));
  bench.service.fail(fault);
  await bench.model.generate(given(bench));
  const [slept] = bench.clock.slept;
  assert(slept >= 11_700 && slept <= 15_000);

  bench.service.fail(fault);
  const short = given(bench, { deadline: bench.clock.now() + 26_000 });
  const refused = await assertRejects(() => bench.model.generate(short), AppError);
  assertEquals([refused.code, refused.retryAfter], ["model_rate_limited", 11.7]);
  assertEquals(bench.clock.slept, [slept]);
});

Deno.test("no call begins with less than fifteen seconds left", async () => {
  await using bench = await startWorkbench();
  const late = given(bench, { deadline: bench.clock.now() + 14_999 });
  assertEquals(await codeOf(() => bench.model.generate(late)), "out_of_time");
  assertEquals([bench.count("generate"), late.calls], [0, []]);
  const early = given(bench, { deadline: bench.clock.now() + 15_000 });
  assertEquals((await bench.model.generate(early)).text, WHOLE);
});

Deno.test("a call that the work's end cuts short with nothing come is out_of_time, no fault of Gemini's", async () => {
  await using bench = await startWorkbench();
  const request = given(bench, { deadline: bench.clock.now() + 20_000, takesBeginning: true });
  bench.service.fail({ on: "generate", hang: true });
  const code = codeOf(() => bench.model.generate(request));
  await asked(bench);
  bench.clock.ring();
  assertEquals([await code, bench.count("generate")], ["out_of_time", 1]);
  assertEquals(request.calls.map(({ estimated }) => estimated), [true]);
});
