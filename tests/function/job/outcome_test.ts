import { assertEquals, assertThrows } from "@std/assert";
import { ErrorCode } from "../../../supabase/functions/generate-summary/core/domain.ts";
import {
  AppError,
  type Blame,
  ERRORS,
} from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { Looked } from "../../../supabase/functions/generate-summary/extract/files.ts";
import {
  assertUsable,
  endRun,
  passingFault,
  usedOf,
} from "../../../supabase/functions/generate-summary/job/outcome.ts";
import { recordingOf } from "../fake_model.ts";
import { type Answers, fakeQueue } from "../fake_queue.ts";

const SEGMENT = {
  kind: "speech",
  speaker: null,
  start: 0,
  text: "I have a cough.",
  mentions: { drugs: [], quantities: [] },
};

/** Recordings that were used (`null`) or failed with a code. */
const looked = (...codes: (ErrorCode | null)[]): Looked[] =>
  codes.map((code, index) => ({
    recording: recordingOf(`r${index}`),
    segments: code ? [] : [SEGMENT],
    error: code ? new AppError(code) : undefined,
    missing: [],
  }));

const FILE = ErrorCode.options.filter((code) => ERRORS[code].scope === "file");
const ENDING = ErrorCode.options.filter((code) => ERRORS[code].scope !== "file");

/** The code that is thrown, or else given back. */
function codeOf(run: () => AppError | null | void): string | null {
  try {
    return run()?.code ?? null;
  } catch (error) {
    return (error as AppError).code;
  }
}
const passing = (...codes: (ErrorCode | null)[]) => codeOf(() => passingFault(looked(...codes)));
const unusable = (...codes: (ErrorCode | null)[]) => codeOf(() => assertUsable(looked(...codes)));

Deno.test("files that could all be used end nothing", () => {
  assertEquals([passing(null, null), unusable(null, null)], [null, null]);
});

Deno.test("what is not a file's own is thrown, whatever the others are", () => {
  for (const code of ENDING) {
    assertThrows(() => passingFault(looked(null, "file_type", "model_unavailable", code)));
    assertEquals(passing(null, "file_type", "model_unavailable", code), code);
  }
});

Deno.test("a file that may succeed later sends the job back, one that never will does not", () => {
  for (const code of FILE) {
    assertEquals(passing(null, code), ERRORS[code].blame === "final" ? null : code);
    assertEquals(unusable(null, code), null);
  }
});

Deno.test("of several faults the job's own counts: a service that is away must not hide it", () => {
  assertEquals(passing("model_unavailable", "model_answer", "storage_unavailable"), "model_answer");
  assertEquals(passing("model_rate_limited", "model_unavailable"), "model_rate_limited");
});

Deno.test("no file is left: the code that they have in common, else no_usable_files", () => {
  assertEquals(unusable("file_empty", "file_empty"), "file_empty");
  assertEquals(unusable("file_empty", "file_type"), "no_usable_files");
  assertEquals(unusable("storage_unavailable", "storage_unavailable"), "storage_unavailable");
});

Deno.test("nothing was said: that is no fault, but beside a file that failed, or a stretch left out", () => {
  const silent = { ...looked(null)[0], segments: [] };
  assertEquals(codeOf(() => assertUsable([silent])), null);
  assertEquals(codeOf(() => assertUsable([silent, ...looked("file_refused")])), "file_refused");
  const missing = [{ from_seconds: 0, to_seconds: null, code: "file_refused" as const }];
  assertEquals(codeOf(() => assertUsable([{ ...silent, missing }])), "file_refused");
});

Deno.test("the error of one file keeps its own message", () => {
  const [one] = looked("file_type");
  one.error = new AppError("file_type", { message: "A PDF can't be read." });
  assertThrows(() => assertUsable([one]), AppError, "A PDF");
});

Deno.test("a consultation without recordings is told as that", () => {
  assertEquals(unusable(), "no_recordings");
});

Deno.test("what was looked at is written down with its version, and why it failed", () => {
  const [used, failed] = looked(null, "file_empty");
  assertEquals([usedOf(used), usedOf(failed)], [
    {
      recording_id: "r0",
      object_version: "1",
      take: 1,
      outcome: "used",
      code: null,
      message: null,
      missing: null,
    },
    {
      recording_id: "r1",
      object_version: "1",
      take: 1,
      outcome: "failed",
      code: "file_empty",
      message: ERRORS.file_empty.message,
      missing: null,
    },
  ]);
});

