import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import type { AnswerFault, Fault } from "../../../../local/stand_ins/gemini/faults.ts";
import { noUsage } from "../../../../supabase/functions/generate-summary/core/domain.ts";
import { createGeminiClient } from "../../../../supabase/functions/generate-summary/models/gemini_api/client.ts";
import { geminiApi } from "../../../../supabase/functions/generate-summary/models/gemini_api/gemini_api.ts";
import { AppError } from "../../../../supabase/functions/generate-summary/core/errors.ts";
import {
  type GenerateRequest,
} from "../../../../supabase/functions/generate-summary/models/model.ts";
import { startWorkbench, webm, type Workbench } from "../../workbench.ts";

const SCHEMA = { type: "object", properties: { said: { type: "string" } }, required: ["said"] };

/** A request with nothing but text, for which the model says `{"said": "hello"}`. */
function given({ service, limits }: Workbench, changes: Partial<GenerateRequest> = {}) {
  service.answer = () => ({ said: "hello" });
  return {
    ...limits(),
    system: "Say hello.",
    parts: [{ text: "{}" }],
    schema: SCHEMA,
    maxOutputTokens: 100,
    usage: noUsage(),
    ...changes,
  };
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, AppError)).code;
}

const error = (status: string, message: string, details: object[] = []) => ({
  error: { code: 0, status, message, details },
});

/** Uploads a small file and names it in a request. */
async function withFile(bench: Workbench) {
  const recording = bench.record(webm(5000));
  const pin = await bench.storage.peek(recording, bench.limits());
  const file = await bench.model.upload(
    pin.open,
    { name: await bench.nameOf(recording), mimeType: "audio/webm", size: 5000 },
    bench.limits(),
  );
  return { file, request: given(bench, { parts: [{ file }, { text: "{}" }] }) };
}

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

const reset = { on: "generate", reset: true } as const;
const http = (status: number, body: string | object = "<html>Error</html>") =>
  ({ on: "generate", status, body }) as const;
const says = (answer: AnswerFault) => ({ on: "generate", answer }) as const;

const daily = error("RESOURCE_EXHAUSTED", "Quota exceeded", [{
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel" }],
}]);
const badKey = error("INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [{
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason: "API_KEY_INVALID",
}]);

/** What goes wrong each time, the code that comes of it, how many requests were made. */
const FAULTS: [string, Fault, string, number][] = [
  ["a reset", reset, "model_unavailable", 4],
  ["500", http(500, error("INTERNAL", "An internal error has occurred.")), "model_unavailable", 3],
  ["503 as HTML", http(503), "model_unavailable", 4],
  ["504", http(504, error("DEADLINE_EXCEEDED", "Deadline")), "model_unavailable", 3],
  ["429", http(429, error("RESOURCE_EXHAUSTED", "Slow down")), "model_rate_limited", 4],
  ["429 for the day", http(429, daily), "model_quota", 1],
  ["a wrong key", http(400, badKey), "model_key", 1],
  ["401", http(401, error("UNAUTHENTICATED", "No")), "model_key", 1],
  ["403", http(403, error("PERMISSION_DENIED", "The API is disabled")), "model_key", 1],
  ["400", http(400, error("INVALID_ARGUMENT", "Unknown name")), "model_rejected", 1],
  ["404", http(404, error("NOT_FOUND", "models/x is not found")), "model_not_found", 1],
  ["200 as HTML", http(200), "model_answer", 2],
  ["SAFETY", says({ finishReason: "SAFETY" }), "model_refused", 1],
  ["PROHIBITED_CONTENT", says({ finishReason: "PROHIBITED_CONTENT" }), "model_refused", 1],
  ["BLOCKLIST", says({ finishReason: "BLOCKLIST" }), "model_refused", 1],
  ["SPII", says({ finishReason: "SPII" }), "model_refused", 1],
  ["a blocked prompt", says({ blockReason: "OTHER" }), "model_refused", 1],
  ["MAX_TOKENS", says({ finishReason: "MAX_TOKENS", truncateAt: 0.5 }), "model_truncated", 1],
  ["RECITATION", says({ finishReason: "RECITATION" }), "model_answer", 2],
  ["OTHER", says({ finishReason: "OTHER" }), "model_answer", 2],
  ["MALFORMED_RESPONSE", says({ finishReason: "MALFORMED_RESPONSE" }), "model_answer", 2],
  ["no finish reason", says({ finishReason: null }), "model_answer", 2],
  ["no candidates", says({ noCandidates: true }), "model_answer", 2],
  ["an empty text", says({ text: "" }), "model_answer", 2],
  ["JSON that is cut off", says({ truncateAt: 0.5 }), "model_answer", 2],
];

