/** As many recordings at once as one isolate takes, each long and dense: what that holds in memory. */
import { assert, assertEquals } from "@std/assert";
import { HOSTED } from "../../local/stand_ins/functions/limits.ts";
import { startStack } from "../../local/stack/stack.ts";
import { queue, work } from "./whole_queue.ts";

/** What an isolate's loops are limited to, all with one isolate. */
const AT_ONCE = 50;
/** Turns of ten minutes of dense speech, about 5,900 tokens as JSON. */
const TURNS = 130;
/** So that all of them are under way when the first ends. */
const ANSWER_MS = 3000;

Deno.test({
  name: `${AT_ONCE} dense recordings at once stay far below an isolate's memory`,
  // CPU time is counted on Linux alone.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const stack = await startStack();
    const { functions, gemini } = stack;
    try {
      gemini!.answer = async ({ files }) => {
        if (files.length === 0) return undefined;
        await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
        return dense();
      };
      const queued = await queue(stack, AT_ONCE);
      const { took } = await work(stack, queued, { cap: AT_ONCE });
      assertEquals(took.length, AT_ONCE);
      const lives = functions.lives();
      const peak = Math.max(...lives.map(({ memoryMb }) => memoryMb));
      console.log(
        `${AT_ONCE} dense recordings at once: ${
          peak.toFixed(0)
        } MiB of ${HOSTED.memoryMb} at most, ` +
          `isolates ${lives.length}, CPU ${
            lives.map(({ cpuMs }) => cpuMs.toFixed(0)).join(" ")
          } ms`,
      );
      assert(peak > 0, "nothing was measured");
      // At half of it the platform gives an isolate no more requests.
      assert(peak < HOSTED.memoryMb / 2, `${peak} MiB`);
    } finally {
      await stack.stop();
    }
  },
});

function dense(): object {
  return {
    speech_found: true,
    language: "en",
    segments: Array.from({ length: TURNS }, (_, turn) => ({
      speaker: turn % 2 ? "patient" : "doctor",
      start: turn * 4.5,
      text:
        `Turn ${turn}: take ${
          turn + 1
        } mg of it in the morning and tell me how the ${turn}. night went, ` +
        "please.",
      mentions: { drugs: [], quantities: [`${turn + 1} mg`] },
    })),
  };
}
