import { assert, assertEquals } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { HEARTBEAT_MS } from "../../../supabase/functions/generate-summary/core/times.ts";
import { startHeartbeat } from "../../../supabase/functions/generate-summary/job/heartbeat.ts";
import { heldClock } from "../fake_clock.ts";
import { fakeQueue } from "../fake_queue.ts";

/** A heartbeat that begins with the lease held, and what changes that. */
function beating() {
  const clock = heldClock();
  const state: { answer: unknown } = { answer: true };
  const { queue, given } = fakeQueue({ heartbeat_summary: () => state.answer });
  const shutdown = new AbortController();
  const lease = { p_id: "s", p_token: "t" };
  const heartbeat = startHeartbeat(queue, lease, clock, shutdown.signal);
  return { clock, state, beats: () => given("heartbeat_summary"), shutdown, heartbeat };
}

Deno.test("a worker says that it lives every few seconds, with its lease and what it does", async () => {
  const { clock, beats, heartbeat } = beating();
  assertEquals([beats().length, clock.sleeping], [0, [HEARTBEAT_MS]]);
  await clock.wake();
  heartbeat.enter("composing");
  await clock.wake();
  const said = (p_stage: string) => ({ p_id: "s", p_token: "t", p_stage });
  assertEquals(beats(), [said("extracting"), said("composing")]);
  await heartbeat.stop();
});

Deno.test("a lease that is lost aborts the work, and nothing is said any more", async () => {
  const { clock, state, beats, heartbeat } = beating();
  state.answer = false;
  await clock.wake();
  assert(heartbeat.signal.aborted);
  assertEquals(heartbeat.signal.reason.code, "lease_lost");
  assertEquals([clock.sleeping, beats().length], [[], 1]);
});

Deno.test("a database that is away is no lost lease: it is told again later", async () => {
  const { clock, state, beats, heartbeat } = beating();
  state.answer = new AppError("database_unavailable");
  await clock.wake();
  assertEquals(heartbeat.signal.aborted, false);
  state.answer = true;
  await clock.wake();
  assertEquals([beats().length, heartbeat.signal.aborted], [2, false]);
  await heartbeat.stop();
});

Deno.test("asking for the lease aborts nothing", async () => {
  const { state, heartbeat } = beating();
  assertEquals(await heartbeat.holds(), true);
  state.answer = false;
  assertEquals([await heartbeat.holds(), heartbeat.signal.aborted], [false, false]);
  await heartbeat.stop();
});

Deno.test("an isolate that goes aborts the work and the heartbeat", async () => {
  const { clock, beats, shutdown, heartbeat } = beating();
  shutdown.abort();
  assert(heartbeat.signal.aborted);
  await heartbeat.stop();
  assertEquals([clock.sleeping, beats()], [[], []]);
});

Deno.test("after the stop nobody sleeps and nothing is said", async () => {
  const { clock, beats, heartbeat } = beating();
  await heartbeat.stop();
  assertEquals(clock.sleeping, []);
  await clock.wake();
  assertEquals(beats(), []);
});
