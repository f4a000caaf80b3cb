import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Composition } from "../../../supabase/functions/generate-summary/compose/compose.ts";
import {
  type Recording,
  usageOf,
} from "../../../supabase/functions/generate-summary/core/domain.ts";
import { AppError, ERRORS } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { Inputs } from "../../../supabase/functions/generate-summary/job/queue.ts";
import { runJob } from "../../../supabase/functions/generate-summary/job/run.ts";
import type { GenerateRequest } from "../../../supabase/functions/generate-summary/models/model.ts";
import { AS_A_RULE, claimOf, COMPLETED, inputsOf, inTurn } from "../fake_claim.ts";
import { heldClock } from "../fake_clock.ts";
import { composed, fakeModel, heard, recordingOf, storage } from "../fake_model.ts";
import { type Answers, fakeQueue } from "../fake_queue.ts";

const LEASE = { p_id: "s", p_token: "t" };

/** A run over these; `answers` take the place of what the database answers as a rule. */
function running(
  given_: Recording[] | Inputs = [recordingOf("r1")],
  answers: Answers = {},
  model = fakeModel(),
) {
  const inputs = Array.isArray(given_) ? inputsOf(given_) : given_;
  const clock = heldClock();
  const { queue, calls, paidCalls, given } = fakeQueue({ ...AS_A_RULE, ...answers });
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const shutdown = new AbortController();
  const deps = {
    queue,
    storage,
    model: model.model,
    reader: null,
    modelCallMs: 50_000,
    cpuTime: { answered: () => {} },
    clock,
    log,
    deadline: clock.now() + 300_000,
  };
  return {
    run: (nextToken?: () => string | null, draft: unknown = null) =>
      runJob(
        { claimed: claimOf("s", inputs, { draft }), token: "t" },
        deps,
        shutdown.signal,
        nextToken,
      ),
    names: () => calls.map(({ name }) => name),
    told: () => paidCalls,
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
  take: 1,
  outcome: "used",
  code: null,
  message: null,
  missing: null,
  ...changes,
});

Deno.test("a run extracts, composes and completes, each under its lease, in two calls", async () => {
  const { run, names, given, events, clock } = running();
  assertEquals(await run(), null);
  assertEquals(names(), ["save_extraction", "complete_summary"]);
  const [{ p_part, ...saved }] = given("save_extraction");
  assertEquals(saved, {
    ...LEASE,
    p_recording: "r1",
    p_object_version: "1",
    // Nothing else tells what is done next.
    p_stage: "composing",
  });
  assertEquals((p_part as { is_last: boolean }).is_last, true);
  const [{ p_result, ...completed }] = given("complete_summary");
  assertEquals(completed, { ...LEASE, p_used: [used("r1")], p_next_token: undefined });
  const { summary, model, left_files } = p_result as Record<string, unknown>;
  assert(String(summary).includes("- Has a cough."));
  assertEquals([model, left_files], ["model-1", false]);
  assertEquals(events().at(-1), "completed");
  assertEquals(clock.sleeping, [], "the heartbeat goes on");
});

Deno.test("only the part that nothing is missing after tells that composing follows", async () => {
  const done = recordingOf("r0", {
    take: 1,
    earlier: [],
    extractions: [{
      part: 0,
      from_seconds: 0,
      to_seconds: null,
      is_last: true,
      segments: [],
      found: { content: true, language: "en" },
      model: "model-1",
      prompt_version: "1",
      usage: usageOf([]),
    }],
  });
  const { run, given } = running([done, recordingOf("r1"), recordingOf("r2")]);
  await run();
  assertEquals(given("save_extraction").map(({ p_stage }) => p_stage), [undefined, "composing"]);
});

Deno.test("the next is claimed with the call that completes, under a token that is asked for then", async () => {
  const next = claimOf("s2");
  const asked: number[] = [];
  const { run, given } = running(undefined, { complete_summary: { outcome: "completed", next } });
  const held = await run(() => {
    asked.push(given("save_extraction").length);
    return "t2";
  });
  assertEquals([held, asked], [{ claimed: next, token: "t2" }, [1]]);
  assertEquals(given("complete_summary")[0].p_next_token, "t2");
});

