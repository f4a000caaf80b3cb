import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { systemClock } from "../../../supabase/functions/generate-summary/core/clock.ts";
import * as times from "../../../supabase/functions/generate-summary/core/times.ts";

const migrations = new URL("../../../supabase/migrations/", import.meta.url);
const sql = Array.from(Deno.readDirSync(migrations))
  .map(({ name }) => Deno.readTextFileSync(new URL(name, migrations))).join("\n");

Deno.test("three heartbeats may get lost before the lease runs out", () => {
  assert(times.HEARTBEAT_MS * 3 < times.LEASE_SECONDS * 1000);
});

Deno.test("a user is answered before Supabase gives up, and before the work's deadline", () => {
  assert(times.ANSWER_MS < times.IDLE_LIMIT_MS);
  const deadline = times.workDeadline(0, 150);
  assert(times.answerDeadline(60_000, deadline) <= deadline - times.ANSWER_MARGIN_MS);
});

Deno.test("the work ends before the isolate is told to unload", () => {
  assert(times.DEADLINE_SHARE < times.UNLOAD_SHARE);
});

Deno.test("what a half-used isolate takes last has time for each step", () => {
  for (const wallClock of [150, 400]) {
    const left = times.workDeadline(0, wallClock) - times.retirement(0, wallClock);
    const call = times.modelCallMs(wallClock);
    assert(call <= left + 1, `a model call does not fit into ${left} ms`);
    // Of the shortest there is something left to be saved.
    assert(times.SAVING_MS < times.SHORTEST_MODEL_CALL_MS && times.SHORTEST_MODEL_CALL_MS < call);
  }
});

Deno.test("the sweep comes again before a lease runs out, and pg_net waits less than that", () => {
  const sweep = Number(/'(\d+) seconds'/.exec(sql)![1]);
  const timeout = Number(/timeout_milliseconds\s*:?=>?\s*(\d+)/.exec(sql)![1]);
  assert(sweep < times.LEASE_SECONDS);
  assert(timeout <= 5000 && timeout < sweep * 1000);
});

Deno.test("who holds a lease repeats a call for as long as it lasts, after a heartbeat at least", () => {
  const patience = times.REPEAT_LEASED_AFTER_MS.reduce((sum, wait) => sum + wait, 0);
  assert(times.HEARTBEAT_MS + patience < times.LEASE_SECONDS * 1000);
  assert(patience > 20_000);
});

/** What a runtime gives that lacks the property which was asked for. */
const missing = undefined as unknown as number;

for (const none of [NaN, missing, Infinity]) {
  Deno.test(`no time is computed from ${none}: the error names it`, async () => {
    const named = (name: string) => `${name} must be a finite number, and is ${none}`;
    const throws = (run: () => unknown) => assertThrows(run, RangeError).message;
    assertEquals(throws(() => times.workDeadline(none, 150)), named("isolateStart"));
    assertEquals(throws(() => times.workDeadline(0, none)), named("wallClockSeconds"));
    assertEquals(throws(() => times.retirement(none, 150)), named("isolateStart"));
    assertEquals(throws(() => times.retirement(0, none)), named("wallClockSeconds"));
    assertEquals(throws(() => times.modelCallMs(none)), named("wallClockSeconds"));
    assertEquals(throws(() => times.answerDeadline(none, 0)), named("now"));
    assertEquals(throws(() => times.answerDeadline(0, none)), named("deadline"));
    assertEquals(throws(() => systemClock.timer(none, () => {})), named("ms"));
    assertEquals(
      (await assertRejects(() => systemClock.sleep(none), RangeError)).message,
      named("ms"),
    );
  });
}
