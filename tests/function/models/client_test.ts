import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { geminiApi } from "../../../supabase/functions/generate-summary/models/gemini_api/gemini_api.ts";
import { error, given, http, withFile } from "../generating.ts";
import { codeOf, startWorkbench } from "../workbench.ts";

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
  await using bench = await startWorkbench({ GEMINI_FALLBACK_MODEL: "gemini-3.5-flash-lite" });
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

Deno.test("a fallback that is gone too is model_not_found, each asked once", async () => {
  await using bench = await startWorkbench({ GEMINI_FALLBACK_MODEL: "gemini-3.5-flash-lite" });
  const { service, model: gemini } = bench;
  const request = given(bench);
  service.fail({ ...http(404, error("NOT_FOUND", "models/x is not found")), times: Infinity });
  assertEquals(await codeOf(() => gemini.generate(request)), "model_not_found");
  assertEquals(bench.count("generate"), 2);
  assertEquals(await codeOf(() => gemini.generate(request)), "model_not_found");
  assertEquals(bench.count("generate"), 3);
});

Deno.test("a file is gone after its deletion, and after a second one", async () => {
  await using bench = await startWorkbench();
  const { file } = await withFile(bench);
  assertEquals(await bench.model.deleteFile(file.name), true);
  assertEquals(await bench.model.deleteFile(file.name), true);
  assertEquals(bench.service.files.size, 0);
});

Deno.test("of many files three are deleted at a time", async () => {
  await using bench = await startWorkbench();
  let [now, most] = [0, 0];
  const gemini = geminiApi({ apiKey: "key", model: "gemini-3.8-flash" }, {
    clock: bench.clock,
    log: bench.log,
    longest: 50_000,
    async fetch() {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, 1));
      now--;
      return Response.json({});
    },
  });
  const files = Array.from({ length: 10 }, (_, index) => `files/a${index}`);
  assertEquals(new Set(await Promise.all(files.map(gemini.deleteFile))), new Set([true]));
  assertEquals([now, most], [0, 3]);
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

Deno.test("without a key nothing is asked", async () => {
  await using bench = await startWorkbench({ GEMINI_API_KEY: "" });
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
  const location = `${elsewhere.service.url}/v1beta/models/gemini-3.8-flash:streamGenerateContent`;
  const request = given(bench);
  bench.service.fail({ on: "generate", status: 307, headers: { location }, times: Infinity });
  assertEquals(await codeOf(() => bench.model.generate(request)), "model_unavailable");
  assertEquals(elsewhere.service.requests, []);
});

Deno.test("without a base URL Google's address is asked and no other", async () => {
  await using bench = await startWorkbench();
  const asked: string[] = [];
  const gemini = geminiApi({ apiKey: "key", model: "gemini-3.8-flash" }, {
    clock: bench.clock,
    log: bench.log,
    longest: 50_000,
    fetch: (input) => {
      asked.push(new URL(input instanceof Request ? input.url : input).host);
      return Promise.resolve(new Response("{}", { status: 400 }));
    },
  });
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
