import { assert, assertEquals } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { Recording } from "../../../supabase/functions/generate-summary/core/domain.ts";
import { runJob } from "../../../supabase/functions/generate-summary/job/run.ts";
import { heldClock } from "../fake_clock.ts";
import { composed, fakeModel, heard, recordingOf, storage } from "../fake_model.ts";
import { type Answers, fakeQueue } from "../fake_queue.ts";

const JOB = {
  summary_id: "s",
  clinic_id: "c",
  consultation_id: "k",
  attempt: 1,
  max_attempts: 5,
};
const LEASE = { p_id: "s", p_token: "t" };
const NO_TEMPLATES = { clinic: null, consultation: null, summary: null };

/** A run over these recordings; `answers` take the place of what the database answers as a rule. */
function running(
  recordings: Recording[],
  answers: Answers = {},
  model = fakeModel(),
) {
  const clock = heldClock();
  const { queue, calls, given } = fakeQueue({
    heartbeat_summary: true,
    summary_inputs: { submitted_by: "doctor", templates: NO_TEMPLATES, recordings },
    save_extraction: "saved",
    complete_summary: "completed",
    fail_summary: { outcome: "queued" },
    release_summary: true,
    ...answers,
  });
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const shutdown = new AbortController();
  const deps = { queue, storage, model: model.model, clock, log, deadline: clock.now() + 300_000 };
  return {
    run: () => runJob(JOB, "t", deps, shutdown.signal),
    names: () => calls.map(({ name }) => name),
    events: () => lines.map((line): string => JSON.parse(line).event),
    given,
    clock,
    shutdown,
    deleted: model.deleted,
  };
}

const used = (id: string, changes: object = {}) => ({
  recording_id: id,
  object_version: "1",
  outcome: "used",
  code: null,
  message: null,
  ...changes,
});

Deno.test("a run reads, extracts, composes and completes, each under its lease", async () => {
  const { run, names, given, events, clock } = running([recordingOf("r1")]);
  await run();
  assertEquals(names(), [
    "heartbeat_summary",
    "summary_inputs",
    "save_extraction",
    "heartbeat_summary",
    "complete_summary",
  ]);
  const [{ p_part, ...saved }] = given("save_extraction");
  assertEquals(saved, { ...LEASE, p_recording: "r1", p_object_version: "1" });
  assertEquals((p_part as { is_last: boolean }).is_last, true);
  const stages = given("heartbeat_summary").map(({ p_stage }) => p_stage);
  assertEquals(stages, ["extracting", "composing"]);
  const [{ p_result, ...completed }] = given("complete_summary");
  assertEquals(completed, { ...LEASE, p_used: [used("r1")] });
  const { summary, model, left_files } = p_result as Record<string, unknown>;
  assert(String(summary).includes("- Has a cough."));
  assertEquals([model, left_files], ["model-1", false]);
  assertEquals(events().at(-1), "completed");
  assertEquals(clock.sleeping, [], "the heartbeat goes on");
});

Deno.test("a file that can't be used is told with the summary of the others", async () => {
  const model = fakeModel({
    hear: (name) => name === "files/r1" ? new AppError("file_refused") : heard("I have a cough."),
  });
  const { run, given } = running([recordingOf("r1"), recordingOf("r2")], {}, model);
  await run();
  const { message } = new AppError("file_refused");
  assertEquals(given("complete_summary")[0].p_used, [
    used("r1", { outcome: "failed", code: "file_refused", message }),
    used("r2"),
  ]);
});

Deno.test("a file that came meanwhile is taken in before the summary is completed", async () => {
  const read = [[recordingOf("r1")], [recordingOf("r1"), recordingOf("r2")]];
  const completed = ["stale", "completed"];
  const { run, given, events } = running([], {
    summary_inputs: () => (
      { submitted_by: "doctor", templates: NO_TEMPLATES, recordings: read.shift() }
    ),
    complete_summary: () => completed.shift(),
  });
  await run();
  assertEquals(given("complete_summary")[1].p_used, [used("r1"), used("r2")]);
  assert(events().includes("stale"));
});