for (const [what, fault, code, requests] of FAULTS) {
  Deno.test(`${what} is ${code} after ${requests} request(s)`, async () => {
    await using bench = await startWorkbench();
    const request = given(bench);
    bench.service.fail({ ...fault, times: Infinity });
    assertEquals(await codeOf(() => bench.model.generate(request)), code);
    assertEquals(bench.count("generate"), requests);
    bench.service.reset();
  });
}

Deno.test("trouble that passes costs the user nothing but time", async () => {
  await using bench = await startWorkbench();
  const request = given(bench, { deadline: bench.clock.now() + 300_000 });
  for (const fault of [reset, http(503), says({ finishReason: "RECITATION" })]) {
    bench.service.fail(fault);
    assertEquals((await bench.model.generate(request)).value, { said: "hello" });
  }
});

Deno.test("an answer that could not be used is paid for, and counted", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail(says({ finishReason: "OTHER" }));
  await bench.model.generate(request);
  assertEquals(request.usage.calls, 2);
  const spent = request.usage.output_tokens;
  bench.service.fail(says({ finishReason: "MAX_TOKENS" }));
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_truncated");
  assertEquals(request.usage.calls, 3);
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

Deno.test("a call that hangs ends when its time is over, and is made once more", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail({ on: "generate", hang: true, times: 2 });
  const code = codeOf(() => bench.model.generate(request));
  for (const calls of [1, 2]) {
    while (bench.count("generate") < calls) await new Promise((done) => setTimeout(done, 1));
    bench.clock.ring();
  }
  assertEquals(await code, "model_unavailable");
});

Deno.test("an abort ends a call that hangs, with the abort's reason", async () => {
  await using bench = await startWorkbench();
  const stop = new AbortController();
  const request = given(bench, { signal: stop.signal });
  bench.service.fail({ on: "generate", hang: true });
  const code = codeOf(() => bench.model.generate(request));
  while (bench.count("generate") === 0) await new Promise((done) => setTimeout(done, 1));
  stop.abort(new AppError("lease_lost"));
  assertEquals([await code, bench.clock.timers], ["lease_lost", 0]);
});

Deno.test("a model that is gone is replaced by the fallback, from then on", async () => {
  await using bench = await startWorkbench({ fallbackModel: "gemini-3.5-flash-lite" });
  const { service, model: gemini } = bench;
  const request = given(bench);
  const gone = error("NOT_FOUND", "models/gemini-3.8-flash is not found for API version v1beta");
  service.fail(http(404, gone));
  assertEquals((await gemini.generate(request)).model, "gemini-3.5-flash-lite");
  await gemini.generate(request);
  const lite = "gemini-3.5-flash-lite";
  assertEquals(service.requests.map(({ model }) => model), ["gemini-3.8-flash", lite, lite]);
  assertEquals(gemini.model, lite);
});

Deno.test("a file that is gone between upload and use is told apart", async () => {
  await using bench = await startWorkbench();
  const { file, request } = await withFile(bench);
  await bench.model.deleteFile(file.name);
  assertEquals(await codeOf(() => bench.model.generate(request)), "file_gone");
  assertEquals(await codeOf(() => bench.model.countTokens(file, bench.limits())), "file_gone");
});

