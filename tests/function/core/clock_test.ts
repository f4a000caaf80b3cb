import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock, within } from "../../../supabase/functions/generate-summary/core/clock.ts";
import { fakeClock } from "../fake_clock.ts";

const late = new Error("late");

/** A signal that counts who listens to it. */
function countedSignal() {
  const stop = new AbortController();
  const { signal } = stop;
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (this: AbortSignal, ...args: unknown[]) {
    listeners.add(args[1]);
    addEventListener.apply(this, args as Parameters<typeof addEventListener>);
  };
  signal.removeEventListener = function (this: AbortSignal, ...args: unknown[]) {
    listeners.delete(args[1]);
    removeEventListener.apply(this, args as Parameters<typeof removeEventListener>);
  };
  return { stop, signal, listeners };
}

/** Goes on until its signal aborts, and then fails as a library does. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")))
  );

Deno.test("what is within its time gives what it gives", async () => {
  const clock = fakeClock();
  assertEquals(await within(clock, 1000, late, undefined, () => Promise.resolve("done")), "done");
});

Deno.test("what takes too long is aborted, and fails with the reason that was given", async () => {
  const clock = fakeClock();
  const run = within(clock, 1000, late, undefined, untilAborted);
  clock.ring();
  assert(await assertRejects(() => run) === late);
});

Deno.test("an abort from outside gets in, and is what it fails with", async () => {
  const { stop, signal } = countedSignal();
  const run = within(fakeClock(), 1000, late, signal, untilAborted);
  const reason = new Error("the lease is lost");
  stop.abort(reason);
  assert(await assertRejects(() => run) === reason);
});

Deno.test("under a signal that has aborted nothing is begun", async () => {
  const reason = new Error("too late");
  let begun = 0;
  const run = () =>
    within(fakeClock(), 1000, late, AbortSignal.abort(reason), () => Promise.resolve(begun++));
  assert(await assertRejects(run) === reason);
  assertEquals(begun, 0);
});

Deno.test("an error of its own passes as it is", async () => {
  const own = new TypeError("a bug");
  const run = () => within(fakeClock(), 1000, late, undefined, () => Promise.reject(own));
  assert(await assertRejects(run) === own);
});

for (const how of ["an answer", "an error"]) {
  Deno.test(`${how} leaves neither a timer nor a listener behind`, async () => {
    const clock = fakeClock();
    const { signal, listeners } = countedSignal();
    let during: number[] = [];
    await within(clock, 1000, late, signal, () => {
      during = [clock.timers, listeners.size];
      return how === "an answer" ? Promise.resolve() : Promise.reject(new Error());
    }).catch(() => {});
    assertEquals(during, [1, 1]);
    assertEquals([clock.timers, listeners.size], [0, 0]);
  });
}

Deno.test({
  name: "a sleep ends at once with the reason of the abort, its timer too",
  // A timer that was left fails the test.
  sanitizeOps: true,
  async fn() {
    const { stop, signal } = countedSignal();
    const reason = new Error("enough");
    const hour = systemClock.sleep(3_600_000, signal);
    stop.abort(reason);
    assert(await assertRejects(() => hour) === reason);
    assert(await assertRejects(() => systemClock.sleep(3_600_000, signal)) === reason);
  },
});

Deno.test("a sleep that ends leaves no listener", async () => {
  const { signal, listeners } = countedSignal();
  const sleep = systemClock.sleep(0, signal);
  assertEquals(listeners.size, 1);
  await sleep;
  assertEquals(listeners.size, 0);
});

Deno.test("a timer that was called off does not ring", async () => {
  const rung: string[] = [];
  systemClock.timer(0, () => rung.push("called off"))();
  await new Promise<void>((resolve) => systemClock.timer(0, () => resolve(void rung.push("on"))));
  assertEquals(rung, ["on"]);
});
