import { assert, assertEquals, assertFalse, assertMatch, assertRejects } from "@std/assert";
import { AppError } from "../../../../supabase/functions/generate-summary/core/errors.ts";
import { fileName } from "../../../../supabase/functions/generate-summary/models/gemini_api/file_name.ts";
import type { ModelFile } from "../../../../supabase/functions/generate-summary/models/model.ts";
import { sha256, startWorkbench, webm, type Workbench } from "../../workbench.ts";

const SIZE = 3_000_000;

/** A stored object and how it is uploaded. */
async function given(bench: Workbench, bytes = webm(SIZE), mimeType = "audio/webm") {
  const recording = bench.record(bytes);
  const limits: { deadline: number; signal?: AbortSignal } = bench.limits();
  const pin = await bench.storage.peek(recording, limits);
  const name = await bench.nameOf(recording);
  return {
    bytes,
    name,
    recording,
    limits,
    upload: (): Promise<ModelFile> =>
      bench.model.upload(
        pin.open,
        { name, mimeType, size: pin.size },
        limits,
      ),
  };
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, AppError)).code;
}

/** The uploads' requests, in order: what was asked and from where. */
const asked = ({ service }: Workbench) =>
  service.requests.map(({ kind, offset }) => kind === "bytes" ? `bytes ${offset}` : kind);

async function assertWhole(bench: Workbench, name: string, bytes: Uint8Array) {
  assertEquals(bench.service.files.get(name)?.sha256, await sha256(bytes));
}

Deno.test("a file's name is the same on every try and says nothing", async () => {
  const name = await fileName({ recording_id: "a", object_version: "1" });
  assertMatch(name, /^files\/[0-9a-f]{40}$/);
  assertEquals(name, await fileName({ recording_id: "a", object_version: "1" }));
  assertFalse(name === await fileName({ recording_id: "a", object_version: "2" }));
});

Deno.test("a file arrives whole in one request that carries its length", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await given(bench);
  const file = await upload();
  assertEquals([file.name, file.mimeType], [name, "audio/webm"]);
  assertEquals(asked(bench), ["start", "bytes 0"]);
  const sent = bench.service.requests.find(({ kind }) => kind === "bytes");
  assertEquals(sent?.contentLength, SIZE);
  await assertWhole(bench, name, bytes);
});

Deno.test("neither the key nor the upload's address is in a log", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  bench.service.fail({ on: "bytes", breakAt: 0.5 });
  await upload();
  const secrets = [bench.service.apiKey, bench.source.key, ...bench.service.uploads.keys()];
  assert(bench.lines.length > 0 && secrets.length === 3);
  for (const secret of secrets) assertFalse(bench.lines.some((line) => line.includes(secret)));
});

Deno.test("a file that an earlier try uploaded is used as it is", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  const first = await upload();
  assertEquals(await upload(), first);
  assertEquals(asked(bench), ["start", "bytes 0", "start", "get"]);
});

for (
  const [what, fault] of [
    ["another size", { on: "file", sizeBytes: "0" }],
    ["a failed state", { on: "file", failed: true }],
    ["another type", { on: "file", mimeType: "text/plain" }],
  ] as const
) {
  Deno.test(`a file of that name with ${what} is replaced`, async () => {
    await using bench = await startWorkbench();
    const { upload, name, bytes, recording } = await given(bench);
    // Left there by somebody who did not look at what was answered.
    bench.service.fail(fault);
    await fetch(await sessionOf(bench, name, bytes.length), {
      method: "POST",
      headers: { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" },
      body: bytes as Uint8Array<ArrayBuffer>,
    }).then((response) => response.body?.cancel());
    await upload();
    assertEquals(asked(bench).slice(2), ["start", "get", "delete", "start", "bytes 0"]);
    assertEquals(bench.service.files.get(await bench.nameOf(recording))?.file.state, "ACTIVE");
    await assertWhole(bench, name, bytes);
  });
}

async function sessionOf({ service }: Workbench, name: string, size: number): Promise<string> {
  const response = await fetch(`${service.url}/upload/v1beta/files`, {
    method: "POST",
    headers: {
      "x-goog-api-key": service.apiKey,
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": String(size),
      "x-goog-upload-header-content-type": "audio/webm",
    },
    body: JSON.stringify({ file: { name } }),
  });
  await response.body?.cancel();
  const { pathname, search } = new URL(response.headers.get("x-goog-upload-url")!);
  return service.url + pathname + search;
}

Deno.test("503 at the start is tried again", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  bench.service.fail({ on: "start", status: 503, times: 2 });
  await upload();
  assertEquals(asked(bench), ["start", "start", "start", "bytes 0"]);
});

Deno.test("429 at the start waits as long as it says", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "11.7s" }];
  const body = {
    error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Slow down", details },
  };
  bench.service.fail({ on: "start", status: 429, body });
  await upload();
  assertEquals(bench.clock.slept, [11_700]);
});

