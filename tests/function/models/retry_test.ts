import { assert, assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import {
  Fault,
  type FaultKind,
  POLICY,
} from "../../../supabase/functions/generate-summary/models/policy.ts";
import { withRetry } from "../../../supabase/functions/generate-summary/models/retry.ts";
import { fakeClock } from "../fake_clock.ts";

const log = createLog(() => {});

/** Fails with `fault` each time, and counts. */
function failing(fault: Error) {
  const clock = fakeClock();
  const run = { calls: 0, clock };
  const retry = (left = 600_000, needs = 1000, signal?: AbortSignal) =>
    withRetry(() => {
      run.calls++;
      return Promise.reject(fault);
    }, { clock, log, needs, signal, deadline: clock.now() + left });
  return { run, retry };
}

Deno.test("each fault is tried as often as the table says, and becomes its code", async () => {
  for (const [kind, { code, retries }] of Object.entries(POLICY)) {
    const { run, retry } = failing(new Fault(kind as FaultKind));
    const error = await assertRejects(() => retry(), AppError);
    assertEquals([kind, error.code, run.calls], [kind, code, retries + 1]);
  }
});

Deno.test("what is tried again in place may be tried again as a job, but for an empty quota", () => {
  for (const { code, retries } of Object.values(POLICY)) {
    if (retries > 0) assert(new AppError(code).retry, code);
  }
});

Deno.test("waits get longer, and half of each is jitter", async () => {
  const { run, retry } = failing(new Fault("overloaded"));
  await assertRejects(() => retry());
  const { wait } = POLICY.overloaded;
  assertEquals(run.clock.slept.length, 3);
  run.clock.slept.forEach((ms, index) => {
    const longest = wait * 2 ** index;
    assert(ms >= longest / 2 && ms <= longest, `${ms} of ${longest}`);
  });
});

Deno.test("a delay that the other side names is waited for at least, with jitter, and told", async () => {
  const { run, retry } = failing(new Fault("rate_limited", 21_700));
  const error = await assertRejects(() => retry(), AppError);
  assertEquals(run.clock.slept.length, 3);
  for (const ms of run.clock.slept) assert(ms >= 21_700 && ms <= 21_700 * 1.25, String(ms));
  assertEquals(error.retryAfter, 21.7);
});

Deno.test("a delay of nothing is none: the table's wait is the least", async () => {
  const { run, retry } = failing(new Fault("rate_limited", 0));
  const error = await assertRejects(() => retry(), AppError);
  const { wait } = POLICY.rate_limited;
  run.clock.slept.forEach((ms, index) => assert(ms >= wait * 2 ** index, String(ms)));
  assertEquals(error.retryAfter, wait / 1000);
});

Deno.test("it is given up at once when the wait would leave too little time", async () => {
  const { run, retry } = failing(new Fault("rate_limited", 11_700));
  await assertRejects(() => retry(12_000, 1000), AppError);
  assertEquals([run.calls, run.clock.slept], [1, []]);
});

Deno.test("what is no fault passes through", async () => {
  const { run, retry } = failing(new AppError("file_missing"));
  const error = await assertRejects(() => retry(), AppError);
  assertEquals([error.code, run.calls], ["file_missing", 1]);
});

Deno.test("an abort ends the waiting", async () => {
  const { run, retry } = failing(new Fault("overloaded"));
  const stop = AbortSignal.abort(new AppError("lease_lost"));
  const error = await assertRejects(() => retry(600_000, 1000, stop), AppError);
  assertEquals([error.code, run.calls], ["lease_lost", 1]);
});
