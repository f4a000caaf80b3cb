import { assertEquals, assertThrows } from "@std/assert";
import { ErrorCode } from "../../../supabase/functions/generate-summary/core/domain.ts";
import { AppError, ERRORS } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { Looked } from "../../../supabase/functions/generate-summary/extract/files.ts";
import {
  assertUsable,
  endRun,
  usedOf,
} from "../../../supabase/functions/generate-summary/job/outcome.ts";
import { recordingOf } from "../fake_model.ts";
import { type Answers, fakeQueue } from "../fake_queue.ts";

const JOB = { summary_id: "s", clinic_id: "c", consultation_id: "k", max_attempts: 5 };

/** Recordings that were used (`null`) or failed with a code. */
const looked = (...codes: (ErrorCode | null)[]): Looked[] =>
  codes.map((code, index) => ({
    recording: recordingOf(`r${index}`),
    segments: [],
    error: code ? new AppError(code) : undefined,
  }));

const FILE = ErrorCode.options.filter((code) => ERRORS[code].scope === "file");
const ENDING = ErrorCode.options.filter((code) => ERRORS[code].scope !== "file");

/** What ends the run, or null. */
function endOf(attempt: number, ...codes: (ErrorCode | null)[]): string | null {
  try {
    assertUsable(looked(...codes), { ...JOB, attempt });
    return null;
  } catch (error) {
    return (error as AppError).code;
  }
}

Deno.test("files that could all be used end nothing", () => {
  assertEquals(endOf(1, null, null), null);
});

Deno.test("what is not a file's own ends the run, on any attempt, whatever the others are", () => {
  for (const code of ENDING) {
    for (const attempt of [1, 5]) assertEquals(endOf(attempt, null, "file_type", code), code);
  }
  for (const code of ["model_key", "model_quota", "out_of_time", "lease_lost"] as const) {
    assertEquals(endOf(1, "model_unavailable", code), code, "passing trouble comes after it");
  }
});

Deno.test("a file that may succeed later ends the run, until the last attempt leaves it out", () => {
  const passing = FILE.filter((code) => ERRORS[code].retry);
  assertEquals(passing.includes("storage_unavailable"), true);
  for (const code of passing) {
    assertEquals([endOf(1, null, code), endOf(4, null, code)], [code, code]);
    assertEquals(endOf(5, null, code), null);
  }
});

Deno.test("a file that never will is left out at once", () => {
  for (const code of FILE.filter((code) => !ERRORS[code].retry)) {
    assertEquals(endOf(1, null, code), null, code);
  }
});

Deno.test("no file is left: the code that they have in common, else no_usable_files", () => {
  assertEquals(endOf(1, "file_empty", "file_empty"), "file_empty");
  assertEquals(endOf(1, "file_empty", "file_type"), "no_usable_files");
  assertEquals(endOf(5, "storage_unavailable", "storage_unavailable"), "storage_unavailable");
  assertEquals(endOf(5, "storage_unavailable", "file_type"), "no_usable_files");
});

Deno.test("the error of one file keeps its own message", () => {
  const [one] = looked("file_type");
  one.error = new AppError("file_type", { message: "A PDF can't be read." });
  assertThrows(() => assertUsable([one], { ...JOB, attempt: 1 }), AppError, "A PDF");
});

Deno.test("a consultation without recordings is told as that", () => {
  assertEquals(endOf(1), "no_recordings");
});

Deno.test("what was looked at is written down with its version, and why it failed", () => {
  const [used, failed] = looked(null, "file_empty");
  assertEquals([usedOf(used), usedOf(failed)], [
    { recording_id: "r0", object_version: "1", outcome: "used", code: null, message: null },
    {
      recording_id: "r1",
      object_version: "1",
      outcome: "failed",
      code: "file_empty",
      message: ERRORS.file_empty.message,
    },
  ]);
});

const LEASE = { p_id: "s", p_token: "t" };

async function ended(error: AppError, answers: Answers = {}) {
  const { queue, calls } = fakeQueue({ fail_summary: { outcome: "queued" }, ...answers });
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const used = looked(null).map(usedOf);
  await endRun(error, { lease: LEASE, used, leftFiles: true }, { queue, log });
  const entries = lines.map((line) => JSON.parse(line));
  return { calls, used, entries, said: entries.map(({ level, event }) => `${level} ${event}`) };
}

Deno.test("a run that lost its lease writes nothing any more", async () => {
  const { calls, said } = await ended(new AppError("lease_lost"));
  assertEquals([calls, said], [[], ["warn lease_lost"]]);
});

Deno.test("a run whose time is short gives the job back: it is no failure", async () => {
  const { calls, said } = await ended(new AppError("out_of_time"));
  assertEquals([calls, said], [[{ name: "release_summary", args: LEASE }], ["info released"]]);
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
      p_retryable: true,
      // Whole seconds, and never too early.
      p_retry_after: 12,
      p_used: used,
      p_left_files: true,
    },
  }]);
  assertEquals(said, ["warn requeued"]);
});

Deno.test("an error that won't pass is told as such, without a time to wait", async () => {
  const { calls: [{ args }], said } = await ended(new AppError("no_clinical_content"), {
    fail_summary: { outcome: "failed" },
  });
  assertEquals([args.p_retryable, args.p_retry_after], [false, undefined]);
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