Deno.test("a start that gives no address is tried again, then model_unavailable", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  bench.service.fail({ on: "start", status: 200, times: 3 });
  assertEquals(await codeOf(upload), "model_unavailable");
  assertEquals(asked(bench), ["start", "start", "start"]);
});

Deno.test("a type that Gemini does not take is file_rejected", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench, webm(100), "audio/x-unknown");
  assertEquals(await codeOf(upload), "file_rejected");
  assertEquals(asked(bench), ["start"]);
});

Deno.test("a source that breaks is resumed with what is missing", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await given(bench);
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
  const { upload, name, bytes } = await given(bench);
  bench.service.fail({ on: "bytes", breakAt: 0.6 });
  await upload();
  assertEquals(asked(bench), ["start", "bytes 0", "query", `bytes ${SIZE * 0.6}`]);
  await assertWhole(bench, name, bytes);
});

Deno.test("a file that arrived is not sent again when the answer is lost", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await given(bench);
  bench.service.fail({ on: "bytes", loseAnswer: true });
  await upload();
  assertEquals(asked(bench), ["start", "bytes 0", "query", "get"]);
  await assertWhole(bench, name, bytes);
});

for (const status of [308, 412, 503]) {
  Deno.test(`${status} in the middle is resumed from where Gemini stands`, async () => {
    await using bench = await startWorkbench();
    const { upload, name, bytes } = await given(bench);
    bench.service.fail({ on: "bytes", breakAt: 0.25, status });
    await upload();
    assertEquals(asked(bench), ["start", "bytes 0", "query", `bytes ${SIZE / 4}`]);
    await assertWhole(bench, name, bytes);
  });
}

Deno.test("all bytes but no file yet: the upload is finalized alone", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await given(bench);
  bench.service.fail({ on: "bytes", breakAt: 1 });
  await upload();
  const kinds = asked(bench);
  assertEquals(kinds.slice(0, 3), ["start", "bytes 0", "query"]);
  await assertWhole(bench, name, bytes);
});

Deno.test("an upload that Gemini cancels starts over", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await given(bench);
  bench.service.fail({ on: "bytes", cancelled: true });
  await upload();
  assertEquals(asked(bench), ["start", "bytes 0", "start", "bytes 0"]);
  await assertWhole(bench, name, bytes);
});

Deno.test("when nothing arrives it is given up after three recoveries", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  bench.service.fail({ on: "bytes", reset: true, times: Infinity });
  assertEquals(await codeOf(upload), "model_unavailable");
  assertEquals([bench.count("bytes"), bench.count("query")], [4, 4]);
  assertEquals(bench.service.files.size, 0);
});

Deno.test("an object that is overwritten meanwhile is never joined with the old one", async () => {
  await using bench = await startWorkbench();
  const { upload, recording } = await given(bench);
  bench.source.fail({ on: "open", breakAt: 0.4 });
  const path = `consultations/${recording.object_path}`;
  bench.source.fail({ on: "open", before: () => bench.source.put(path, webm(SIZE)) });
  assertEquals(await codeOf(upload), "file_changed");
  assertEquals(bench.service.files.size, 0);
});

Deno.test("a file that is still processed is waited for", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  bench.service.fail({ on: "file", polls: 5 });
  await upload();
  assertEquals(bench.clock.slept, [1000, 1500, 2250, 3375, 5000, 5000]);
});

Deno.test("a file that never gets ready ends with the upload's time", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  const before = bench.clock.now();
  bench.service.fail({ on: "file", polls: Infinity });
  assertEquals(await codeOf(upload), "model_unavailable");
  assert(bench.clock.now() - before <= 20_000 + SIZE / 524.288);
});

Deno.test("a file that Gemini could not process is file_rejected, and deleted", async () => {
  await using bench = await startWorkbench();
  const { upload } = await given(bench);
  bench.service.fail({ on: "file", failed: true });
  assertEquals(await codeOf(upload), "file_rejected");
  assertEquals(bench.service.files.size, 0);
});

Deno.test("a file of 0 bytes in an outage is deleted and sent again", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await given(bench);
  bench.service.fail({ on: "file", sizeBytes: "0" });
  await upload();
  assertEquals(asked(bench), ["start", "bytes 0", "delete", "start", "bytes 0"]);
  await assertWhole(bench, name, bytes);
});

for (const how of ["an abort", "a timeout"]) {
  Deno.test(`${how} in the middle of the bytes ends the upload and nothing else`, async () => {
    await using bench = await startWorkbench();
    const { upload, limits, name, bytes } = await given(bench, webm(20_000_000));
    const stop = new AbortController();
    limits.signal = stop.signal;
    bench.service.fail({ on: "bytes", hang: true });
    const ended = upload().catch((error) => error);
    while (bench.count("bytes") === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (how === "an abort") stop.abort(new AppError("lease_lost"));
    else bench.clock.ring();
    const { code } = await ended as AppError;
    assertEquals(code, how === "an abort" ? "lease_lost" : "model_unavailable");
    limits.signal = undefined;
    await upload();
    await assertWhole(bench, name, bytes);
  });
}
