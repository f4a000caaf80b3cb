/** Who leaves takes nothing along, and what was given out ends with the membership. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { withStack } from "../e2e/harness.ts";

const test = withStack();

const BUCKET = "consultations";

test("members get no signed addresses, of files or for uploads; the service does", async (scene) => {
  const { stack, clinic, consultation } = scene;
  const path = await scene.upload("silence.webm");
  const other = `${clinic.id}/${consultation}/${crypto.randomUUID()}.webm`;
  const signedBy = async (client: typeof scene.doctor) => {
    const files = client.storage.from(BUCKET);
    const many = await files.createSignedUrls([path], 60);
    return [
      (await files.createSignedUrl(path, 60)).data?.signedUrl,
      many.data?.[0].signedUrl,
      (await files.createSignedUploadUrl(other)).data?.signedUrl,
      (await files.createSignedUploadUrl(other, { upsert: true })).data?.signedUrl,
    ].map(Boolean);
  };
  assertEquals(await signedBy(scene.doctor), [false, false, false, false]);
  const options = { auth: { persistSession: false } };
  const service = createClient(stack.url, stack.keys.secret, options) as typeof scene.doctor;
  assertEquals(await signedBy(service), [true, true, true, true]);
  // What is asked anew each time goes on.
  const files = scene.doctor.storage.from(BUCKET);
  assertEquals((await files.download(path)).error, null);
  assertEquals((await files.info(path)).error, null);
  assertEquals((await files.list(`${clinic.id}/${consultation}`)).data?.length, 1);
  assertEquals((await files.copy(path, other)).error, null);
});
