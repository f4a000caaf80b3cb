import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLog } from "../../../../supabase/functions/generate-summary/core/log.ts";
import { createModelClient } from "../../../../supabase/functions/generate-summary/models/client.ts";
import { createFiles } from "../../../../supabase/functions/generate-summary/models/gemini_api/files.ts";
import { lazilySdk } from "../../../../supabase/functions/generate-summary/models/sdk.ts";
import { Fault } from "../../../../supabase/functions/generate-summary/models/policy.ts";
import { sendAll } from "../../../../supabase/functions/generate-summary/models/upload.ts";
import { fakeClock } from "../../fake_clock.ts";
import { asked, assertWhole, SIZE, uploadOf } from "../../uploading.ts";
import { codeOf, startWorkbench, webm } from "../../workbench.ts";

Deno.test("a file arrives whole in one request that carries its length", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  const file = await upload();
  assertEquals([file.name, file.mimeType], [name, "audio/webm"]);
  assertEquals(asked(bench), ["get", "start", "bytes 0"]);
  const sent = bench.service.requests.find(({ kind }) => kind === "bytes");
  assertEquals(sent?.contentLength, SIZE);
  await assertWhole(bench, name, bytes);
});

Deno.test("503 at the start is tried again", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  bench.service.fail({ on: "start", status: 503, times: 2 });
  await upload();
  assertEquals(asked(bench), ["get", "start", "start", "start", "bytes 0"]);
});

Deno.test("429 at the start waits as long as it says", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "11.7s" }];
  const body = {
    error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Slow down", details },
  };
  bench.service.fail({ on: "start", status: 429, body });
  await upload();
  const [slept, ...others] = bench.clock.slept;
  assert(slept >= 11_700 && slept <= 11_700 * 1.25);
  assertEquals(others, []);
});

Deno.test("a start that gives no address is tried again, then model_unavailable", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  bench.service.fail({ on: "start", status: 200, times: 3 });
  assertEquals(await codeOf(upload), "model_unavailable");
  assertEquals(asked(bench), ["get", "start", "start", "start"]);
});

Deno.test("a type that Gemini does not take is file_rejected", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench, webm(100), "audio/x-unknown");
  assertEquals(await codeOf(upload), "file_rejected");
  assertEquals(asked(bench), ["get", "start"]);
});

Deno.test("a source that breaks is resumed with what is missing", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  bench.source.fail({ on: "open", breakAt: 0.4 });
  await upload();
  // Where Gemini stands may be asked while the last bytes of the first part still come in.
  const { offset = 0, contentLength } = bench.service.requests.at(-1)!;
  assert(offset > 0, "nothing of the first part arrived");
  assertEquals(bench.source.requests.at(-1)?.range, `bytes=${offset}-`);
  assertEquals(contentLength, SIZE - offset);
  assertEquals(bench.count("start"), 1);
  await assertWhole(bench, name, bytes);
});

Deno.test("a connection to Gemini that breaks is resumed with what is missing", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  bench.service.fail({ on: "bytes", breakAt: 0.6 });
  await upload();
  assertEquals(asked(bench), ["get", "start", "bytes 0", "query", `bytes ${SIZE * 0.6}`]);
  await assertWhole(bench, name, bytes);
});

Deno.test("a file that arrived is not sent again when the answer is lost", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  bench.service.fail({ on: "bytes", loseAnswer: true });
  await upload();
  assertEquals(asked(bench), ["get", "start", "bytes 0", "query", "get"]);
  await assertWhole(bench, name, bytes);
});

for (const status of [308, 412, 503]) {
  Deno.test(`${status} in the middle is resumed from where Gemini stands`, async () => {
    await using bench = await startWorkbench();
    const { upload, name, bytes } = await uploadOf(bench);
    bench.service.fail({ on: "bytes", breakAt: 0.25, status });
    await upload();
    assertEquals(asked(bench), ["get", "start", "bytes 0", "query", `bytes ${SIZE / 4}`]);
    await assertWhole(bench, name, bytes);
  });
}

Deno.test("all bytes but no file yet: the upload is finalized alone", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  bench.service.fail({ on: "bytes", breakAt: 1 });
  await upload();
  const kinds = asked(bench);
  assertEquals(kinds.slice(1, 4), ["start", "bytes 0", "query"]);
  await assertWhole(bench, name, bytes);
});

Deno.test("an upload that Gemini cancels starts over", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  bench.service.fail({ on: "bytes", cancelled: true });
  await upload();
  assertEquals(asked(bench), ["get", "start", "bytes 0", "get", "start", "bytes 0"]);
  await assertWhole(bench, name, bytes);
});

Deno.test("when nothing arrives it is given up after three recoveries", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  bench.service.fail({ on: "bytes", reset: true, times: Infinity });
  assertEquals(await codeOf(upload), "model_unavailable");
  assertEquals([bench.count("bytes"), bench.count("query")], [4, 4]);
  assertEquals(bench.service.files.size, 0);
});

Deno.test("an object that is overwritten meanwhile is never joined with the old one", async () => {
  await using bench = await startWorkbench();
  const { upload, recording } = await uploadOf(bench);
  bench.source.fail({ on: "open", breakAt: 0.4 });
  const path = `consultations/${recording.object_path}`;
  bench.source.fail({ on: "open", before: () => bench.source.put(path, webm(SIZE)) });
  assertEquals(await codeOf(upload), "file_changed");
  assertEquals(bench.service.files.size, 0);
});

