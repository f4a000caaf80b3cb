import { assertEquals, assertFalse, assertRejects, assertStringIncludes } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { given } from "../generating.ts";
import { startCloudBench } from "../workbench.ts";

for (
  const [what, settings, says] of [
    ["a bucket that is not set", { GOOGLE_CLOUD_BUCKET: "" }, "GOOGLE_CLOUD_BUCKET is missing"],
    ["a key that is none", { GOOGLE_CLOUD_KEY: "{}" }, "GOOGLE_CLOUD_KEY is of another type"],
    ["both ways without a name", {
      MODEL_PROVIDER: "",
      GEMINI_API_KEY: "key",
    }, "MODEL_PROVIDER"],
  ] as const
) {
  Deno.test(`${what}: each call says so, nobody is asked, nothing is thought deleted`, async () => {
    await using bench = await startCloudBench(settings);
    const { model } = bench;
    const file = { name: "none/a", uri: "", mimeType: "audio/webm", size: 5 };
    const open = () => Promise.resolve(new Response("audio"));
    for (
      const call of [
        () => model.check(),
        () => model.generate(given(bench)),
        () => model.countTokens(file, bench.limits()),
        () => model.upload(open, file, bench.limits()),
      ]
    ) {
      const { code, message, blame } = await assertRejects(call, AppError);
      assertEquals([code, blame], ["model_settings", "account"]);
      assertStringIncludes(message, says);
    }
    assertFalse(await model.deleteFile("none/a"));
    await model.sweep();
    assertEquals(bench.service.requests, []);
  });
}
