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
    if (!cpuTime.isHalfUsed()) half++;
    const answer = await cpuTime.fetch("http://there.test", { method: "POST" });
    assertEquals(await answer.text(), "answer");
  }
  assertEquals([half, requests], [434, 824]);
  assertEquals(asked[0], ["http://there.test", { method: "POST" }]);
});

const counted = () => countCpuTime(() => Promise.resolve(new Response()));

Deno.test("the more is under way, the earlier no more is begun", () => {
  const cpuTime = counted();
  assertEquals([cpuTime.isLeft(0), cpuTime.isLeft(82), cpuTime.isLeft(83)], [true, true, false]);
});

Deno.test("what long answers take is learned from those that have ended", () => {
  const cpuTime = counted();
  for (let summary = 0; summary < 3; summary++) {
    cpuTime.answered(10_000);
    cpuTime.ended();
  }
  // Forty milliseconds each, and 520 are used.
  assertEquals([cpuTime.isLeft(27), cpuTime.isLeft(28)], [true, false]);
});