const LEASE = { p_id: "s", p_token: "t" };

async function ended(error: AppError, answers: Answers = {}, usable?: boolean) {
  const { queue, calls } = fakeQueue({ fail_summary: { outcome: "queued" }, ...answers });
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const used = looked(null).map(usedOf);
  const outcome = await endRun(
    error,
    { lease: LEASE, used, leftFiles: true, usable },
    { queue, log },
  );
  const entries = lines.map((line) => JSON.parse(line));
  return {
    outcome,
    calls,
    used,
    entries,
    said: entries.map((line) => `${line.level} ${line.event}`),
  };
}

Deno.test("a run that lost its lease writes nothing any more", async () => {
  const { calls, said } = await ended(new AppError("lease_lost"));
  assertEquals([calls, said], [[], ["warn lease_lost"]]);
});

Deno.test("a run whose own time is short gives the job back, late: it is no failure", async () => {
  const { calls, said } = await ended(new AppError("out_of_time"));
  assertEquals(calls, [{ name: "release_summary", args: { ...LEASE, p_late: true } }]);
  assertEquals(said, ["info released"]);
});

Deno.test("any other error is for the database to decide, which is told all that it needs", async () => {
  const error = new AppError("model_rate_limited", { retryAfter: 11.2 });
  const { calls, used, said } = await ended(error);
  assertEquals(calls, [{
    name: "fail_summary",
    args: {
      ...LEASE,
      p_code: "model_rate_limited",
      p_message: ERRORS.model_rate_limited.message,
      p_fault: "limit",
      // Whole seconds, and never too early.
      p_retry_after: 12,
      p_used: used,
      p_left_files: true,
      p_usable: false,
      p_tries: 1,
    },
  }]);
  assertEquals(said, ["warn requeued"]);
});

/** Whom the database charges, for each code that a run can end with. */
const BLAMES: Record<Exclude<Blame, "final">, ErrorCode[]> = {
  own: [
    "file_changed",
    "file_gone",
    "model_truncated",
    "model_answer",
    "auth_unavailable",
    "database_unavailable",
    "internal",
    "lease_lost",
    "out_of_time",
  ],
  limit: ["model_rate_limited"],
  provider: ["storage_unavailable", "model_unavailable"],
  account: [
    "model_quota",
    "model_key",
    "model_settings",
    "model_bucket",
    "model_not_found",
    "model_account",
  ],
  budget: ["over_budget"],
};

Deno.test("the database is told whose fault it was; what no table lists is final", async () => {
  for (const code of ErrorCode.options) {
    const blame = Object.entries(BLAMES).find(([, codes]) => codes.includes(code))?.[0] ?? "final";
    assertEquals([code, ERRORS[code].blame], [code, blame]);
    const { calls: [call] } = await ended(new AppError(code));
    if (call?.name === "fail_summary") assertEquals([code, call.args.p_fault], [code, blame]);
  }
});

Deno.test("answers that were paid for in vain are counted one by one", async () => {
  const error = new AppError("model_truncated", { message: "Cut off.", retryAfter: 3 });
  const { calls: [{ args }] } = await ended(error.counting(4));
  assertEquals(
    [args.p_tries, args.p_code, args.p_message, args.p_retry_after],
    [4, "model_truncated", "Cut off.", 3],
  );
});

Deno.test("the last attempt of one with usable files has not ended: it goes on without the file", async () => {
  const last = { fail_summary: { outcome: "last" } };
  const { outcome, calls: [{ args }], said } = await ended(
    new AppError("model_answer"),
    last,
    true,
  );
  assertEquals([outcome, args.p_usable, said], ["last", true, []]);
});

Deno.test("an error that won't pass is told as such, without a time to wait", async () => {
  const { outcome, calls: [{ args }], said } = await ended(new AppError("no_clinical_content"), {
    fail_summary: { outcome: "failed" },
  });
  assertEquals([outcome, args.p_fault, args.p_retry_after], ["ended", "final", undefined]);
  assertEquals(said, ["warn failed"]);
});

Deno.test("a lease that was lost meanwhile is told as that", async () => {
  const { said } = await ended(new AppError("model_key"), { fail_summary: { outcome: "lost" } });
  assertEquals(said, ["warn lease_lost"]);
});

Deno.test("what nobody expected stands in the log as an error, by its kind", async () => {
  const { entries } = await ended(new AppError("internal", { cause: new TypeError("fever") }));
  assertEquals([entries[0].level, entries[0].code], ["error", "TypeError"]);
});
