/** An isolate is told that it goes: its work is given back, and taken up by the next one. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { until } from "../database/platform.ts";
import { assertNothingLeft, withStack } from "../e2e/harness.ts";
import { assertCleanedUp, ended, holdModel, paid, stopCron, story } from "./run.ts";

const test = withStack();

for (const reason of ["wall_clock", "memory", "cpu"]) {
  test(`${reason}: what was saved counts, and the next isolate goes on at once`, async (scene) => {
    const { functions, gemini } = scene.stack;
    await stopCron(scene.stack);
    const composing = holdModel(scene, ({ files }) => files.length === 0);
    await scene.upload("consultation.webm");
    await composing.reached;
    const before = functions.pids();
    await functions.unload(reason);
    await until(async () => (await story(scene)).length >= 4);
    composing.letGo();
    // No sweep, and no time passes.
    assertEquals(await ended(scene), "completed");
    assertEquals(await story(scene), [
      "queued",
      "queued → processing #1",
      "processing → queued #0",
      "queued → processing #1",
      "processing → completed #1",
    ]);
    assertEquals(paid(gemini!), { uploads: 1, listened: 1, composed: 2 });
    assertNotEquals(functions.pids().filter((pid) => !before.includes(pid)), []);
    assertNothingLeft(scene.stack);
  });
}

test("where nothing was ever saved it ends with the last attempt", async (scene) => {
  const { functions, gemini } = scene.stack;
  await stopCron(scene.stack);
  const listening = holdModel(scene);
  await scene.upload("consultation.webm");
  for (let attempt = 1; attempt <= 5; attempt++) {
    await until(() => Promise.resolve(paid(gemini!).listened === attempt));
    await functions.unload("wall_clock");
  }
  assertEquals(await ended(scene), "failed");
  const [{ error_code }] = await scene.summaries();
  assertEquals(error_code, "out_of_time");
  assertEquals((await story(scene)).at(-1), "processing → failed #5 (out_of_time)");
  // The file was uploaded once, and found again by each attempt.
  assertEquals(paid(gemini!), { uploads: 1, listened: 5, composed: 0 });
  listening.letGo();
  await assertCleanedUp(scene);
});
