import { assert, assertEquals, assertMatch } from "@std/assert";
import { ErrorCode } from "../../../supabase/functions/generate-summary/core/domain.ts";
import {
  AppError,
  asAppError,
  causeOf,
  ERRORS,
} from "../../../supabase/functions/generate-summary/core/errors.ts";

const codes = ErrorCode.options;

Deno.test("each error says in a sentence what to do, and no two say the same", () => {
  for (const code of codes) assertMatch(ERRORS[code].message, /^[A-Z].*\.$/, code);
  assertEquals(new Set(codes.map((code) => ERRORS[code].message)).size, codes.length);
});

Deno.test("an error has what the table says of its code", () => {
  for (const code of codes) {
    const { status, blame, scope, message } = new AppError(code);
    assertEquals({ status, blame, scope, message }, ERRORS[code]);
  }
});

Deno.test("what helps by being tried again is none of the caller's faults", () => {
  for (const code of codes) {
    const { retry, status } = new AppError(code);
    if (code !== "lease_lost" && retry) assert(status >= 500, code);
  }
});

Deno.test("what somebody must mend at the account is tried again: it is no fault of the job", () => {
  const account = codes.filter((code) => ERRORS[code].blame === "account");
  assertEquals(account, [
    "model_quota",
    "model_key",
    "model_settings",
    "model_bucket",
    "model_not_found",
    "model_account",
  ]);
  for (const code of account) assert(new AppError(code).retry, code);
});

Deno.test("an error counts as one attempt, unless more answers were paid for", () => {
  const options = { message: "Cut off.", retryAfter: 3, summaryId: "s", cause: new Error() };
  const one = new AppError("model_truncated", options);
  assertEquals(one.tries, 1);
  const counted = one.counting(4);
  const { code, message, retryAfter, summaryId, cause, tries } = counted;
  assertEquals({ code, message, retryAfter, summaryId, cause, tries }, {
    code: "model_truncated",
    ...options,
    tries: 4,
  });
});

Deno.test("a message of its own takes the place of the table's", () => {
  assertEquals(new AppError("forbidden", { message: "Ask a doctor." }).message, "Ask a doctor.");
});

Deno.test("one of ours stays as it is, anything else is internal and keeps its cause", () => {
  const ours = new AppError("file_empty");
  assert(asAppError(ours) === ours);
  for (const thrown of [new TypeError("a bug"), "text", undefined, { code: "23505" }]) {
    const error = asAppError(thrown);
    assertEquals(error.code, "internal");
    assert(error.cause === thrown);
    assertEquals(error.message, ERRORS.internal.message);
  }
});

Deno.test("a log learns the kind of what nobody expected, never its message", () => {
  const secret = "Jane Roe, fever";
  for (
    const [thrown, kind] of [
      [new TypeError(secret), "TypeError"],
      [new DOMException(secret, "AbortError"), "20"],
      [{ code: "23505", message: secret }, "23505"],
      [{ message: secret }, "object"],
      [secret, "string"],
      [null, "object"],
      [undefined, "undefined"],
    ]
  ) {
    assertEquals(causeOf(asAppError(thrown)), kind);
  }
});