Deno.test("a file that can't be used is told with the summary of the others", async () => {
  const model = fakeModel({
    hear: (name) => name === "files/r1" ? new AppError("file_refused") : heard("I have a cough."),
  });
  const { run, given } = running([recordingOf("r1"), recordingOf("r2")], {}, model);
  await run();
  const { message } = new AppError("file_refused");
  const [{ p_used, p_result }] = given("complete_summary");
  assertEquals(p_used, [
    used("r1", { outcome: "failed", code: "file_refused", message }),
    used("r2"),
  ]);
  const { summary, sections } = p_result as Composition;
  assertMatch(
    summary,
    /^\*\*⚠ .*\*\*\n\n- Recording 1, the whole of it \(.*refused.*\): .*\n\n## /,
  );
  assertEquals(sections[0].warnings[0], { code: "incomplete", detail: "recording 1" });
});

Deno.test("a file that came meanwhile is taken in before the summary is completed", async () => {
  const { run, given, events } = running([recordingOf("r1")], {
    summary_inputs: inputsOf([recordingOf("r1"), recordingOf("r2")]),
    complete_summary: inTurn({ outcome: "stale" }, COMPLETED),
  });
  await run();
  assertEquals(given("summary_inputs"), [LEASE]);
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
  await running(inputsOf(undefined, { submitted_by: "nurse", templates }), {}, model).run();
  const { language, tone, sections } = inputs[0].template as Record<string, unknown>;
  assertEquals([language, tone, sections], ["English", "warm", ["symptoms", "advice"]]);
  assertEquals(inputs[0].submitted_by, "nurse");
});

Deno.test("an error ends the run with its code, and with what became of the files", async () => {
  const model = fakeModel({ compose: () => new AppError("model_rate_limited") });
  const { run, given, names, clock } = running(undefined, {}, model);
  assertEquals(await run(() => "t2"), null);
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
  const { run, given } = running(undefined, {}, model);
  await run();
  assertEquals(given("fail_summary")[0].p_code, "model_unavailable");
  assertEquals(given("fail_summary")[0].p_left_files, true, "its file is kept for the next run");
});

Deno.test("when the database says that this was the last attempt, the summary is made of the others", async () => {
  const model = fakeModel({
    hear: (name) => name === "files/r1" ? new AppError("model_answer") : heard("I have a cough."),
  });
  const { run, given, names } = running([recordingOf("r1"), recordingOf("r2")], {
    fail_summary: { outcome: "last" },
  }, model);
  await run();
  assertEquals(given("fail_summary").map(({ p_usable }) => p_usable), [true]);
  const { message } = new AppError("model_answer");
  const failed = { outcome: "failed", code: "model_answer", message };
  assertEquals(given("complete_summary")[0].p_used, [used("r1", failed), used("r2")]);
  assertEquals(names().at(-1), "complete_summary");
});

Deno.test("a run without another file never asks whether it can do without this one", async () => {
  const model = fakeModel({ hear: () => new AppError("model_answer") });
  const { run, given } = running([recordingOf("r1"), recordingOf("r2")], {
    fail_summary: { outcome: "failed" },
  }, model);
  await run();
  assertEquals(given("fail_summary").map(({ p_usable }) => p_usable), [false]);
});

for (const version of ["2", "1"]) {
  const anew = version === "2";
  Deno.test(`a file that was overwritten is ${anew ? "read anew at once where the row tells it" : "left for later where the row tells of nothing"}`, async () => {
    const hear = inTurn(new AppError("file_changed"), heard("I have a cough."));
    const { run, given, names } = running([recordingOf("r1")], {
      summary_inputs: inputsOf([recordingOf("r1", { object_version: version })]),
    }, fakeModel({ hear }));
    await run();
    if (anew) {
      assertEquals(given("complete_summary")[0].p_used, [used("r1", { object_version: "2" })]);
      assertEquals(given("fail_summary"), []);
    } else {
      assertEquals(names(), ["summary_inputs", "fail_summary"]);
      assertEquals(given("fail_summary")[0].p_code, "file_changed");
    }
  });
}

Deno.test("answers paid for in vain are no more than the job has attempts left", async () => {
  const model = fakeModel({ hear: () => ({ nothing: true }) });
  for (const [tries_left, paid] of [[5, 5], [1, 1]]) {
    const clock = heldClock();
    const { queue, given } = fakeQueue(AS_A_RULE);
    const log = createLog(() => {});
    const deps = {
      queue,
      storage,
      model: model.model,
      reader: null,
      clock,
      log,
      modelCallMs: 50_000,
      cpuTime: { answered: () => {} },
      deadline: clock.now() + 300_000,
    };
    const claimed = claimOf("s", inputsOf(), { tries_left });
    await runJob({ claimed, token: "t" }, deps, new AbortController().signal);
    const [{ p_code, p_tries }] = given("fail_summary");
    assertEquals([p_code, p_tries], ["model_answer", paid]);
  }
});

