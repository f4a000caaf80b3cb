import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { CLOUD_REFUSALS } from "../../../../local/stand_ins/google_cloud/refusals.ts";
import { makeAccount } from "../../../../local/stand_ins/google_cloud/tokens.ts";
import { createModel } from "../../../../supabase/functions/generate-summary/models/ways.ts";
import { given, withFile } from "../../generating.ts";
import { codeOf, startCloudBench } from "../../workbench.ts";

Deno.test("a file is uploaded, counted, heard and deleted, with one token for all", async () => {
  await using bench = await startCloudBench();
  const { file, request } = await withFile(bench);
  assert(await bench.model.countTokens(file, bench.limits()) > 0);
  const answer = await bench.model.generate(request);
  assertEquals([answer.text, answer.cut], ['{"said":"hello"}', null]);
  assertEquals(await bench.model.deleteFile(file.name), true);
  assertEquals(await bench.model.deleteFile(file.name), true);
  const given = bench.service.requests.filter(({ kind, status }) =>
    kind === "token" && status === 200
  );
  assertEquals([given.length, bench.service.files.size], [1, 0]);
  assertEquals(request.calls.map(({ model }) => model), ["gemini-3.8-flash"]);
});

Deno.test("the model is asked where it is to run, under a number of the platform's version", async () => {
  await using bench = await startCloudBench();
  await bench.model.generate(given(bench));
  assertEquals(
    bench.service.requests.at(-1)?.path,
    "/v1/projects/hospital-1/locations/eu/publishers/google/models/gemini-3.8-flash" +
      ":streamGenerateContent?alt=sse",
  );
});

Deno.test("a check counts a word with the model, and costs nothing", async () => {
  await using bench = await startCloudBench();
  await bench.model.check();
  assertEquals(bench.service.requests.at(-1)?.kind, "count");
});

Deno.test("a location that has not the model is model_not_found, until it is mended", async () => {
  await using bench = await startCloudBench();
  bench.service.locations.delete("eu");
  assertEquals(await codeOf(() => bench.model.check()), "model_not_found");
  assertEquals(await codeOf(() => bench.model.generate(given(bench))), "model_not_found");
  bench.service.locations.add("eu");
  await bench.model.generate(given(bench));
});

Deno.test("a model's own account that may not read the bucket is model_bucket", async () => {
  await using bench = await startCloudBench();
  const { request } = await withFile(bench);
  for (const refusal of [CLOUD_REFUSALS.agent(), CLOUD_REFUSALS.agentComing()]) {
    bench.service.fail({ on: "generate", refusal });
    assertEquals(await codeOf(() => bench.model.generate(request)), "model_bucket");
  }
});

Deno.test("an object that is gone between upload and use is told apart", async () => {
  await using bench = await startCloudBench();
  const { file, request } = await withFile(bench);
  await bench.model.deleteFile(file.name);
  assertEquals(await codeOf(() => bench.model.generate(request)), "file_gone");
  assertEquals(await codeOf(() => bench.model.countTokens(file, bench.limits())), "file_gone");
});

Deno.test("a token that is refused in its time is not used again", async () => {
  await using bench = await startCloudBench();
  await bench.model.check();
  bench.service.tokens.revoke();
  assertEquals(await codeOf(() => bench.model.check()), "model_key");
  await bench.model.check();
});

Deno.test("429 without a delay is tried again as the table says", async () => {
  await using bench = await startCloudBench();
  bench.service.fail({ on: "generate", refusal: CLOUD_REFUSALS.exhausted(), times: 2 });
  const request = given(bench);
  assertEquals((await bench.model.generate(request)).cut, null);
  assertEquals(request.calls.length, 1, "what was refused was not paid for");
});

Deno.test("types go by the names that the platform lists, or not at all", async () => {
  await using bench = await startCloudBench();
  const { model } = bench;
  assertEquals(model.typeName("audio/aac"), "audio/x-aac");
  assertEquals(model.typeName("audio/webm"), "audio/webm");
  assertEquals(model.typeName("audio/aiff"), null);
});

Deno.test("Google's three hosts are asked and no other, whatever an answer says", async () => {
  await using bench = await startCloudBench();
  const { key } = await makeAccount("hospital-1");
  const asked = new Set<string>();
  const keys: (string | null)[] = [];
  const model = createModel({
    provider: "google-cloud",
    model: "gemini-3.8-flash",
    geminiApi: { apiKey: "key" },
    googleCloud: { key: JSON.stringify(key), location: "eu", bucket: "bucket-1" },
  }, {
    clock: bench.clock,
    log: bench.log,
    longest: 50_000,
    fetch(input, init) {
      const { host, pathname } = new URL(input instanceof Request ? input.url : input);
      asked.add(host);
      keys.push(new Headers(init?.headers).get("x-goog-api-key"));
      if (pathname === "/token") {
        return Promise.resolve(Response.json({ access_token: "t", expires_in: 3599 }));
      }
      return Promise.resolve(new Response("{}", { status: 400 }));
    },
  });
  const file = { name: "consultations/a", uri: "gs://b/a", mimeType: "audio/webm" };
  const open = () => Promise.resolve(new Response("audio"));
  await assertRejects(() => model.generate(given(bench)));
  await assertRejects(() => model.countTokens(file, bench.limits()));
  await assertRejects(() => model.upload(open, { ...file, size: 5 }, bench.limits()));
  await assertRejects(() => model.check());
  await model.sweep();
  assertFalse(await model.deleteFile(file.name));
  assertEquals([...asked].sort(), [
    "aiplatform.eu.rep.googleapis.com",
    "oauth2.googleapis.com",
    "storage.googleapis.com",
  ]);
  assertEquals(keys.filter((key) => key !== null), []);
});

Deno.test("neither the key nor a token nor an upload's address is in any log", async () => {
  await using bench = await startCloudBench();
  const { file } = await withFile(bench);
  bench.service.fail({ on: "delete", status: 500, times: 9 });
  assertFalse(await bench.model.deleteFile(file.name));
  assert(bench.lines.length > 1);
  const said = bench.lines.join();
  const secrets = ["ya29.", "PRIVATE KEY", "hospital-1", ...bench.service.uploads.keys()];
  assertEquals(secrets.filter((secret) => said.includes(secret)), []);
});
