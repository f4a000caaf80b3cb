import { assert, assertEquals } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import { createWorker } from "../../../supabase/functions/generate-summary/job/worker.ts";
import { AS_A_RULE, claimOf, COMPLETED, inTurn } from "../fake_claim.ts";
import { heldClock, settled } from "../fake_clock.ts";
import { fakeModel, heard, storage } from "../fake_model.ts";
import { type Answers, fakeQueue } from "../fake_queue.ts";

const NOTHING = { outcome: "nothing" };

/** A worker, what it is answered, and what comes of it. */
function working(answers: Answers = {}, model = fakeModel(), keepsFiles = false) {
  const clock = heldClock();
  const { queue, calls, given } = fakeQueue({ ...AS_A_RULE, ...answers });
  const entries: Record<string, unknown>[] = [];
  const log = createLog((line) => entries.push(JSON.parse(line)));
  const kept: Promise<unknown>[] = [];
  const deletedInStorage: [bucket: string, paths: string[]][] = [];
  let passed = 0;
  let asked = 0;
  let cpuTimeIsLeft = true;
  let cpuTimeIsHalfUsed = false;
  let handedOver = 0;
  let anotherAnswers = false;
  const retiresAt = clock.now() + 75_000;
  const worker = createWorker({
    queue,
    storage,
    model: model.model,
    reader: null,
    clock: { ...clock, now: () => clock.now() + passed },
    log,
    modelCallMs: 50_000,
    deadline: clock.now() + 300_000,
    retiresAt,
    cpuTime: {
      asked: () => asked++,
      answered: () => {},
      ended: () => {},
      mayBeHalfUsed: () => cpuTimeIsHalfUsed,
      isLeft: () => cpuTimeIsLeft,
    },
    handOver() {
      handedOver++;
      return Promise.resolve(anotherAnswers);
    },
    deleteFiles(bucket, paths) {
      deletedInStorage.push([bucket, paths]);
      return Promise.resolve(!keepsFiles);
    },
  }, (work) => kept.push(work));
  return {
    worker,
    given,
    entries,
    kept,
    deleted: model.deleted,
    deletedInStorage,
    names: () => calls.map(({ name }) => name).filter((name) => name !== "heartbeat_summary"),
    /** Half of the wall clock is over. */
    age: () => passed = 75_000,
    /** Its CPU time is used up. */
    tire: () => cpuTimeIsLeft = false,
    /** Half of it may be. */
    ripen: () => cpuTimeIsHalfUsed = true,
    /** The platform gives the requests to another isolate. */
    replace: () => anotherAnswers = true,
    handedOver: () => handedOver,
    asked: () => asked,
  };
}

/** A model that listens until it is let go. */
function listening() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const model = fakeModel({ hear: () => promise.then(() => heard("I have a cough.")) });
  return { model, letGo: resolve };
}

Deno.test("a summary costs three calls, the last of which claims the next", async () => {
  const { worker, names, given, kept } = working({
    claim_next: inTurn(claimOf("s1"), NOTHING),
    complete_summary: inTurn({ outcome: "completed", next: claimOf("s2") }, COMPLETED),
  });
  await worker.wake();
  assertEquals(names(), [
    "claim_next",
    "save_extraction",
    "complete_summary",
    "save_extraction",
    "complete_summary",
    // Something may have come since that answer.
    "claim_next",
  ]);
  const [first, second] = given("complete_summary");
  assertEquals([first.p_id, first.p_token], ["s1", given("claim_next")[0].p_token]);
  assertEquals([second.p_id, second.p_token], ["s2", first.p_next_token]);
  assertEquals(given("save_extraction").map(({ p_token }) => p_token), [
    first.p_token,
    second.p_token,
  ]);
  assertEquals(kept.length, 1);
});

Deno.test("whoever wakes it tells it that it gets requests", async () => {
  const { worker, asked } = working({ claim_next: () => NOTHING });
  await Promise.all([worker.wake(), worker.wake()]);
  assertEquals(asked(), 2);
});

