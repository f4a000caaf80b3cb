/** Uploads by the function's own process: what is cut off in the middle, slow, or large. */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { assertNothingLeft, type Scene, withStack } from "../e2e/harness.ts";
import { wav } from "../faults/cases.ts";

/** So much CPU time that one isolate does all, unless it dies. */
const test = withStack({ cpuMs: 60_000 });

const MB = 1_000_000;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const uploads = ({ stack }: Scene) => stack.gemini!.requests.filter(({ kind }) => kind === "bytes");

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((go) => setTimeout(go, 5));
}

/** Bytes of the newest upload that Gemini has. */
const received = ({ stack }: Scene) => [...stack.gemini!.uploads.values()].at(-1)?.received ?? 0;

/** Bytes of memory that a process has now. */
function memory(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

test("an abort in the middle of the bytes ends the upload and not the process", async (scene) => {
  const { stack } = scene;
  const { bytes, type } = wav(8 * MB);
  const [pid] = stack.functions.pids();
  stack.gemini!.fail({ on: "bytes", bytesPerSecond: 4 * MB });
  await scene.upload(bytes, type);
  await until(() => received(scene) > MB);
  await stack.functions.unload("memory");
  await scene.event({ status: "completed" });

  const [broken, whole] = uploads(scene);
  assertEquals([broken.status, whole.status, whole.sha256], [0, 200, sha256(bytes)]);
  const [row, ...others] = await scene.summaries();
  assertEquals([row.status, others.length], ["completed", 0]);
  assertEquals(row.summary_recordings.map(({ outcome }) => outcome), ["used"]);
  assertNothingLeft(stack);
  assert(stack.functions.pids().includes(pid));
});

test("a source of 1 MB a second is uploaded in one request", async (scene) => {
  const { bytes, type } = wav(3 * MB);
  scene.stack.services.storage.faults.push({ range: /^bytes=0-$/, bytesPerSecond: MB });
  await scene.upload(bytes, type);
  await scene.event({ status: "completed" });
  const [only, ...others] = uploads(scene);
  assertEquals([only.contentLength, only.sha256], [bytes.length, sha256(bytes)]);
  assertEquals(others, []);
  assertNothingLeft(scene.stack);
});

test("memory stays flat while a slow reader takes a large file", async (scene) => {
  const { stack } = scene;
  await scene.upload(wav(MB).bytes, "audio/wav");
  await scene.event({ status: "completed" });
  const [pid] = stack.functions.pids().slice(-1);
  const before = memory(pid);
  const { bytes, type } = wav(40 * MB);
  stack.gemini!.fail({ on: "bytes", bytesPerSecond: 12 * MB });
  await scene.upload(bytes, type);
  let most = 0;
  const watch = setInterval(() => most = Math.max(most, memory(pid)), 20);
  try {
    const { id } = (await scene.summaries())[1];
    await scene.event({ status: "completed", id });
  } finally {
    clearInterval(watch);
  }
  assertEquals(stack.functions.pids().slice(-1), [pid]);
  assertEquals(uploads(scene).at(-1)?.sha256, sha256(bytes));
  const grown = (most - before) / MB;
  assert(grown < 16, `${grown} MB more for a file of 40 MB`);
  assertNothingLeft(stack);
});

test("a timeout in the middle of the bytes ends the upload and not the process", async (scene) => {
  const { stack } = scene;
  await stack.sql`update public.clinics set auto_summarize = false where id = ${scene.clinic.id}`;
  const pids = stack.functions.pids();
  const { bytes, type } = wav(1_000_000);
  await scene.upload(bytes, type);
  // A minute for all of it, where 22 seconds are allowed.
  stack.gemini!.fail({ on: "bytes", bytesPerSecond: bytes.length / 60 });
  const ask = () =>
    scene.doctor.functions.invoke("generate-summary", {
      body: { consultation_id: scene.consultation },
    });
  const first = await ask();
  assertEquals(first.data.files_processed, { audio: 1, images: 0, errors: [] });
  const requeued = await stack.sql`
    select detail ->> 'code' as code from public.summary_events
    where consultation_id = ${scene.consultation} and detail ->> 'from' = 'processing'
      and detail ->> 'to' = 'queued'`;
  assertEquals(requeued.map(({ code }) => code), ["model_unavailable"]);

  await scene.upload("consultation.webm");
  const { data } = await ask();
  assertEquals(data.files_processed, { audio: 2, images: 0, errors: [] });
  assertEquals([stack.functions.pids(), stack.gemini!.files.size], [pids, 0]);
});