Deno.test("a file that can't be deleted is told, so that somebody looks again", async () => {
  const model = fakeModel({ keeps: ["files/r1"] });
  const { run, given } = running(undefined, {}, model);
  await run();
  assertEquals((given("complete_summary")[0].p_result as { left_files: boolean }).left_files, true);
});

for (
  const [when, answers] of [
    ["when it saves", { save_extraction: { outcome: "lost", may_spend: false } }],
    ["when it completes", { complete_summary: { outcome: "lost" } }],
    ["when it reads anew what there is", {
      complete_summary: { outcome: "stale" },
      summary_inputs: null,
    }],
  ] as const
) {
  Deno.test(`a run that loses its lease ${when} writes nothing any more`, async () => {
    const { run, names, events } = running(undefined, answers);
    assertEquals(await run(() => "t2"), null);
    const ends = ["fail_summary", "release_summary"];
    assertEquals(names().filter((name) => ends.includes(name)), []);
    assertEquals(events().at(-1), "lease_lost");
  });
}

Deno.test("while an answer is repaired the heartbeat tells that it is checked", async () => {
  let answers = 0;
  const model = fakeModel({
    async compose() {
      await clock.wake();
      return ++answers === 1 ? composed("Has a cough for 9 days.") : composed();
    },
  });
  const { run, given, clock } = running(undefined, {}, model);
  await run();
  assertEquals(given("heartbeat_summary").map(({ p_stage }) => p_stage), ["composing", "checking"]);
});

