import { assert, assertEquals } from "@std/assert";
import {
  type ErrorCode,
  ERRORS,
} from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  Fault,
  type FaultKind,
  POLICY,
  type Policy,
} from "../../../supabase/functions/generate-summary/models/policy.ts";

const KINDS = Object.keys(POLICY) as FaultKind[];
const policies: [FaultKind, Policy][] = KINDS.map((kind) => [kind, POLICY[kind]]);

/** What each fault becomes, and where it was about a file. */
const CODES: Record<FaultKind, [code: ErrorCode, ofFile?: ErrorCode]> = {
  object_missing: ["file_missing"],
  object_forbidden: ["file_forbidden"],
  object_empty: ["file_empty"],
  object_too_large: ["file_too_large"],
  object_changed: ["file_changed"],
  storage_away: ["storage_unavailable"],
  storage_unfit: ["storage_unavailable"],
  upload_refused: ["file_rejected"],
  upload_void: ["model_unavailable"],
  upload_stuck: ["model_unavailable"],
  upload_slow: ["model_unavailable"],
  file_failed: ["file_rejected"],
  file_gone: ["file_gone"],
  unreachable: ["model_unavailable"],
  timed_out: ["model_unavailable"],
  gateway: ["model_unavailable"],
  server_error: ["model_unavailable"],
  overloaded: ["model_unavailable"],
  rate_limited: ["model_rate_limited"],
  quota: ["model_quota"],
  key: ["model_key"],
  bucket: ["model_bucket"],
  model_gone: ["model_not_found"],
  account: ["model_account"],
  unreadable: ["model_rejected", "file_rejected"],
  too_long: ["model_rejected", "file_too_long"],
  bad_request: ["model_rejected"],
  blocked: ["model_refused", "file_refused"],
  refused: ["model_refused", "file_refused"],
  truncated: ["model_truncated"],
  unusable: ["model_answer"],
};

Deno.test("each fault has its code, and another where it may be the file's", () => {
  for (const [kind, { code, ofFile }] of policies) {
    assertEquals([kind, code, ofFile], [kind, CODES[kind][0], CODES[kind][1]]);
  }
});

Deno.test("what may be the file's fault ends the file, not the run", () => {
  for (const [kind, { ofFile }] of policies) {
    if (ofFile) assertEquals(ERRORS[ofFile].scope, "file", kind);
  }
});

Deno.test("what is mended at the account only is not asked again, and ends the run", () => {
  const account = policies.filter(([, { code }]) => ERRORS[code].blame === "account");
  assertEquals(account.map(([kind]) => kind), ["quota", "key", "bucket", "model_gone", "account"]);
  for (const [kind, { retries, code }] of account) {
    assertEquals([retries, ERRORS[code].scope], [0, "run"], kind);
  }
});

Deno.test("what is tried again in place waits first, and was not paid for", () => {
  const tried = policies.filter(([, { retries }]) => retries > 0);
  assert(tried.length > 0);
  for (const [kind, { wait }] of tried) assert(wait > 0, kind);
  for (const kind of ["refused", "blocked", "truncated", "unusable"] as const) {
    assertEquals(POLICY[kind].retries, 0, kind);
  }
});

Deno.test("a fault's message is its kind: nothing that was said gets out", () => {
  for (const kind of KINDS) assertEquals(new Fault(kind).message, kind);
});
