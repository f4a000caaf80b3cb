/** Settings of Google Cloud that are wrong: nothing is lost, and the summary is made once they are mended. */
import { assert, assertEquals } from "@std/assert";
import { onCloud } from "../../local/stack/stack.ts";
import type { GoogleCloudStandIn } from "../../local/stand_ins/google_cloud/server.ts";
import type { ErrorCode } from "../../supabase/functions/generate-summary/core/errors.ts";
import { assertNothingLeft, sample, type Scene, withFunction } from "./harness.ts";

const test = withFunction();

/** The service account's key with these changes. */
const key = (changes: object) => ({ stack }: Scene) => {
  const whole = JSON.parse(stack.gemini!.settings.GOOGLE_CLOUD_KEY);
  return { GOOGLE_CLOUD_KEY: JSON.stringify({ ...whole, ...changes }) };
};

const WRONG: [what: string, settings: (scene: Scene) => Record<string, string>, ErrorCode][] = [
  ["a key that is no JSON", () => ({ GOOGLE_CLOUD_KEY: "AIza" }), "model_settings"],
  ["a user's key", key({ type: "authorized_user" }), "model_settings"],
  ["a key without its private key", key({ private_key: undefined }), "model_settings"],
  ["no location", () => ({ GOOGLE_CLOUD_LOCATION: "" }), "model_settings"],
  [
    "a location without the model",
    () => ({ GOOGLE_CLOUD_LOCATION: "asia-south1" }),
    "model_not_found",
  ],
  ["another project's bucket", () => ({ GOOGLE_CLOUD_BUCKET: "another-1" }), "model_bucket"],
];

if (onCloud) {
  for (const [what, settings, code] of WRONG) {
    test(`${what}: the summary waits for the account, and is made once that is mended`, async (scene) => {
      await scene.allowAttempts(1);
      await scene.replaceIsolate(settings(scene));
      await scene.upload(await sample("consultation.webm"));
      for (let attempt = 0; attempt < 3; attempt++) {
        const { status, body } = await scene.invoke();
        assertEquals([status, body.status], [202, "queued"]);
        await scene.due();
      }
      const { status, error_code, waiting_for, fruitless } = await scene.row();
      assertEquals([status, error_code, waiting_for, fruitless], ["queued", code, "account", 0]);

      await scene.replaceIsolate();
      const { body } = await scene.invoke();
      assertEquals([body.status, body.files_processed.errors], ["completed", []]);
      await assertNothingLeft(scene);
    });
  }

  test("what a run left in the bucket an hour ago is deleted, what is younger or another's stays", async (scene) => {
    const cloud = scene.gemini as GoogleCloudStandIn;
    const left = (name: string, minutes: number) => {
      scene.gemini.leave({ name, mimeType: "audio/webm" }, new Uint8Array(10));
      cloud.files.get(name)!.timeCreated = new Date(scene.clock.now() - minutes * 60_000)
        .toISOString();
    };
    left("consultations/old", 61);
    left("consultations/young", 59);
    left("others/old", 600);
    await scene.replaceIsolate();
    await scene.upload(await sample("consultation.webm"));
    assertEquals((await scene.invoke()).body.status, "completed");
    await scene.until(() => !cloud.files.has("consultations/old"));
    assert(scene.lines.some(({ event }) => event === "swept"));
    assertEquals([...cloud.files.keys()], ["consultations/young", "others/old"]);
  });
}
