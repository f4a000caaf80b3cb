/** One file that the model's service can't deal with costs little, and holds nobody up. */
import { assertEquals } from "@std/assert";
import type { RecordedRequest } from "../../local/stand_ins/gemini/routes.ts";
import { until } from "../database/platform.ts";
import { type Scene, withStack } from "../e2e/harness.ts";
import { goOn, quiet, statuses, uploadMany } from "./many.ts";
import { assertCleanedUp, ended, listens, statusOf, stopCron } from "./run.ts";

const test = withStack();

/** The one picture there is. */
const ofPicture = (request: RecordedRequest) =>
  listens(request) && JSON.stringify(request.body).includes("image/jpeg");

async function jobOf({ stack, consultation }: Scene) {
  const [row] = await stack.sql`
    select j.attempts, j.failing_since, s.error_code
    from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
    where s.consultation_id = ${consultation} order by s.created_at desc limit 1`;
  return row;
}

/** Its waits are over, each time that it failed. */
async function tryToTheEnd(scene: Scene): Promise<void> {
  for (let tries = 0;; tries++) {
    await quiet(scene);
    if (await statusOf(scene) !== "queued") return;
    if (tries === 20) throw new Error("It does not end.");
    const { attempts } = await jobOf(scene);
    await goOn(scene);
    await until(async () => (await jobOf(scene)).attempts > attempts);
  }
}

const FAULTS = [
  {
    what: "that the service fails at",
    // Of what passes it waits the least after this.
    fault: { status: 504 },
    code: "model_unavailable",
    paid: 0,
  },
  {
    what: "whose answers are no use",
    fault: { answer: { text: "[]" } },
    code: "model_answer",
    paid: 5,
  },
] as const;

for (const { what, fault, code, paid } of FAULTS) {
  test(`a file ${what} among thirty delays none of them, and fails after five attempts or answers`, async (scene) => {
    const { gemini } = scene.stack;
    await stopCron(scene.stack);
    gemini!.fail({ on: "generate", when: ofPicture, times: Infinity, ...fault });
    // So that others have answers after it had none.
    gemini!.answer = async ({ files: [file] }) => {
      if (file?.file.mimeType === "audio/webm") {
        await until(async () => (await jobOf(scene)).error_code !== null);
      }
      return undefined;
    };
    await scene.upload("prescription.jpg");
    await uploadMany(scene, 30);
    // No sweep, and no time passes.
    await until(async () => (await statuses(scene)).completed === 30);
    await tryToTheEnd(scene);
    const { error_code } = await jobOf(scene);
    assertEquals([await ended(scene), error_code], ["failed", code]);
    const answers = gemini!.requests.filter(ofPicture).filter(({ status }) => status === 200);
    assertEquals(answers.length, paid);
    await assertCleanedUp(scene);
  });
}

test("a file whose answers are no use costs five of them beside a good one, whose summary is made without it", async (scene) => {
  const { gemini } = scene.stack;
  await stopCron(scene.stack);
  gemini!.fail({ on: "generate", when: ofPicture, times: Infinity, answer: { text: "[]" } });
  await scene.upload("consultation.webm");
  assertEquals(await ended(scene), "completed");
  await scene.upload("prescription.jpg");
  await until(async () => (await jobOf(scene)).error_code !== null);
  await tryToTheEnd(scene);
  assertEquals(await statusOf(scene), "completed");
  const [, { summary, summary_recordings }] = await scene.summaries();
  assertEquals(summary!.includes("Amoxicillin 500 mg"), true);
  assertEquals(summary_recordings.map(({ outcome, code }) => [outcome, code]).sort(), [
    ["failed", "model_answer"],
    ["used", null],
  ]);
  assertEquals(gemini!.requests.filter(ofPicture).length, 5);
  await assertCleanedUp(scene);
});