Deno.test("once in its life, with nothing else to do, an isolate sweeps what is left over", async () => {
  const model = fakeModel();
  const { worker } = working({ claim_next: inTurn(claimOf("s1"), NOTHING, NOTHING) }, model);
  await worker.wake();
  await worker.wake();
  assertEquals(model.swept(), 1);
});

Deno.test("an isolate that only finds the queue full doesn't sweep", async () => {
  const model = fakeModel();
  const { worker } = working({ claim_next: { outcome: "full" } }, model);
  await worker.wake();
  assertEquals(model.swept(), 0);
});

Deno.test("each claim has a token of its own", async () => {
  const { worker, given } = working({
    claim_next: inTurn(claimOf("s1"), NOTHING),
  });
  await worker.wake();
  await worker.wake();
  const tokens = [
    ...given("claim_next").map(({ p_token }) => p_token),
    given("complete_summary")[0].p_next_token,
  ];
  assertEquals(new Set(tokens).size, 4);
});

for (const outcome of ["nothing", "full"]) {
  Deno.test(`where the claim is answered with ${outcome}, the loop ends`, async () => {
    const { worker, names } = working({ claim_next: { outcome } });
    await worker.wake();
    assertEquals(names(), ["claim_next"]);
  });
}

Deno.test("after one that failed the loop goes on with the next", async () => {
  const hear = inTurn(new AppError("model_answer"), heard("I have a cough."));
  const { worker, names } = working({
    claim_next: inTurn(claimOf("s1"), claimOf("s2"), NOTHING),
  }, fakeModel({ hear }));
  await worker.wake();
  assertEquals(names(), [
    "claim_next",
    "fail_summary",
    "claim_next",
    "save_extraction",
    "complete_summary",
    "claim_next",
  ]);
});

Deno.test("a database that is away makes no rejection, but a line in the log", async () => {
  const { worker, entries } = working({ claim_next: new AppError("database_unavailable") });
  await worker.wake();
  assertEquals(
    entries.map(({ level, event, code }) => [level, event, code]),
    [["error", "failed", "database_unavailable"]],
  );
});

for (
  const [what, end] of [
    ["a worker that is told to retire", ({ worker }: Working) => worker.retire()],
    ["a worker with half of its time behind it", ({ age }: Working) => age()],
    ["a worker with its CPU time behind it", ({ tire }: Working) => tire()],
  ] as const
) {
  Deno.test(`${what} ends what it works on, hands over, and wakes for nobody`, async () => {
    const { model, letGo } = listening();
    const works = working({ claim_next: inTurn(claimOf("s"), NOTHING) }, model);
    const { worker, names, given, handedOver } = works;
    const loop = worker.wake();
    await settled();
    end(works);
    letGo();
    await loop;
    assertEquals(names(), ["claim_next", "save_extraction", "complete_summary"]);
    assertEquals(given("complete_summary")[0].p_next_token, undefined);
    assertEquals(handedOver(), 1);
    await worker.wake();
    assertEquals([names().length, handedOver()], [3, 1]);
  });
}
type Working = ReturnType<typeof working>;

/** The given number of summaries, one claimed with the end of the other. */
const inARow = (count: number) => ({
  claim_next: inTurn(claimOf("s1"), NOTHING),
  complete_summary: inTurn(
    ...Array.from(
      { length: count - 1 },
      (_, n) => ({ outcome: "completed", next: claimOf(`s${n + 2}`) }),
    ),
    COMPLETED,
  ),
});

Deno.test("with half of its CPU time used it looks now and then who gets the requests, and goes on", async () => {
  const works = working(inARow(9));
  works.ripen();
  await works.worker.wake();
  assertEquals([works.given("complete_summary").length, works.handedOver()], [9, 2]);
});

Deno.test("before that it doesn't look", async () => {
  const works = working(inARow(9));
  await works.worker.wake();
  assertEquals([works.given("complete_summary").length, works.handedOver()], [9, 0]);
});

