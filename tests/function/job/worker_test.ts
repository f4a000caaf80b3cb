import { assert, assertEquals } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import { createWorker } from "../../../supabase/functions/generate-summary/job/worker.ts";
import { heldClock, settled } from "../fake_clock.ts";
import { fakeModel, heard, recordingOf, storage } from "../fake_model.ts";
import { type Answers, fakeQueue } from "../fake_queue.ts";

const jobOf = (summary_id: string) => (
  { summary_id, clinic_id: "c", consultation_id: "k", attempt: 1, max_attempts: 5 }
);

/** A worker, what it claims (`answers`), and what comes of it. */
function working(answers: Answers = {}, model = fakeModel()) {
  const clock = heldClock();
  const { queue, calls, given } = fakeQueue({
    heartbeat_summary: true,
    summary_inputs: {
      submitted_by: "doctor",
      templates: { clinic: null, consultation: null, summary: null },
      recordings: [recordingOf("r1")],
    },
    save_extraction: "saved",
    complete_summary: "completed",
    release_summary: true,
    cleaned_summary: true,
    ...answers,
  });
  const entries: Record<string, unknown>[] = [];
  const log = createLog((line) => entries.push(JSON.parse(line)));
  const kept: Promise<unknown>[] = [];
  const deadline = clock.now() + 300_000;
  const deps = { queue, storage, model: model.model, clock, log, deadline };
  const worker = createWorker(deps, (work) => kept.push(work));
  return { worker, calls, given, entries, kept, deleted: model.deleted };
}

/** A model that listens until it is let go. */
function listening() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const model = fakeModel({ hear: () => promise.then(() => heard("I have a cough.")) });
  return { model, letGo: resolve };
}

Deno.test("what is claimed is worked on, with the token that it was claimed with", async () => {
  const { worker, given, kept } = working({
    claim_summary: { outcome: "claimed", job: jobOf("s") },
  });
  await worker.take("s");
  const [{ p_id, p_token }] = given("claim_summary");
  const { p_id: completed, p_token: token } = given("complete_summary")[0];
  assertEquals([p_id, completed, token], ["s", "s", p_token]);
  assertEquals(kept.length, 1);
});

Deno.test("each claim has a token of its own", async () => {
  const { worker, given } = working({ claim_summary: { outcome: "full" } });
  await worker.take("s");
  await worker.take("s");
  assertEquals(new Set(given("claim_summary").map(({ p_token }) => p_token)).size, 2);
});

for (const claim of [{ outcome: "nothing", status: "completed" }, { outcome: "full" }]) {
  Deno.test(`where the claim is answered with ${claim.outcome}, nothing is done`, async () => {
    const { worker, calls, deleted } = working({ claim_summary: claim });
    await worker.take("s");
    assertEquals([calls.length, deleted], [1, []]);
  });
}

Deno.test("a database that is away makes no rejection, but a line in the log", async () => {
  const { worker, entries } = working({ claim_summary: new AppError("database_unavailable") });
  await worker.take("s");
  assertEquals(
    entries.map(({ level, event, code, summary_id }) => [level, event, code, summary_id]),
    [
      ["error", "failed", "database_unavailable", "s"],
    ],
  );
});

const FILES = ["r1", "r2"].map((recording_id) => ({ recording_id, object_version: "1" }));
const CLEANUP = { outcome: "cleanup", summary_id: "s", files: FILES };

Deno.test("what an ended summary left at the model's service is deleted, and that is told", async () => {
  const { worker, given, deleted, entries } = working({ claim_summary: CLEANUP });
  await worker.take("s");
  assertEquals(deleted, ["files/r1", "files/r2"]);
  const [{ p_token }] = given("claim_summary");
  assertEquals(given("cleaned_summary"), [{ p_id: "s", p_token }]);
  assertEquals([entries.at(-1)?.event, entries.at(-1)?.count], ["cleaned", 2]);
});

Deno.test("as long as one of them stays, the summary is not told to be clean", async () => {
  const model = fakeModel({ keeps: ["files/r1"] });
  const { worker, given, deleted, entries } = working({ claim_summary: CLEANUP }, model);
  await worker.take("s");
  assertEquals(deleted, ["files/r1", "files/r2"]);
  assertEquals([given("cleaned_summary"), entries.at(-1)?.count], [[], 1]);
});

Deno.test("a job keeps the isolate until it has ended", async () => {
  const { model, letGo } = listening();
  const { worker, kept } = working({}, model);
  const run = worker.start(jobOf("s"), "t");
  assertEquals(kept.length, 1);
  let ended = false;
  kept[0].then(() => ended = true);
  await settled();
  assertEquals(ended, false);
  letGo();
  await run;
  await settled();
  assert(ended);
});

Deno.test("an isolate that goes gives back the jobs that it works on, and waits for that", async () => {
  const { model, letGo } = listening();
  const { worker, given, entries } = working({}, model);
  const runs = ["s1", "s2"].map((id) => worker.start(jobOf(id), `t-${id}`));
  await settled();
  const released = worker.releaseAll();
  letGo();
  await released;
  assertEquals(given("release_summary"), [
    { p_id: "s1", p_token: "t-s1" },
    { p_id: "s2", p_token: "t-s2" },
  ]);
  assertEquals([given("complete_summary"), given("fail_summary")], [[], []]);
  assertEquals(entries.find(({ event }) => event === "shutdown")?.count, 2);
  await Promise.all(runs);
});

Deno.test("a job that has ended is not given back", async () => {
  const { worker, given, entries } = working();
  await worker.start(jobOf("s"), "t");
  await worker.releaseAll();
  assertEquals([given("release_summary"), entries.at(-1)?.count], [[], 0]);
});

Deno.test("all lines about a job name its summary", async () => {
  const { worker, entries } = working();
  await Promise.all([worker.start(jobOf("s1"), "t"), worker.start(jobOf("s2"), "t")]);
  const ids = entries.map(({ summary_id }) => summary_id);
  assert(ids.length >= 8);
  assertEquals(new Set(ids), new Set(["s1", "s2"]));
});
