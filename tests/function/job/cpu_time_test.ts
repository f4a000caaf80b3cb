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
  for (; cpuTime.isLeft() && requests < 10_000; requests++) {
    if (!cpuTime.isHalfUsed()) half++;
    const answer = await cpuTime.fetch("http://there.test", { method: "POST" });
    assertEquals(await answer.text(), "answer");
  }
  assertEquals([half, requests], [434, 634]);
  assertEquals(asked[0], ["http://there.test", { method: "POST" }]);
});