Deno.test("once another isolate gets the requests it takes no more", async () => {
  const works = working(inARow(9));
  works.ripen();
  works.replace();
  await works.worker.wake();
  // It is told while it works on the fifth; the last one that ends wakes the other again.
  assertEquals([works.given("complete_summary").length, works.handedOver()], [5, 2]);
  await works.worker.wake();
  assertEquals(works.given("claim_next").length, 1);
});

Deno.test("fifty loops run at a time, and no more", async () => {
  const { model, letGo } = listening();
  let claims = 0;
  const { worker, kept } = working({
    claim_next: () => ++claims > 50 ? NOTHING : claimOf(`s${claims}`),
  }, model);
  const loops = Array.from({ length: 60 }, () => worker.wake());
  await settled();
  assertEquals([claims, kept.length], [50, 50]);
  letGo();
  await Promise.all(loops);
  await worker.wake();
  assertEquals(kept.length, 51, "there is room again");
});

Deno.test("a loop keeps the isolate until it has ended", async () => {
  const { model, letGo } = listening();
  const { worker, kept } = working({ claim_next: inTurn(claimOf("s"), NOTHING) }, model);
  const loop = worker.wake();
  assertEquals(kept.length, 1);
  let ended = false;
  kept[0].then(() => ended = true);
  await settled();
  assertEquals(ended, false);
  letGo();
  await loop;
  await settled();
  assert(ended);
});

Deno.test("who waits for a summary is told when this worker has ended it; who has gone is forgotten", async () => {
  const { model, letGo } = listening();
  const { worker } = working({
    claim_next: inTurn(claimOf("s1"), claimOf("s2"), NOTHING),
    complete_summary: inTurn({ outcome: "stale" }, COMPLETED),
    summary_inputs: null,
  }, model);
  const told: string[] = [];
  const waits = new AbortController();
  for (const id of ["s1", "s2", "s1", "elsewhere"]) {
    worker.ended(id, waits.signal).then(() => told.push(id));
  }
  const gone = new AbortController();
  worker.ended("s2", gone.signal).then(() => told.push("gone"));
  gone.abort();
  const loop = worker.wake();
  await settled();
  assertEquals(told, []);
  letGo();
  await loop;
  // The first was lost: that is an end, too.
  assertEquals(told, ["s1", "s1", "s2"]);
  let again = false;
  worker.ended("s1", waits.signal).then(() => again = true);
  await settled();
  assertEquals(again, false, "it tells of runs to come");
});

Deno.test("an isolate that goes gives back all that it works on, uncounted, and waits for that", async () => {
  const { model, letGo } = listening();
  const { worker, given, entries, names } = working({
    claim_next: inTurn(claimOf("s1"), claimOf("s2")),
  }, model);
  const loops = [worker.wake(), worker.wake()];
  await settled();
  const released = worker.releaseAll();
  letGo();
  await released;
  const tokens = given("claim_next").map(({ p_token }) => p_token);
  assertEquals(given("release_summary"), [
    { p_id: "s1", p_token: tokens[0], p_late: false },
    { p_id: "s2", p_token: tokens[1], p_late: false },
  ]);
  assertEquals(names().includes("complete_summary") || names().includes("fail_summary"), false);
  assertEquals(entries.find(({ event }) => event === "shutdown")?.count, 2);
  await Promise.all(loops);
  await worker.wake();
  assertEquals(given("claim_next").length, 2, "nothing is taken any more");
});

Deno.test("what is claimed while the isolate goes is given back, too, and not begun", async () => {
  const claim = Promise.withResolvers<unknown>();
  const { worker, given, names } = working({ claim_next: () => claim.promise });
  const loop = worker.wake();
  await settled();
  const released = worker.releaseAll();
  claim.resolve(claimOf("s"));
  await released;
  await loop;
  const [{ p_token }] = given("claim_next");
  assertEquals(given("release_summary"), [{ p_id: "s", p_token, p_late: false }]);
  assertEquals(names(), ["claim_next", "release_summary"]);
});

