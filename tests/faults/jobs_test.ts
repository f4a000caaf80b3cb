/** Faults that end a job, or send it back into the queue; what was done once is not paid for again. */
import { assert, assertEquals } from "@std/assert";
import type { AnswerFault, Fault } from "../../local/stand_ins/gemini/faults.ts";
import type { Refusal } from "../../local/stand_ins/gemini/refusal.ts";
import { REFUSALS } from "../../local/stand_ins/gemini/refusals.ts";
import { type ErrorCode, ERRORS } from "../../supabase/functions/generate-summary/core/errors.ts";
import { type Counts, NONE, USUAL } from "./counts.ts";
import { assertNothingLeft, sample, type Scene, withFunction } from "./harness.ts";

const test = withFunction();

const composing = ({ body }: { body?: unknown }) => !JSON.stringify(body).includes("fileData");

const http = (status: number, body: string | object, times = 1): Fault => ({
  on: "generate",
  status,
  body,
  times,
  when: composing,
});
const says = (answer: AnswerFault, times = 1): Fault => ({
  on: "generate",
  answer,
  times,
  when: composing,
});

// What nothing helps against, while composing.
for (
  const [what, fault, code] of [
    ["SAFETY", says({ finishReason: "SAFETY" }), "model_refused"],
    ["a blockReason", says({ blockReason: "OTHER" }), "model_refused"],
  ] as [string, Fault, ErrorCode][]
) {
  test(`${what} while composing ends in ${code}, and what was heard is kept`, async (scene) => {
    await scene.upload(await sample("consultation.webm"));
    scene.gemini.fail(fault);
    const { status, body } = await scene.invoke();
    assertEquals([status, body.error.code], [ERRORS[code].status, code]);
    await assertFailed(scene, code);
    assertEquals(scene.counts(), { ...USUAL, verify: 0 });
    await assertNothingLeft(scene);

    // Asked for again, the recording costs nothing.
    assertEquals((await scene.invoke()).status, 200);
    assertEquals(scene.counts(), { ...NONE, compose: 1, verify: 1 });
  });
}

async function assertFailed(scene: Scene, code: ErrorCode): Promise<void> {
  const { files, extractions, ...row } = await scene.row();
  assertEquals([row.status, row.error_code], ["failed", code]);
  assertEquals(files, [{ kind: "audio", outcome: "used", code: null }]);
  assertEquals(extractions.length, 1);
}

const NOTHING = JSON.stringify({ clinical_content: false, sections: [] });

test("a consultation of which the model says once that it was none is summarized", async (scene) => {
  await scene.upload(await sample("consultation.webm"));
  scene.gemini.fail(says({ text: NOTHING }));
  const { status, body } = await scene.invoke();
  assertEquals([status, body.status], [200, "completed"]);
  assertEquals(scene.counts(), { ...USUAL, compose: 2 });
});

test("a consultation with medicines is never none, however often the model says so", async (scene) => {
  await scene.upload(await sample("consultation.webm"));
  scene.gemini.fail(says({ text: NOTHING }, 2));
  assertEquals((await scene.invoke()).body.status, "queued");
  assertEquals((await scene.row()).error_code, "model_answer");
  await scene.due();
  const { status, body } = await scene.invoke();
  assertEquals([status, body.status], [200, "completed"]);
});