Deno.test("the template of the request lies over the consultation's and the clinic's", async () => {
  const inputs: { template: unknown; submitted_by: unknown }[] = [];
  const model = fakeModel({
    compose({ parts: [part] }) {
      inputs.push(JSON.parse("text" in part ? part.text : ""));
      return composed();
    },
  });
  const templates = {
    clinic: { language: "Swedish", tone: "formal", sections: ["symptoms", "advice"] },
    consultation: { language: "German", tone: "warm" },
    summary: { language: "English" },
  };
  const recordings = [recordingOf("r1")];
  await running([], {
    summary_inputs: { submitted_by: "nurse", templates, recordings },
  }, model).run();
  const { language, tone, sections } = inputs[0].template as Record<string, unknown>;
  assertEquals([language, tone, sections], ["English", "warm", ["symptoms", "advice"]]);
  assertEquals(inputs[0].submitted_by, "nurse");
});

Deno.test("an error ends the run with its code, and with what became of the files", async () => {
  const model = fakeModel({ compose: () => new AppError("model_rate_limited") });
  const { run, given, names, clock } = running([recordingOf("r1")], {}, model);
  await run();
  const [{ p_code, p_used, p_left_files }] = given("fail_summary");
  assertEquals([p_code, p_used, p_left_files], ["model_rate_limited", [used("r1")], false]);
  assertEquals(names().includes("complete_summary"), false);
  assertEquals(clock.sleeping, []);
});

Deno.test("trouble that may pass ends the run before anything is composed", async () => {
  const model = fakeModel({
    hear: () => new AppError("model_unavailable"),
    compose: () => new AppError("internal"),
  });
  const { run, given } = running([recordingOf("r1")], {}, model);
  await run();
  assertEquals(given("fail_summary")[0].p_code, "model_unavailable");
  assertEquals(given("fail_summary")[0].p_left_files, true, "its file is kept for the next run");
});

Deno.test("a file that can't be deleted is told, so that somebody looks again", async () => {
  const model = fakeModel({ keeps: ["files/r1"] });
  const { run, given } = running([recordingOf("r1")], {}, model);
  await run();
  assertEquals((given("complete_summary")[0].p_result as { left_files: boolean }).left_files, true);
});

for (
  const [when, answers] of [
    ["at its first heartbeat", { heartbeat_summary: false }],
    ["when it saves", { save_extraction: "lost" }],
    ["when it completes", { complete_summary: "lost" }],
  ] as const
) {
  Deno.test(`a run that loses its lease ${when} writes nothing any more`, async () => {
    const { run, names, events } = running([recordingOf("r1")], answers);
    await run();
    const ends = ["fail_summary", "release_summary"];
    assertEquals(names().filter((name) => ends.includes(name)), []);
    assertEquals(events().at(-1), "lease_lost");
  });
}

Deno.test("a lease that is lost while the model writes ends the run without a summary", async () => {
  let lost = false;
  const model = fakeModel({
    async compose() {
      lost = true;
      await clock.wake();
      return composed();
    },
  });
  const { run, names, clock, events } = running([recordingOf("r1")], {
    heartbeat_summary: () => !lost,
  }, model);
  await run();
  assertEquals(names().at(-1), "heartbeat_summary");
  assertEquals(events().at(-1), "lease_lost");
});

for (const during of ["hear", "compose"] as const) {
  Deno.test(`an isolate that goes during ${during} gives the job back, whatever else fails`, async () => {
    const model = fakeModel({
      [during]: () => {
        shutdown.abort();
        return new AppError("model_key");
      },
    });
    const { run, names, given, shutdown } = running([recordingOf("r1")], {}, model);
    await run();
    assertEquals(given("release_summary"), [LEASE]);
    assertEquals(names().includes("fail_summary"), false);
  });
}

Deno.test("a database that is away at the end is logged: the lease will run out", async () => {
  const { run, events, clock } = running([], {
    fail_summary: new AppError("database_unavailable"),
  });
  await run();
  assertEquals([events().at(-1), clock.sleeping], ["failed", []]);
});