Deno.test("what came with the completion of the last is given back when the isolate goes", async () => {
  const completing = Promise.withResolvers<unknown>();
  const { worker, given } = working({
    claim_next: claimOf("s1"),
    complete_summary: () => completing.promise,
  });
  const loop = worker.wake();
  while (given("complete_summary").length === 0) await settled();
  const released = worker.releaseAll();
  completing.resolve({ outcome: "completed", next: claimOf("s2") });
  await released;
  await loop;
  const [{ p_next_token: p_token }] = given("complete_summary");
  assertEquals(given("release_summary"), [{ p_id: "s2", p_token, p_late: false }]);
});

Deno.test("a job that has ended is not given back", async () => {
  const { worker, given, entries } = working({ claim_next: inTurn(claimOf("s"), NOTHING) });
  await worker.wake();
  await worker.releaseAll();
  assertEquals([given("release_summary"), entries.at(-1)?.count], [[], 0]);
});

Deno.test("all lines about a job name its summary", async () => {
  const { worker, entries } = working({
    claim_next: inTurn(claimOf("s1"), claimOf("s2"), NOTHING),
  });
  await Promise.all([worker.wake(), worker.wake()]);
  const ids = entries.map(({ summary_id }) => summary_id);
  assert(ids.length >= 6);
  assertEquals(new Set(ids), new Set(["s1", "s2"]));
});

const FILES = ["r1", "r2"].map((recording_id) => ({ recording_id, object_version: "1" }));
const CLEANUP = { outcome: "cleanup", summary_id: "s", files: FILES };

Deno.test("what an ended summary left at the model's service is deleted, told, and more asked for", async () => {
  const { worker, given, names, deleted, entries } = working({
    claim_next: inTurn(CLEANUP, NOTHING),
  });
  await worker.wake();
  assertEquals(deleted, ["files/r1", "files/r2"]);
  const [{ p_token }] = given("claim_next");
  assertEquals(given("cleaned_summary"), [{ p_token, p_id: "s" }]);
  const [{ event, summary_id, count }] = entries;
  assertEquals([event, summary_id, count, entries.length], ["cleaned", "s", 2, 1]);
  assertEquals(names(), ["claim_next", "cleaned_summary", "claim_next"]);
});

Deno.test("as long as one of them stays the summary is not told to be clean, and the loop ends", async () => {
  const model = fakeModel({ keeps: ["files/r1"] });
  const { worker, given, names, deleted, entries } = working({ claim_next: CLEANUP }, model);
  await worker.wake();
  assertEquals(deleted, ["files/r1", "files/r2"]);
  const [{ p_token }] = given("claim_next");
  // Others may clean up meanwhile.
  assertEquals(given("cleaned_summary"), [{ p_token, p_id: undefined }]);
  assertEquals(entries.map(({ event, count }) => [event, count]), [["cleaned", 1]]);
  assertEquals(names(), ["claim_next", "cleaned_summary"]);
});

const PATHS = ["c/k/a.webm", "c/k/b.jpg"];
const DELETE_FILES = {
  outcome: "delete_files",
  clinic_id: "c",
  bucket_id: "consultations",
  paths: PATHS,
};

Deno.test("a clinic's files are deleted in Storage, that is told, and more asked for", async () => {
  const { worker, given, names, deleted, deletedInStorage, entries } = working({
    claim_next: inTurn(DELETE_FILES, NOTHING),
  });
  await worker.wake();
  assertEquals([deletedInStorage, deleted], [[["consultations", PATHS]], []]);
  const [{ p_token }] = given("claim_next");
  assertEquals(given("cleaned_summary"), [{ p_token }]);
  assertEquals(entries.map(({ event, count }) => [event, count]), [["files_deleted", 2]]);
  assertEquals(names(), ["claim_next", "cleaned_summary", "claim_next"]);
});

Deno.test("a Storage that keeps them is not asked again before the lease of this has run out", async () => {
  const { worker, names, entries } = working({ claim_next: DELETE_FILES }, fakeModel(), true);
  await worker.wake();
  assertEquals([names(), entries], [["claim_next"], []]);
});
