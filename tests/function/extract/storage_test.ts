import { assert, assertEquals } from "@std/assert";
import { MAX_FILE_BYTES } from "../../../supabase/functions/generate-summary/extract/storage.ts";
import { codeOf, startWorkbench, webm, type Workbench } from "../workbench.ts";

/** How many times the object was asked for. */
const asked = ({ source }: Workbench) => source.requests.length;

Deno.test("peek reads an object's first 4 KiB and says what it is", async () => {
  await using bench = await startWorkbench();
  const bytes = webm(10_000);
  const recording = bench.record(bytes);
  const { head, size, contentType, etag } = await bench.storage.peek(recording, bench.limits());
  assertEquals(head, bytes.subarray(0, 4096));
  assertEquals({ size, contentType }, { size: 10_000, contentType: "audio/webm" });
  assert(etag);
  assertEquals(bench.source.requests.map(({ range }) => range), ["bytes=0-4095"]);
});

Deno.test("peek leaves a source that ignores ranges after 4 KiB", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(webm(3_000_000));
  bench.source.fail({ on: "peek", ignoreRange: true });
  const { head, size } = await bench.storage.peek(recording, bench.limits());
  assertEquals([head.length, size], [4096, 3_000_000]);
});

Deno.test("open gives the rest of the pinned bytes, with their length", async () => {
  await using bench = await startWorkbench();
  const bytes = webm(10_000);
  const recording = bench.record(bytes);
  const pin = await bench.storage.peek(recording, bench.limits());
  const response = await pin.open(6000, bench.limits());
  assertEquals(response.headers.get("content-length"), "4000");
  assertEquals(new Uint8Array(await response.arrayBuffer()), bytes.subarray(6000));
});

Deno.test("a path is sent in its encoded form", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(webm(100), { object_path: "a b/ü?#%.webm" });
  await bench.storage.peek(recording, bench.limits());
  assertEquals(bench.source.requests[0].path, "consultations/a b/ü?#%.webm");
});

for (
  const [what, fault, code] of [
    ["404", { status: 404 }, "file_missing"],
    ["400 that holds 404", { status: 400, body: { statusCode: "404" } }, "file_missing"],
    ["403", { status: 403 }, "file_forbidden"],
    ["400 that holds 403", { status: 400, body: { statusCode: "403" } }, "file_forbidden"],
    ["gzip", { gzip: true }, "storage_unavailable"],
    ["a body without a length", { chunked: true }, "storage_unavailable"],
  ] as const
) {
  Deno.test(`${what} from Storage is ${code} at once`, async () => {
    await using bench = await startWorkbench();
    const recording = bench.record(webm(10_000));
    bench.source.fail({ on: "peek", ...fault });
    assertEquals(await codeOf(() => bench.storage.peek(recording, bench.limits())), code);
    assertEquals(asked(bench), 1);
  });
}

Deno.test("500 from Storage is tried again, three times at most", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(webm(10_000));
  bench.source.fail({ on: "peek", status: 500 });
  await bench.storage.peek(recording, bench.limits());
  assertEquals(asked(bench), 2);
  bench.source.fail({ on: "peek", status: 503, times: 4 });
  const code = await codeOf(() => bench.storage.peek(recording, bench.limits()));
  assertEquals([code, asked(bench)], ["storage_unavailable", 6]);
});

Deno.test("a Storage that never answers is given up when the timer rings", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(webm(10_000));
  bench.source.fail({ on: "peek", hang: true, times: 4 });
  const code = codeOf(() => bench.storage.peek(recording, bench.limits()));
  for (let request = 1; request <= 4; request++) {
    while (asked(bench) < request) await new Promise((resolve) => setTimeout(resolve, 1));
    bench.clock.ring();
  }
  assertEquals(await code, "storage_unavailable");
});

Deno.test("the key does not follow a redirect", async () => {
  await using bench = await startWorkbench();
  await using elsewhere = await startWorkbench();
  const recording = bench.record(webm(10_000));
  const headers = { location: `${elsewhere.source.url}/anything` };
  bench.source.fail({ on: "peek", status: 302, headers, times: 4 });
  const code = await codeOf(() => bench.storage.peek(recording, bench.limits()));
  assertEquals([code, asked(elsewhere)], ["storage_unavailable", 0]);
});

Deno.test("an object of 0 bytes is file_empty, one of 50 MiB is fine, one byte more is not", async () => {
  await using bench = await startWorkbench();
  const peek = (size: number) =>
    bench.storage.peek(bench.record(new Uint8Array(size)), bench.limits());
  assertEquals(await codeOf(() => peek(0)), "file_empty");
  assertEquals((await peek(MAX_FILE_BYTES)).size, 52_428_800);
  assertEquals(await codeOf(() => peek(MAX_FILE_BYTES + 1)), "file_too_large");
});

Deno.test("an object that was overwritten since it was looked at is file_changed", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(webm(10_000));
  const pin = await bench.storage.peek(recording, bench.limits());
  const path = `consultations/${recording.object_path}`;
  for (const size of [10_000, 9000, 5000]) {
    bench.source.put(path, webm(size));
    const open = () => pin.open(5000, bench.limits());
    assertEquals(await codeOf(open), "file_changed");
  }
});

Deno.test("an object that is not the version its row is of is file_changed, whatever else it is", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(webm(10_000));
  const path = `consultations/${recording.object_path}`;
  const peek = (row = recording) => codeOf(() => bench.storage.peek(row, bench.limits()));
  for (const size of [10_000, 9000, 0, MAX_FILE_BYTES + 1]) {
    bench.source.put(path, new Uint8Array(size));
    assertEquals([size, await peek()], [size, "file_changed"]);
  }
  assertEquals(asked(bench), 4, "it is not tried again in place");
  // Where the row names no ETag, the size alone is compared.
  bench.source.put(path, webm(9000));
  assertEquals(await peek({ ...recording, etag: null }), "file_changed");
  const { size } = await bench.storage.peek(
    { ...recording, etag: null, size_bytes: null },
    bench.limits(),
  );
  assertEquals(size, 9000);
});

Deno.test("a source that has no ranges can't be resumed", async () => {
  await using bench = await startWorkbench();
  const recording = bench.record(webm(10_000));
  const pin = await bench.storage.peek(recording, bench.limits());
  bench.source.fail({ on: "open", ignoreRange: true });
  const open = () => pin.open(5000, bench.limits());
  assertEquals(await codeOf(open), "storage_unavailable");
});
