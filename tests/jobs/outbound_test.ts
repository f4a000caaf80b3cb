/** What the functions' host does to the function's own requests: it may refuse them, or add to them. */
import { assertEquals } from "@std/assert";
import { assertNothingLeft, withStack } from "../e2e/harness.ts";
import { ended, ONCE, ONE_RUN, paid, stopCron, story } from "./run.ts";

const test = withStack({ traced: true });

const REQUESTS = {
  "to the database": "/rest/v1/rpc/",
  "for a file's first bytes, and for all of them": "/storage/v1/object/",
  "that begins an upload": "/upload/v1beta/files$",
  "with a file's bytes": "upload_id=",
  "to the model": ":streamGenerateContent",
  "that deletes a file": "/v1beta/files/",
};

for (const [what, matches] of Object.entries(REQUESTS)) {
  test(`a request ${what} that the host's limit refuses is made again`, async (scene) => {
    const { functions, gemini } = scene.stack;
    await stopCron(scene.stack);
    // A new isolate: what others have used of the limits is not this test's.
    await functions.kill("SIGKILL");
    await functions.url();
    const before = functions.refused.length;
    await functions.refuse({ matches, times: 2 });
    await scene.upload("consultation.webm");
    assertEquals(await ended(scene), "completed");
    assertEquals(functions.refused.length - before, 2);
    assertEquals(await story(scene), ONE_RUN);
    assertEquals(paid(gemini!), ONCE);
    assertNothingLeft(scene.stack);
  });
}

test("with tracing on a recording is uploaded in one request, with its length", async (scene) => {
  await scene.upload("consultation.webm");
  assertEquals(await ended(scene), "completed");
  const uploads = scene.stack.gemini!.requests.filter(({ kind }) => kind === "bytes");
  const { size } = await Deno.stat(
    new URL("../../local/samples/consultation.webm", import.meta.url),
  );
  assertEquals(uploads.map(({ contentLength }) => contentLength), [size]);
});
