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
      // Nobody's attempt, and counted as a claim alone.
      "processing → queued #1",
      "queued → processing #2",
      "processing → completed #2",
    ]);
    assertEquals(paid(gemini!), { uploads: 1, listened: 1, composed: 2, read: 1 });
    assertNotEquals(functions.pids().filter((pid) => !before.includes(pid)), []);
    assertNothingLeft(scene.stack);
  });
}

test("isolates that go before anything was saved use no attempt up", async (scene) => {
  const { functions, gemini, sql } = scene.stack;
  await stopCron(scene.stack);
  const listening = holdModel(scene);
  await scene.upload("consultation.webm");
  for (let times = 1; times <= 6; times++) {
    await until(() => Promise.resolve(paid(gemini!).listened === times));
    await functions.unload("wall_clock");
  }
  await until(() => Promise.resolve(paid(gemini!).listened === 7));
  const [job] = await sql`
    select j.fruitless, j.released from summaries_private.summary_jobs j
    join public.summaries s on s.id = j.summary_id where s.consultation_id = ${scene.consultation}`;
  assertEquals({ ...job }, { fruitless: 0, released: 6 });
  listening.letGo();
  assertEquals(await ended(scene), "completed");
  // The file was uploaded once, and found again by each attempt.
  assertEquals(paid(gemini!), { uploads: 1, listened: 7, composed: 1, read: 1 });
  await assertCleanedUp(scene);
});
