import { assert, assertEquals, assertFalse } from "@std/assert";
import { REFUSALS } from "../../../local/stand_ins/gemini/refusals.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { asked, assertWhole, SIZE, uploadOf } from "../uploading.ts";
import { codeOf, type GeminiBench, startWorkbench, webm } from "../workbench.ts";

Deno.test("neither the key nor the upload's address is in a log", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  bench.service.fail({ on: "bytes", breakAt: 0.5 });
  await upload();
  const secrets = [bench.service.apiKey, bench.source.key, ...bench.service.uploads.keys()];
  assert(bench.lines.length > 0 && secrets.length === 3);
  for (const secret of secrets) assertFalse(bench.lines.some((line) => line.includes(secret)));
});

Deno.test("a file that an earlier try uploaded is used as it is", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  const first = await upload();
  assertEquals(await upload(), first);
  assertEquals(asked(bench), ["get", "start", "bytes 0", "get"]);
});

Deno.test("a name that is taken only when all bytes have come is looked up, and used", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  bench.service.behaviour.nameTakenAtEnd = true;
  // Not found at first: it comes into being while the bytes are sent.
  bench.service.fail({ on: "get", status: 403, body: REFUSALS.file(name).body });
  const first = await upload();
  bench.service.fail({ on: "get", status: 403, body: REFUSALS.file(name).body });
  assertEquals(await upload(), first);
  assertEquals(asked(bench).slice(3), ["get", "start", "bytes 0", "get"]);
  await assertWhole(bench, name, bytes);
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
    const { upload, name, bytes, recording } = await uploadOf(bench);
    // Left there by somebody who did not look at what was answered.
    bench.service.fail(fault);
    await fetch(await sessionOf(bench, name, bytes.length), {
      method: "POST",
      headers: { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" },
      body: bytes as Uint8Array<ArrayBuffer>,
    }).then((response) => response.body?.cancel());
    await upload();
    assertEquals(asked(bench).slice(2), ["get", "delete", "get", "start", "bytes 0"]);
    assertEquals(bench.service.files.get(await bench.nameOf(recording))?.file.state, "ACTIVE");
    await assertWhole(bench, name, bytes);
  });
}

async function sessionOf({ service }: GeminiBench, name: string, size: number): Promise<string> {
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

Deno.test("a file that is still processed is waited for", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  bench.service.fail({ on: "file", polls: 5 });
  await upload();
  assertEquals(bench.clock.slept, [1000, 1500, 2250, 3375, 5000, 5000]);
});

Deno.test("a file that never gets ready ends with the upload's time", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  const before = bench.clock.now();
  bench.service.fail({ on: "file", polls: Infinity });
  assertEquals(await codeOf(upload), "model_unavailable");
  assert(bench.clock.now() - before <= 20_000 + SIZE / 524.288);
});

Deno.test("a file that Gemini could not process is file_rejected, and deleted", async () => {
  await using bench = await startWorkbench();
  const { upload } = await uploadOf(bench);
  bench.service.fail({ on: "file", failed: true });
  assertEquals(await codeOf(upload), "file_rejected");
  assertEquals(bench.service.files.size, 0);
});

Deno.test("a file of 0 bytes in an outage is deleted and sent again", async () => {
  await using bench = await startWorkbench();
  const { upload, name, bytes } = await uploadOf(bench);
  bench.service.fail({ on: "file", sizeBytes: "0" });
  await upload();
  assertEquals(asked(bench), ["get", "start", "bytes 0", "delete", "get", "start", "bytes 0"]);
  await assertWhole(bench, name, bytes);
});

for (const how of ["an abort", "a timeout"]) {
  Deno.test(`${how} in the middle of the bytes ends the upload and nothing else`, async () => {
    await using bench = await startWorkbench();
    const { upload, limits, name, bytes } = await uploadOf(bench, webm(20_000_000));
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