// What the job is charged for: how often it was asked in vain, within an attempt.
for (
  const [what, fault, code, [compose, last]] of [
    ["MAX_TOKENS", says({ finishReason: "MAX_TOKENS", truncateAt: 0.5 }, 9), "model_truncated", [
      2,
      2,
    ]],
    ["RECITATION", says({ finishReason: "RECITATION" }, 9), "model_answer", [1, 1]],
    // The draft is kept: the last attempt only repairs it.
    ["JSON that breaks the schema", says({ text: "[]" }, 9), "model_answer", [2, 1]],
  ] as [string, Fault, ErrorCode, [number, number]][]
) {
  test(`${what} while composing ends in ${code} with the last attempt, one that heard is not counted`, async (scene) => {
    await scene.allowAttempts(1);
    await scene.upload(await sample("consultation.webm"));
    scene.gemini.fail(fault);
    assertEquals((await scene.invoke()).body.status, "queued");
    const { status, waiting_for, fruitless } = await scene.row();
    assertEquals([status, waiting_for, fruitless], ["queued", "retry", 0]);
    assertEquals(scene.counts(), { ...USUAL, compose, verify: 0 });
    await scene.due();
    const { body } = await scene.invoke();
    assertEquals(body.error?.code, code);
    await assertFailed(scene, code);
    assertEquals(scene.counts(), { ...NONE, compose: last });
    await assertNothingLeft(scene);
  });
}

// What is the account's or the service's is no attempt, and no summary leaves the recording out.
for (
  const [what, refusal, code] of [
    ["429 for the day", REFUSALS.daily(), "model_quota"],
    ["404 for the model", REFUSALS.model("gemini-3.8-flash", "v1beta"), "model_not_found"],
    ["a project that is suspended", REFUSALS.suspended(), "model_key"],
  ] as [string, Refusal, ErrorCode][]
) {
  for (const [at, when] of [["listening", undefined], ["composing", composing]] as const) {
    test(`${what} while ${at} is ${code}: the summary waits for the account, however long`, async (scene) => {
      await scene.allowAttempts(1);
      await scene.upload(await sample("prescription.jpg"), "image/jpeg", "jpg");
      assertEquals((await scene.invoke()).status, 200);
      await scene.upload(await sample("consultation.webm"));
      scene.gemini.fail({ on: "generate", refusal, when, times: 99 });
      const first = await scene.invoke();
      assertEquals([first.status, first.body.status], [202, "queued"]);
      for (let attempt = 2; attempt < 5; attempt++) {
        await scene.due();
        assertEquals((await scene.invoke()).body.summary_id, first.body.summary_id);
      }
      const { files, extractions, ...row } = await scene.row();
      assertEquals([row.status, row.error_code], ["queued", code]);
      assertEquals([row.waiting_for, row.fruitless], ["account", 0]);
      assertEquals([files, extractions.length], [[], at === "listening" ? 0 : 1]);

      scene.mend();
      await scene.due();
      const again = await scene.invoke();
      assertEquals(again.body.files_processed, { audio: 1, images: 1, errors: [] });
      await assertNothingLeft(scene);
    });
  }
}

// What goes wrong, the requests until the job is queued again, and those of the next attempt: a file that
// one left is deleted by the next, and to be sure once more when that has ended.
for (
  const [what, inject, code, first, second] of [
    [
      "an upload that fails",
      ({ gemini }) => gemini.fail({ on: "bytes", reset: true, times: 4 }),
      "model_unavailable",
      { open: 4, bytes: 4, query: 4, count: 0, listen: 0, compose: 0, verify: 0, delete: 0 },
      { delete: 2 },
    ],
    [
      "a model that is away",
      ({ gemini }) => gemini.fail({ on: "generate", status: 503, times: 4 }),
      "model_unavailable",
      { listen: 4, compose: 0, verify: 0, delete: 0 },
      { open: 0, start: 0, bytes: 0, delete: 2 },
    ],
    [
      "a delay that would pass the budget",
      ({ gemini }) => gemini.fail({ on: "generate", refusal: REFUSALS.limited("400s") }),
      "model_rate_limited",
      { compose: 0, verify: 0, delete: 0 },
      { open: 0, start: 0, bytes: 0, delete: 2 },
    ],
    [
      "a model that is away when it comes to composing",
      ({ gemini }) => gemini.fail(http(503, "<html>", 4)),
      "model_unavailable",
      { compose: 4, verify: 0 },
      { ...NONE, compose: 1, verify: 1 },
    ],
    [
      "a Storage that is away",
      ({ stack }) => stack.services.storage.faults.push({ status: 500, times: 4 }),
      "storage_unavailable",
      { ...NONE, peek: 4 },
      {},
    ],
  ] as [
    string,
    (scene: Scene) => unknown,
    ErrorCode,
    Partial<Counts>,
    Partial<Counts>,
  ][]
) {
  test(`${what} sends the job back, and the next attempt pays for the rest only`, async (scene) => {
    await scene.upload(await sample("consultation.webm"));
    await inject(scene);
    const queued = await scene.invoke();
    assertEquals(queued.status, 202);
    assertEquals(queued.body.status, "queued");
    const { id, status, error_code } = await scene.row();
    assertEquals([id, status, error_code], [queued.body.summary_id, "queued", code]);
    assertEquals(scene.counts(), { ...USUAL, ...first });
    const [{ waits }] = await scene.stack.sql`
      select extract(epoch from run_after - clock_timestamp())::float8 as waits
      from summaries_private.summary_jobs where summary_id = ${id}`;
    // Never before the other side says that it makes sense.
    assert(code === "model_rate_limited" ? waits > 390 : waits < 60);

    await scene.due();
    const { status: answered, body } = await scene.invoke();
    assertEquals([answered, body.summary_id], [200, id]);
    assertEquals(body.files_processed, { audio: 1, images: 0, errors: [] });
    assertEquals((await scene.row()).status, "completed");
    await assertNothingLeft(scene);
    assertEquals(scene.counts(), { ...USUAL, ...second });
  });
}