Deno.test("a lease that is lost while the model writes ends the run without a summary", async () => {
  let lost = false;
  const model = fakeModel({
    async compose() {
      lost = true;
      await clock.wake();
      return composed();
    },
  });
  const { run, names, given, told, clock, events } = running(undefined, {
    heartbeat_summary: () => !lost,
  }, model);
  await run();
  // Whose it is now doesn't matter: it was paid for.
  assertEquals([names().at(-1), told().length], ["release_summary", 2]);
  assertEquals(given("heartbeat_summary"), [{ ...LEASE, p_stage: "composing" }]);
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
    const { run, names, given, shutdown } = running(undefined, {}, model);
    await run();
    assertEquals(given("release_summary"), [{ ...LEASE, p_late: false }]);
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

Deno.test("what the model was paid for is told with the calls that are made anyway, each once", async () => {
  const { run, told, names } = running();
  await run();
  const rows = told() as { purpose: string; recording_id: string | null; id: string }[];
  assertEquals(rows.map(({ purpose, recording_id }) => [purpose, recording_id]), [
    ["extract", "r1"],
    ["compose", null],
  ]);
  assertEquals(new Set(rows.map(({ id }) => id)).size, 2);
  assertEquals(names(), ["save_extraction", "complete_summary"]);
});

const SPENT = { outcome: "saved", may_spend: false };

Deno.test("once the budget is spent, what is under way is saved, nothing more is asked, and the job waits", async () => {
  const asked: string[] = [];
  const model = fakeModel({
    hear(file) {
      asked.push(file);
      return heard("I have a cough.");
    },
    compose: () => asked.push("composed"),
  });
  const recordings = ["r1", "r2", "r3", "r4"].map((id) => recordingOf(id));
  const { run, names, given, told } = running(recordings, { save_extraction: SPENT }, model);
  await run();
  assertEquals(asked, ["files/r1", "files/r2", "files/r3"], "as many as are heard at a time");
  assertEquals(given("save_extraction").length, 3);
  assertEquals(names().at(-1), "fail_summary");
  const [{ p_code, p_fault }] = given("fail_summary");
  assertEquals([p_code, p_fault, told().length], ["over_budget", "budget", 3]);
});

Deno.test("what came to nothing is told before the model is asked again, which the budget may forbid", async () => {
  let asked = 0;
  const model = fakeModel({
    hear() {
      asked++;
      return { speech_found: false, language: null, segments: [] };
    },
  });
  const { run, names, told } = running(undefined, { tell_calls: false }, model);
  await run();
  assertEquals([asked, names(), told().length], [1, ["tell_calls", "fail_summary"], 1]);
});

Deno.test("a draft waits for its repair until there is a budget again", async () => {
  const model = fakeModel({ compose: () => composed("Has a cough for 9 days.") });
  const { run, names, given } = running(undefined, { save_draft: SPENT }, model);
  await run();
  assertEquals(names(), ["save_extraction", "save_draft", "fail_summary"]);
  assertEquals(given("fail_summary")[0].p_code, "over_budget");
});

Deno.test("a draft that an earlier attempt kept is repaired, and composed no second time", async () => {
  const composes: GenerateRequest[] = [];
  const model = fakeModel({
    compose(request) {
      composes.push(request);
      return composes.length === 1 ? composed("Has a cough for 9 days.") : composed();
    },
  });
  const first = running(undefined, { save_draft: { outcome: "lost", may_spend: false } }, model);
  await first.run();
  assertEquals(first.events().at(-1), "lease_lost");
  const [{ p_draft }] = first.given("save_draft");
  const second = running(undefined, {}, model);
  await second.run(undefined, p_draft);
  assertEquals(composes.map(({ parts }) => parts.length), [1, 2]);
  assertEquals(second.events().at(-1), "completed");
});

Deno.test("a draft that can't be repaired any more is the summary, with its warnings: it was the last attempt", async () => {
  let asked = 0;
  const model = fakeModel({
    compose: () =>
      ++asked === 1 ? composed("Has a cough for 9 days.") : new AppError("model_unavailable"),
  });
  const last = running(undefined, { fail_summary: { outcome: "last" } }, model);
  await last.run();
  assertEquals(last.names(), [
    "save_extraction",
    "save_draft",
    "fail_summary",
    "complete_summary",
  ]);
  assertEquals(last.given("fail_summary")[0].p_usable, true);
  const [{ p_result }] = last.given("complete_summary");
  assertMatch((p_result as Composition).summary, /cough for 9 days/);
  const warnings = (p_result as Composition).sections.flatMap(({ statements }) =>
    statements.flatMap(({ warnings }) => warnings)
  );
  assertEquals(warnings.map(({ code }) => code), ["quantity_unsupported"]);

  asked = 0;
  const other = running(undefined, {}, model);
  await other.run();
  assertEquals(other.names(), ["save_extraction", "save_draft", "fail_summary"]);
});

Deno.test("a recording that was heard in part is used, with what is missing", async () => {
  const missing = [{ from_seconds: 60, to_seconds: 120, code: "file_refused" }];
  const part = {
    model: "model-1",
    prompt_version: "1",
    usage: usageOf([]),
    found: { content: true, language: "en" },
  };
  const [segment] = heard("I have a cough.").segments;
  const extractions = [
    {
      ...part,
      part: 0,
      from_seconds: 0,
      to_seconds: 60,
      is_last: false,
      segments: [{ kind: "speech", ...segment }],
    },
    {
      ...part,
      found: { content: false, language: null, missing: "file_refused" as const },
      part: 1,
      from_seconds: 60,
      to_seconds: 120,
      is_last: false,
      segments: [],
    },
    { ...part, part: 2, from_seconds: 120, to_seconds: null, is_last: true, segments: [] },
  ];
  const { run, given } = running([recordingOf("r1", { extractions })]);
  await run();
  const [{ p_used, p_result }] = given("complete_summary");
  assertEquals(p_used, [
    used("r1", {
      outcome: "partial",
      code: "file_refused",
      message: ERRORS.file_refused.message,
      missing,
    }),
  ]);
  assert((p_result as { summary: string }).summary.startsWith("**"));
});

Deno.test("a take that can't be heard leaves the one before in its place", async () => {
  const earlier = [{
    part: 0,
    from_seconds: 0,
    to_seconds: null,
    is_last: true,
    segments: [{ kind: "speech", ...heard("I have a cough.").segments[0] }],
    found: { content: true, language: "en" },
    model: "model-1",
    prompt_version: "1",
    usage: usageOf([]),
  }];
  const model = fakeModel({ hear: () => new AppError("file_rejected") });
  const { run, given } = running([recordingOf("r1", { take: 2, earlier })], {}, model);
  await run();
  assertEquals(given("complete_summary")[0].p_used, [used("r1", { take: 2 })]);
});

Deno.test("silence beside a refused file tells of the refused one", async () => {
  const model = fakeModel({
    hear: (file) => file === "files/r1" ? new AppError("file_refused") : heard(),
  });
  const { run, given } = running([recordingOf("r1"), recordingOf("r2")], {
    fail_summary: { outcome: "failed" },
  }, model);
  await run();
  const [{ p_code, p_used }] = given("fail_summary");
  assertEquals(p_code, "file_refused");
  assertEquals((p_used as { code: string }[]).map(({ code }) => code), ["file_refused", null]);
});
