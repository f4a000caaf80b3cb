import { assert, assertEquals } from "@std/assert";
import { CLOUD_REFUSALS } from "../../../../local/stand_ins/google_cloud/refusals.ts";
import { createLog } from "../../../../supabase/functions/generate-summary/core/log.ts";
import { createObjects } from "../../../../supabase/functions/generate-summary/models/google_cloud/objects.ts";
import { sendAll } from "../../../../supabase/functions/generate-summary/models/upload.ts";
import { fakeClock } from "../../fake_clock.ts";
import { asked as kinds, assertWhole, SIZE, uploadOf } from "../../uploading.ts";
import { codeOf, startCloudBench, type Workbench } from "../../workbench.ts";

const asked = (bench: Workbench) => kinds(bench).filter((kind) => kind !== "token");

Deno.test("an object arrives whole in one request that carries its length", async () => {
  await using bench = await startCloudBench();
  const { upload, name, bytes } = await uploadOf(bench);
  const file = await upload();
  assertEquals([file.name, file.mimeType], [name, "audio/webm"]);
  assertEquals(file.uri, `gs://${bench.service.settings.GOOGLE_CLOUD_BUCKET}/${name}`);
  assertEquals(asked(bench), ["get", "start", "bytes 0"]);
  const sent = bench.service.requests.find(({ kind }) => kind === "bytes");
  assertEquals(sent?.contentLength, SIZE);
  await assertWhole(bench, name, bytes);
});

Deno.test("a name that is taken only when all bytes have come is looked up, and used", async () => {
  await using bench = await startCloudBench();
  const { upload, name, bytes } = await uploadOf(bench);
  const first = await upload();
  bench.service.behaviour.nameTakenAtEnd = true;
  bench.service.fail({ on: "get", refusal: CLOUD_REFUSALS.object("b", name) });
  assertEquals(await upload(), first);
  assertEquals(asked(bench).slice(3), ["get", "start", "bytes 0", "get"]);
  await assertWhole(bench, name, bytes);
});

Deno.test("a name that is taken at the start is looked up, and used", async () => {
  await using bench = await startCloudBench();
  const { upload, name } = await uploadOf(bench);
  const first = await upload();
  bench.service.fail({ on: "get", refusal: CLOUD_REFUSALS.object("b", name) });
  assertEquals(await upload(), first);
  assertEquals(asked(bench).slice(3), ["get", "start", "get"]);
});

for (const right of ["create", "get"]) {
  Deno.test(`without the right to ${right} objects it is model_bucket`, async () => {
    await using bench = await startCloudBench();
    const { upload } = await uploadOf(bench);
    bench.service.rights.delete(`storage.objects.${right}`);
    assertEquals(await codeOf(upload), "model_bucket");
    bench.service.rights.add(`storage.objects.${right}`);
    await upload();
  });
}

Deno.test("another bucket than the one that is there is model_bucket", async () => {
  await using bench = await startCloudBench({ GOOGLE_CLOUD_BUCKET: "somebody-elses" });
  const { upload } = await uploadOf(bench);
  assertEquals(await codeOf(upload), "model_bucket");
});

Deno.test("what nobody asks for any more is deleted, and what is young or not ours stays", async () => {
  await using bench = await startCloudBench();
  const { service, clock, model, lines } = bench;
  const ago = (minutes: number) => new Date(clock.now() - minutes * 60_000).toISOString();
  for (
    const [name, minutes] of [
      ["consultations/old", 61],
      ["consultations/young", 59],
      ["others/old", 600],
    ] as const
  ) {
    service.leave({ name, mimeType: "audio/webm" }, new Uint8Array([1]));
    service.files.get(name)!.timeCreated = ago(minutes);
  }
  await model.sweep();
  assertEquals([...service.files.keys()], ["consultations/young", "others/old"]);
  assert(lines.some((line) => line.includes('"swept","count":1')));
  service.rights.delete("storage.objects.list");
  await model.sweep();
  assertEquals(JSON.parse(lines.at(-1)!).code, "model_bucket");
});

/** An upload of 100 bytes to a Cloud Storage that gives these answers in turn. */
function uploading(...answers: (Response | Error)[]) {
  const requests: { url: string; method?: string; headers: Headers; redirect?: string }[] = [];
  const clock = fakeClock();
  const sent: typeof fetch = (input, init) => {
    const answer = answers[requests.length];
    const headers = new Headers(init?.headers);
    requests.push({ url: String(input), method: init?.method, headers, redirect: init?.redirect });
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const wire = { fetch: sent, clock, log: createLog(() => {}) };
  const host = "https://proxy.example:8443";
  const store = createObjects({ bucket: "bucket-1", host, wire, plain: wire });
  const open = (from: number) => Promise.resolve(new Response("x".repeat(100 - from)));
  const file = { name: "consultations/a", mimeType: "audio/webm", size: 100 };
  const limits = { deadline: clock.now() + 600_000 };
  return { uploading: { open, file, store, limits }, requests };
}

const SESSION = new URL("https://proxy.example:8443/upload?upload_id=secret");
const broken = new TypeError("reset");
const incomplete = (headers: Record<string, string> = {}) =>
  new Response(null, { status: 308, headers });
const whole = () =>
  Response.json({
    name: "consultations/a",
    size: "100",
    contentType: "audio/webm",
    md5Hash: "AQID",
  });

Deno.test("the start names the object, its size and type, and only takes a free name", async () => {
  const location = "https://storage.googleapis.com/upload?upload_id=secret";
  const { uploading: { store, file, limits }, requests } = uploading(
    new Response("", { headers: { location } }),
  );
  // The bytes go where everything goes, whatever host the address names.
  assertEquals((await store.start(file, limits))?.href, SESSION.href);
  const [{ url, method, headers }] = requests;
  const { pathname, searchParams } = new URL(url);
  assertEquals([method, pathname], ["POST", "/upload/storage/v1/b/bucket-1/o"]);
  assertEquals(Object.fromEntries(searchParams), {
    uploadType: "resumable",
    name: "consultations/a",
    ifGenerationMatch: "0",
  });
  assertEquals(headers.get("x-upload-content-length"), "100");
  assertEquals(headers.get("x-upload-content-type"), "audio/webm");
});

Deno.test("after a break what is missing is sent, by what Cloud Storage says has arrived", async () => {
  const { uploading: given, requests } = uploading(
    broken,
    incomplete({ range: "bytes=0-42" }),
    whole(),
  );
  assertEquals(await sendAll(SESSION, given), {
    uri: "gs://bucket-1/consultations/a",
    mimeType: "audio/webm",
    size: 100,
    state: "ACTIVE",
    md5: "010203",
  });
  assertEquals(requests.map(({ headers }) => headers.get("content-range")), [
    "bytes 0-99/100",
    "bytes */100",
    "bytes 43-99/100",
  ]);
  assertEquals(new Set(requests.map(({ redirect }) => redirect)), new Set(["manual"]));
});

Deno.test("without a Range nothing has arrived", async () => {
  const { uploading: given, requests } = uploading(broken, incomplete(), whole());
  await sendAll(SESSION, given);
  assertEquals(requests[2].headers.get("content-range"), "bytes 0-99/100");
});

Deno.test("all bytes but no object yet: the session is asked once more, with none", async () => {
  const all = incomplete({ range: "bytes=0-99" });
  const { uploading: given, requests } = uploading(broken, all, whole());
  await sendAll(SESSION, given);
  assertEquals(requests[2].headers.get("content-range"), "bytes */100");
});
