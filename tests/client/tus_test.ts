/** When an upload is given up, and when it isn't: with answers that are made up, and no time that passes. */
import { assertEquals } from "@std/assert";
import type { SummariesError } from "../../clients/index.ts";
import type { Send } from "../../clients/send.ts";
import { sendInParts } from "../../clients/tus.ts";

const MIB = 1024 * 1024;

/** Uploads two parts; `answers` are the statuses, by the number of the request. */
async function upload(answers: (number: number, method: string) => number, signal?: AbortSignal) {
  const asked: string[] = [];
  const waits: number[] = [];
  let offset = 0;
  const send: Send = (_url, { method, body }) => {
    const status = answers(asked.push(method), method);
    if (status < 300) offset = (method === "POST" ? 0 : offset) + (body?.size ?? 0);
    const headers: Record<string, string> = { location: "/u/1", "upload-offset": String(offset) };
    return Promise.resolve({ status, text: "", header: (name) => headers[name] ?? null });
  };
  const real = globalThis.setTimeout;
  globalThis.setTimeout = ((done: () => void, ms: number) => {
    waits.push(ms);
    return real(done, 0);
  }) as typeof real;
  try {
    await sendInParts({
      endpoint: "https://storage.example/upload/resumable",
      file: new Blob([new Uint8Array(7 * MIB)]),
      metadata: {},
      headers: () => Promise.resolve({}),
      send,
      onBegun: () => {},
      onSent: () => {},
      signal,
    });
    return { asked, waits, error: undefined };
  } catch (error) {
    return { asked, waits, error };
  } finally {
    globalThis.setTimeout = real;
  }
}

Deno.test("what may pass is tried again, ever later, and then given up with what it was", async () => {
  for (
    const [status, code] of [
      [0, "unreachable"],
      [503, "storage_unavailable"],
      [423, "storage_unavailable"],
    ] as const
  ) {
    const { asked, waits, error } = await upload((number) => number === 1 ? 201 : status);
    assertEquals([(error as SummariesError).code, (error as SummariesError).retry], [code, true]);
    assertEquals(asked, ["POST", "PATCH", ...waits.map(() => "HEAD")]);
    assertEquals([waits[0], waits], [0, waits.toSorted((one, other) => one - other)]);
  }
});

Deno.test("a part that arrives begins the count anew", async () => {
  // Every second request fails: Storage is asked how far it is, and each part comes at last.
  let failures = 0;
  const { error, waits } = await upload((_, method) =>
    method === "PATCH" && failures++ < 5 ? 503 : 200
  );
  assertEquals([error, waits.length], [undefined, 5]);
});

Deno.test("an upload that Storage has forgotten begins anew", async () => {
  const { asked, error } = await upload((number) => [201, 404, 404, 201, 200][number - 1]);
  assertEquals([asked, error], [["POST", "PATCH", "HEAD", "POST", "PATCH"], undefined]);
});

Deno.test("what won't pass is not tried again", async () => {
  for (const [status, code] of [[403, "forbidden"], [413, "file_too_large"], [415, "file_type"]]) {
    const { asked, error } = await upload(() => status as number);
    assertEquals([asked, (error as SummariesError).code], [["POST"], code]);
  }
});

Deno.test("an abort ends the waiting too, and deletes what was begun", async () => {
  const abort = new AbortController();
  const { asked, error } = await upload((number) => {
    if (number < 4) return number === 1 ? 201 : 503;
    queueMicrotask(() => abort.abort("enough"));
    return 503;
  }, abort.signal);
  assertEquals(error, "enough");
  assertEquals(asked.at(-1), "DELETE");
});