test("an empty file does not hold the others up: its row says that it is empty", async (scene) => {
  await scene.upload(await sample("consultation.webm"));
  await scene.upload(new Uint8Array());
  const { status, body } = await scene.invoke();
  assertEquals([status, body.files_processed?.errors.length], [200, 1]);
  assertEquals((await scene.row()).files, [
    { kind: "audio", outcome: "used", code: null },
    { kind: "audio", outcome: "failed", code: "file_empty" },
  ]);
  assertEquals(scene.counts(), USUAL);
  assertEquals(scene.lines.filter(({ event }) => event === "retry"), []);
  await assertNothingLeft(scene);
});

test("while the CDN gives the bytes of before, an overwritten recording waits, and is never their words", async (scene) => {
  const { stack, consultation } = scene;
  const { switches } = stack.services.storage;
  const path = await scene.upload(await sample("silence.webm"));
  switches.stale = true;
  const overwritten = await fetch(`${stack.url}/storage/v1/object/consultations/${path}`, {
    method: "PUT",
    headers: { apikey: stack.keys.secret, "content-type": "audio/webm" },
    body: await sample("consultation.webm") as Uint8Array<ArrayBuffer>,
  });
  assertEquals([overwritten.status, (await overwritten.json()).Key], [
    200,
    `consultations/${path}`,
  ]);
  try {
    const { status, body } = await scene.invoke();
    assertEquals([status, body.status], [202, "queued"]);
    const waiting = await scene.row();
    assertEquals([waiting.status, waiting.error_code, waiting.extractions], [
      "queued",
      "file_changed",
      [],
    ]);
    assertEquals(scene.counts(), { ...NONE, peek: 1 });
  } finally {
    switches.stale = false;
  }
  await scene.due();
  const { status, body } = await scene.invoke();
  assertEquals([status, body.error], [200, undefined]);
  const { files, extractions, ...row } = await scene.row();
  assertEquals([row.status, row.error_code], ["completed", null]);
  assertEquals(files, [{ kind: "audio", outcome: "used", code: null }]);
  const said = extractions.flatMap(({ segments }) => segments.map(({ text }) => text)).join(" ");
  assert(said.includes("amoxicillin"), said);
  const [{ versions }] = await stack.sql`
    select count(distinct e.object_version)::int as versions
    from public.extractions e join public.recordings r on r.id = e.recording_id
    where r.consultation_id = ${consultation} and e.object_version = r.object_version`;
  assertEquals(versions, 1);
  await assertNothingLeft(scene);
});
