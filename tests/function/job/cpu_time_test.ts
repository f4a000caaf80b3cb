import { assertEquals } from "@std/assert";
import { countCpuTime } from "../../../supabase/functions/generate-summary/job/cpu_time.ts";

Deno.test("an isolate has CPU time for some hundred requests, and passes each of them on", async () => {
  const asked: unknown[] = [];
  const cpuTime = countCpuTime((...args) => {
    asked.push(args);
    return Promise.resolve(new Response("answer"));
  });
  let requests = 0;
  let half = 0;
  for (; cpuTime.isLeft(0) && requests < 10_000; requests++) {
    if (!cpuTime.mayBeHalfUsed()) half++;
    const answer = await cpuTime.fetch("http://there.test", { method: "POST" });
    assertEquals(await answer.text(), "answer");
  }
  assertEquals([half, requests], [234, 819]);
  assertEquals(asked[0], ["http://there.test", { method: "POST" }]);
});

const counted = () => countCpuTime(() => Promise.resolve(new Response()));

Deno.test("the more is under way, the earlier no more is begun", () => {
  const cpuTime = counted();
  assertEquals([cpuTime.isLeft(0), cpuTime.isLeft(55), cpuTime.isLeft(56)], [true, true, false]);
});

Deno.test("of summaries that began together the first to end is not taken for as long as all of them", async () => {
  const cpuTime = counted();
  for (let request = 0; request < 20 * 13; request++) await cpuTime.fetch("http://there.test");
  cpuTime.ended(19);
  assertEquals(cpuTime.isLeft(19), true);
});

Deno.test("what long answers take is learned from those that have ended", () => {
  const cpuTime = counted();
  for (let summary = 0; summary < 3; summary++) {
    cpuTime.answered(10_000);
    cpuTime.ended(0);
  }
  // Forty milliseconds each, and 520 are used.
  assertEquals([cpuTime.isLeft(27), cpuTime.isLeft(28)], [true, false]);
});

Deno.test("an isolate that gets requests is not retired, however much it seems to have used", async () => {
  const cpuTime = counted();
  const work = async () => {
    for (let request = 0; request < 17; request++) await cpuTime.fetch("http://there.test");
    cpuTime.ended(0);
  };
  while (cpuTime.isLeft(0)) await work();
  cpuTime.asked();
  let more = 0;
  for (; cpuTime.isLeft(0); more++) await work();
  // The start and the 48 before have taken a second at most: at that pace so many fit in what is left.
  assertEquals(more, 42);
  // Early on nothing is learned from it.
  const early = counted();
  early.asked();
  assertEquals([early.isLeft(55), early.isLeft(56)], [true, false]);
});