/** An upload of 100 bytes to a service that gives these answers in turn. */
function uploading(...answers: (Response | Error)[]) {
  const requests: { url: string; headers: Headers; body: unknown }[] = [];
  const clock = fakeClock();
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const answer = answers[requests.length];
    requests.push({ url, headers: new Headers(init?.headers), body: init?.body });
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const given = { apiKey: "key", baseUrl: "https://proxy.example:8443", fetch };
  const sdk = lazilySdk({ ...given, apiVersion: "v1beta" });
  const client = createModelClient({ model: "model-1", sdk, clock, log: createLog(() => {}) });
  const store = createFiles({ client, ...given });
  const opened: number[] = [];
  const open = (from: number) => {
    opened.push(from);
    return Promise.resolve(new Response("x".repeat(100 - from)));
  };
  const file = { name: "files/a", mimeType: "audio/webm", size: 100 };
  return {
    uploading: { open, file, store, limits: { deadline: clock.now() + 600_000 } },
    requests,
    opened,
    clock,
  };
}

const answer = (status: string, more: Record<string, string> = {}, body = "{}", code = 200) =>
  new Response(body, { status: code, headers: { "x-goog-upload-status": status, ...more } });
const received = (bytes: number) =>
  answer("active", { "x-goog-upload-size-received": String(bytes) });
const FILE = { uri: "u", mimeType: "audio/webm", sizeBytes: "100", state: "ACTIVE" };
const KEPT = { uri: "u", mimeType: "audio/webm", size: 100, state: "ACTIVE" };
const final = () => answer("final", {}, JSON.stringify({ file: FILE }));
const start = ({ store, file, limits }: ReturnType<typeof uploading>["uploading"]) =>
  store.start(file, limits);
const SESSION = new URL("https://proxy.example:8443/upload?id=secret");

Deno.test("the start names the file, its size and its type, and carries the key", async () => {
  const { uploading: given, requests } = uploading(
    answer("active", { "x-goog-upload-url": "https://google.example/upload?id=secret" }),
  );
  // The bytes go where everything goes, whatever host the address names.
  assertEquals((await start(given))?.href, SESSION.href);
  const [{ url, headers, body }] = requests;
  assertEquals(url, "https://proxy.example:8443/upload/v1beta/files");
  assertEquals(headers.get("x-goog-api-key"), "key");
  assertEquals(headers.get("x-goog-upload-header-content-length"), "100");
  assertEquals(headers.get("x-goog-upload-header-content-type"), "audio/webm");
  assertEquals(JSON.parse(String(body)), {
    file: { name: "files/a", mimeType: "audio/webm", sizeBytes: "100" },
  });
});

Deno.test("a name that is taken is no fault: whoever took it may have sent the same", async () => {
  const { uploading: given, requests } = uploading(new Response("{}", { status: 409 }));
  assertEquals([await start(given), requests.length], [null, 1]);
});

Deno.test("a name that is taken at the end is looked up: somebody else may have sent the same", async () => {
  const there = Response.json(FILE);
  const { uploading: given, requests } = uploading(answer("", {}, "{}", 409), there);
  assertEquals((await sendAll(SESSION, given))?.state, "ACTIVE");
  assertEquals(requests.length, 2);
});

Deno.test("the bytes go without the key, the address is secret enough", async () => {
  const { uploading: given, requests } = uploading(final());
  assertEquals(await sendAll(SESSION, given), KEPT);
  const { url, headers } = requests[0];
  assertEquals([url, headers.has("x-goog-api-key")], [SESSION.href, false]);
  assertEquals(headers.get("x-goog-upload-offset"), "0");
  assertEquals(headers.get("x-goog-upload-command"), "upload, finalize");
});

Deno.test("progress begins the count of recoveries anew", async () => {
  const broken = new TypeError("reset");
  const rounds = [20, 20, 20, 40, 40, 40, 60].flatMap((bytes) => [broken, received(bytes)]);
  const { uploading: given, opened, clock } = uploading(...rounds, final());
  assertEquals(await sendAll(SESSION, given), KEPT);
  assertEquals(opened, [0, 20, 20, 20, 40, 40, 40, 60]);
  // The first recovery after progress comes at once, the others later and later.
  assertEquals(clock.slept, [1000, 2000, 1000, 2000]);
});

Deno.test("bytes that all arrived are not opened again to be finalized", async () => {
  const { uploading: given, opened, requests } = uploading(
    new TypeError("reset"),
    received(100),
    final(),
  );
  await sendAll(SESSION, given);
  const { headers, body } = requests[2];
  assertEquals([opened, body, headers.get("x-goog-upload-command")], [[0], null, "finalize"]);
  assertEquals(headers.get("x-goog-upload-offset"), "100");
});

for (
  const [what, answers, kind] of [
    ["more bytes than there are", [new TypeError("reset"), received(101)], "upload_void"],
    ["no number of bytes", [new TypeError("reset"), answer("active")], "upload_void"],
    ["a session that is unknown", [
      new TypeError("reset"),
      answer("", {}, "{}", 404),
    ], "upload_void"],
    ["a cancelled upload", [answer("cancelled", {}, "{}", 400)], "upload_void"],
  ] as const
) {
  Deno.test(`${what}: the session is no use any more`, async () => {
    const { uploading: given, requests } = uploading(...answers);
    assertEquals((await assertRejects(() => sendAll(SESSION, given), Fault)).kind, kind);
    assertEquals(requests.length, answers.length);
  });
}
