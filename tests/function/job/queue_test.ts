import { assertEquals, assertRejects } from "@std/assert";
import { AppError, asAppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  DATABASE_CALL_MS,
  REPEAT_AFTER_MS,
  REPEAT_LEASED_AFTER_MS,
} from "../../../supabase/functions/generate-summary/core/times.ts";
import { createQueue, type Queue } from "../../../supabase/functions/generate-summary/job/queue.ts";
import { fakeClock } from "../fake_clock.ts";

interface Answer {
  data: unknown;
  error: unknown;
  status: number;
}

const ok = (data: unknown): Answer => ({ data, error: null, status: 200 });
const failed = (status: number, code = ""): Answer => (
  { data: null, error: { code, message: "Nothing for a log." }, status }
);
/** No answer until it is aborted: supabase-js tells that, too, by an error with status 0. */
const HANGS = "hangs";

/** A queue whose calls are answered in turn, the last one from then on. */
function calling(...answers: (Answer | typeof HANGS)[]) {
  const clock = fakeClock();
  const limits: number[] = [];
  const calls: { name: string; args?: object }[] = [];
  const timer = (ms: number, ring: () => void) => {
    limits.push(ms);
    return clock.timer(ms, ring);
  };
  const queue = createQueue({
    rpc(name, args) {
      const answer = answers[Math.min(calls.length, answers.length - 1)];
      calls.push({ name, args });
      return {
        abortSignal: (signal) =>
          new Promise((resolve) => {
            if (answer === HANGS) {
              signal.addEventListener("abort", () => resolve(failed(0)));
              queueMicrotask(() => clock.ring());
            } else resolve(answer);
          }),
      };
    },
  }, { ...clock, timer });
  return { queue, calls, limits, clock };
}

const LEASE = { p_id: "s", p_token: "t" };

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, AppError)).code;
}

Deno.test("a call is the function of its name, with its arguments, and gives its answer", async () => {
  const saved = { outcome: "saved", may_spend: true };
  const { queue, calls, clock } = calling(ok(saved));
  const args = { ...LEASE, p_recording: "r", p_object_version: "1", p_part: {} };
  assertEquals(await queue("save_extraction", args), saved);
  assertEquals(calls, [{ name: "save_extraction", args }]);
  assertEquals([clock.slept, clock.timers], [[], 0]);
});

for (
  const [what, answer] of [
    ["5xx", failed(503)],
    ["a connection that fails", failed(0)],
    ["an answer that doesn't come", HANGS],
  ] as const
) {
  Deno.test(`after ${what} a call is made again, with the waits of the table`, async () => {
    const claim = (queue: Queue) => queue("claim_next", { p_token: "t" });
    const passing = calling(answer, answer, ok({ outcome: "full" }));
    assertEquals(await claim(passing.queue), { outcome: "full" });
    assertEquals(passing.clock.slept, REPEAT_AFTER_MS.slice(0, 2));
    // With the same token: whichever of them arrived, it is the same claim.
    assertEquals(new Set(passing.calls.map(({ args }) => JSON.stringify(args))).size, 1);

    const lasting = calling(answer);
    assertEquals(await codeOf(() => claim(lasting.queue)), "database_unavailable");
    assertEquals(lasting.clock.slept, REPEAT_AFTER_MS);
    assertEquals(lasting.calls.length, REPEAT_AFTER_MS.length + 1);
  });
}

Deno.test("what is written under a lease is repeated for as long as the lease lasts", async () => {
  const calls: ((queue: Queue) => Promise<unknown>)[] = [
    (queue) => queue("heartbeat_summary", { ...LEASE, p_stage: "composing" }),
    (queue) => queue("summary_inputs", LEASE),
    (queue) =>
      queue("save_extraction", { ...LEASE, p_recording: "r", p_object_version: "1", p_part: {} }),
    (queue) => queue("complete_summary", { ...LEASE, p_used: [], p_result: {} }),
    (queue) => queue("fail_summary", { ...LEASE, p_code: "x", p_message: "X.", p_fault: "own" }),
    (queue) => queue("release_summary", { ...LEASE, p_late: true }),
  ];
  for (const call of calls) {
    const { queue, clock } = calling(failed(500));
    assertEquals(await codeOf(() => call(queue)), "database_unavailable");
    assertEquals(clock.slept, REPEAT_LEASED_AFTER_MS);
  }
});

Deno.test("4xx is our own mistake: internal, at once, with what the database says as its cause", async () => {
  for (const status of [400, 404, 409]) {
    const { queue, calls, clock } = calling(failed(status, "42883"));
    const error = await assertRejects(
      () => queue("release_summary", { ...LEASE, p_late: true }),
      AppError,
    );
    assertEquals([error.code, (error.cause as { code: string }).code], ["internal", "42883"]);
    assertEquals([calls.length, clock.slept], [1, []]);
  }
});

Deno.test("an answer of another shape is internal, and not asked for again", async () => {
  const wrong: [(queue: Queue) => Promise<unknown>, unknown][] = [
    [(queue) => queue("release_summary", { ...LEASE, p_late: true }), null],
    [(queue) => queue("claim_next", { p_token: "t" }), { outcome: "claimed" }],
    [(queue) => queue("claim_next", { p_token: "t" }), { outcome: "stolen" }],
    [(queue) => queue("complete_summary", { ...LEASE, p_used: [], p_result: {} }), "completed"],
    [(queue) => queue("summary_inputs", LEASE), { recordings: [] }],
  ];
  for (const [call, data] of wrong) {
    const { queue, calls } = calling(ok(data));
    const error = await call(queue).then(() => null, (thrown) => asAppError(thrown));
    assertEquals([error?.code, calls.length], ["internal", 1], JSON.stringify(data));
  }
});

Deno.test("a call has ten seconds, one for the health check five and no repetition", async () => {
  const heartbeat = calling(failed(500), ok(true));
  await heartbeat.queue("heartbeat_summary", { ...LEASE, p_stage: "extracting" });
  assertEquals(heartbeat.limits, [DATABASE_CALL_MS, DATABASE_CALL_MS]);
  const health = calling(HANGS);
  assertEquals(await codeOf(() => health.queue("queue_health", {})), "database_unavailable");
  assertEquals([health.limits, health.calls.length], [[5000], 1]);
});

/** Never called: that these don't compile is what the type check tests. */
async function _mistakes(queue: Queue) {
  // @ts-expect-error a token is a text
  await queue("release_summary", { p_id: "", p_token: null, p_late: true });
  // @ts-expect-error JSON has no dates
  await queue("complete_summary", { ...LEASE, p_used: [], p_result: new Date() });
  const args = { ...LEASE, p_stage: "composing" };
  // @ts-expect-error a heartbeat is answered with a boolean
  const _answer: "saved" | "exists" | "lost" = await queue("heartbeat_summary", args);
}
