/** However often and on however many ways a summary is asked for, it is worked on once. */
import { assertEquals } from "@std/assert";
import { assertNothingLeft, withStack } from "../e2e/harness.ts";
import {
  ended,
  holdModel,
  ONCE,
  ONE_RUN,
  paid,
  post,
  queueInSilence,
  stopCron,
  story,
  sweep,
  turnOff,
} from "./run.ts";

const test = withStack();

test("twenty hints at once are one run", async (scene) => {
  await stopCron(scene.stack);
  await turnOff(scene);
  await scene.upload("consultation.webm");
  const summary_id = await queueInSilence(scene);
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(scene, { summary_id })));
  assertEquals(answers, Array(20).fill(202));
  assertEquals(await ended(scene), "completed");
  assertEquals(await post(scene, { summary_id }), 202);
  assertEquals(await story(scene), ONE_RUN);
  assertEquals(paid(scene.stack.gemini!), ONCE);
  assertNothingLeft(scene.stack);
});

test("trigger, webhooks, sweep and two users' requests together are one run", async (scene) => {
  await stopCron(scene.stack);
  const model = holdModel(scene);
  const path = await scene.upload("consultation.webm");
  const [{ id }] = await scene.summaries();
  const invoke = () =>
    scene.doctor.functions.invoke("generate-summary", {
      body: { consultation_id: scene.consultation },
    });
  const webhook = (schema: string, table: string, record: object) =>
    post(scene, { type: "INSERT", schema, table, record, old_record: null });
  const asked = Promise.all([invoke(), invoke()]);
  const answers = await Promise.all([
    webhook("public", "recordings", { consultation_id: scene.consultation }),
    webhook("storage", "objects", { bucket_id: "consultations", name: path }),
    post(scene, { summary_id: id }),
    sweep(scene),
  ]);
  assertEquals(answers.slice(0, 3), [202, 202, 202]);
  await model.reached;
  model.letGo();
  for (const { data, error } of await asked) {
    assertEquals([error, data?.summary_id, data?.status], [null, id, "completed"]);
  }
  assertEquals(await story(scene), ONE_RUN);
  assertEquals(paid(scene.stack.gemini!), ONCE);
  assertNothingLeft(scene.stack);
});