Deno.test("a file is gone after its deletion, and after a second one", async () => {
  await using bench = await startWorkbench();
  const { file } = await withFile(bench);
  assertEquals(await bench.model.deleteFile(file.name), true);
  assertEquals(await bench.model.deleteFile(file.name), true);
  assertEquals(bench.service.files.size, 0);
});

Deno.test("a deletion that fails is tried again, logged, and throws nothing", async () => {
  await using bench = await startWorkbench();
  const { file } = await withFile(bench);
  bench.service.fail({ on: "delete", status: 500, times: 3 });
  assertEquals(await bench.model.deleteFile(file.name), false);
  assertEquals(bench.count("delete"), 3);
  assert(bench.lines.some((line) => line.includes("file_not_deleted")));
  assertEquals(await bench.model.deleteFile(file.name), true);
});

Deno.test("a check asks for the model, and for no other", async () => {
  await using bench = await startWorkbench();
  await bench.model.check();
  assertEquals(bench.service.requests.map(({ path }) => path), ["/v1beta/models/gemini-3.8-flash"]);
  bench.service.fail({ on: "model", status: 503 });
  assertEquals(await codeOf(() => bench.model.check()), "model_unavailable");
});

Deno.test("without a key nothing is asked", async () => {
  await using bench = await startWorkbench({ apiKey: "" });
  assertEquals(await codeOf(() => bench.model.generate(given(bench))), "model_key");
  assertEquals(await codeOf(() => bench.model.check()), "model_key");
  const file = { name: "files/a", mimeType: "audio/webm", size: 5 };
  const open = () => Promise.resolve(new Response("audio"));
  assertEquals(await codeOf(() => bench.model.upload(open, file, bench.limits())), "model_key");
  assertEquals(bench.service.requests, []);
});

Deno.test("the key does not follow a redirect", async () => {
  await using bench = await startWorkbench();
  await using elsewhere = await startWorkbench();
  const location = `${elsewhere.service.url}/v1beta/models/gemini-3.8-flash:generateContent`;
  const request = given(bench);
  bench.service.fail({ on: "generate", status: 307, headers: { location }, times: Infinity });
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_unavailable");
  assertEquals(elsewhere.service.requests, []);
});

Deno.test("without a base URL Google's address is asked and no other", async () => {
  await using bench = await startWorkbench();
  const asked: string[] = [];
  const gemini = geminiApi(createGeminiClient({
    apiKey: "key",
    model: "gemini-3.8-flash",
    clock: bench.clock,
    log: bench.log,
    fetch: (input) => {
      asked.push(new URL(input instanceof Request ? input.url : input).host);
      return Promise.resolve(new Response("{}", { status: 400 }));
    },
  }));
  const file = { name: "files/a", uri: "", mimeType: "audio/webm" };
  const open = () => Promise.resolve(new Response("audio"));
  await assertRejects(() => gemini.generate(given(bench)));
  await assertRejects(() => gemini.countTokens(file, bench.limits()));
  await assertRejects(() => gemini.upload(open, { ...file, size: 5 }, bench.limits()));
  await assertRejects(() => gemini.check());
  assertFalse(await gemini.deleteFile("files/a"));
  assertEquals(asked, Array(5).fill("generativelanguage.googleapis.com"));
});

Deno.test("what Gemini says of an error is in no log and in no message", async () => {
  await using bench = await startWorkbench();
  const request = given(bench);
  bench.service.fail({ ...http(500, error("INTERNAL", "secret words")), times: Infinity });
  const failed = await assertRejects(() => bench.model.generate(request), AppError);
  assert(bench.lines.length > 0);
  assertFalse([failed.message, String(failed.cause), ...bench.lines].join().includes("secret"));
});
