/** The Data API answers 503 for twenty seconds, in the middle of a run. */
import { assertEquals } from "@std/assert";
import { assertNothingLeft, withStack } from "../e2e/harness.ts";
import { ended, holdModel, paid, stopCron, story } from "../jobs/run.ts";

const test = withStack();

for (const at of ["listens", "composes"]) {
  test(`while the model ${at}, REST goes away for 20 s: nothing is paid twice`, async (scene) => {
    const { services, gemini } = scene.stack;
    await stopCron(scene.stack);
    const model = holdModel(scene, ({ files }) => files.length === (at === "listens" ? 1 : 0));
    await scene.upload("consultation.webm");
    await model.reached;
    services.down.add("rest");
    model.letGo();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    services.down.delete("rest");
    assertEquals(await ended(scene), "completed");
    assertEquals(await story(scene), [
      "queued",
      "queued → processing #1",
      "processing → completed #1",
    ]);
    assertEquals(paid(gemini!), { uploads: 1, listened: 1, composed: 1, read: 1 });
    assertNothingLeft(scene.stack);
  });
}
