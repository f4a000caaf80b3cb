import { assert, assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../../../supabase/functions/generate-summary/core/errors.ts";
import { error, given, http, reset, says, withFile } from "../../generating.ts";
import { codeOf, startWorkbench } from "../../workbench.ts";

Deno.test("one request gives the parsed answer, the model that served it, and what it cost", async () => {
  await using bench = await startWorkbench();
  const request = given(bench, { thinkingLevel: "LOW" });
  bench.service.fail({ on: "generate", answer: { modelVersion: "gemini-3.8-flash-002" } });
  const { value, model, audioTokens } = await bench.model.generate(request);
  assertEquals(value, { said: "hello" });
  assertEquals([model, audioTokens], ["gemini-3.8-flash-002", null]);
  const { usage } = request;
  assertEquals(usage.calls, 1);
  assert(usage.input_tokens > 0 && usage.output_tokens > 0);
  const [sent] = bench.service.requests;
  assertEquals(sent.path, "/v1beta/models/gemini-3.8-flash:generateContent");
});

Deno.test("what the model thinks is no part of its answer", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail({ on: "generate", answer: { thought: "Let me see." } });
  assertEquals((await bench.model.generate(request)).value, { said: "hello" });
  assertEquals(bench.count("generate"), 1);
});

Deno.test("the tokens of audio that were heard are told", async () => {
  await using bench = await startWorkbench();
  const { request } = await withFile(bench);
  const { audioTokens } = await bench.model.generate(request);
  assert(audioTokens! > 0);
  assertEquals(request.usage.audio_tokens, audioTokens);
});

Deno.test("trouble that passes costs the user nothing but time", async () => {
  await using bench = await startWorkbench();
  const request = given(bench, { deadline: bench.clock.now() + 300_000 });
  for (const fault of [reset, http(503), http(500)]) {
    bench.service.fail(fault);
    assertEquals((await bench.model.generate(request)).value, { said: "hello" });
  }
});

Deno.test("an answer that could not be used is paid for, and counted", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail(says({ finishReason: "OTHER" }));
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_answer");
  assertEquals(request.usage.calls, 1);
  const spent = request.usage.output_tokens;
  bench.service.fail(says({ finishReason: "MAX_TOKENS" }));
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_truncated");
  assertEquals(request.usage.calls, 2);
  assert(request.usage.output_tokens > spent);
});

Deno.test("a named delay is waited for, or given up at once when the time is short", async () => {
  await using bench = await startWorkbench();
  const retryDelay = "11.7s";
  const info = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
  const fault = http(429, error("RESOURCE_EXHAUSTED", "Slow down", [info]));
  bench.service.fail(fault);
  await bench.model.generate(given(bench));
  assertEquals(bench.clock.slept, [11_700]);

  bench.service.fail(fault);
  const short = given(bench, { deadline: bench.clock.now() + 60_000 });
  const refused = await assertRejects(() => bench.model.generate(short), AppError);
  assertEquals([refused.code, refused.retryAfter], ["model_rate_limited", 11.7]);
  assertEquals(bench.clock.slept, [11_700]);
});

Deno.test("no call begins with less time left than it may take", async () => {
  await using bench = await startWorkbench();
  const request = given(bench, { deadline: bench.clock.now() + 49_999 });
  assertEquals(await codeOf(() => bench.model.generate(request)), "out_of_time");
  assertEquals(bench.count("generate"), 0);
});

Deno.test("a file that is gone between upload and use is told apart", async () => {
  await using bench = await startWorkbench();
  const { file, request } = await withFile(bench);
  await bench.model.deleteFile(file.name);
  assertEquals(await codeOf(() => bench.model.generate(request)), "file_gone");
  assertEquals(await codeOf(() => bench.model.countTokens(file, bench.limits())), "file_gone");
});

Deno.test("a check asks for the model, and for no other", async () => {
  await using bench = await startWorkbench();
  await bench.model.check();
  assertEquals(bench.service.requests.map(({ path }) => path), ["/v1beta/models/gemini-3.8-flash"]);
  bench.service.fail({ on: "model", status: 503 });
  assertEquals(await codeOf(() => bench.model.check()), "model_unavailable");
});
