/** Who leaves takes nothing along, and what was given out ends with the membership. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { signIn } from "../../local/commands/demo/clinic.ts";
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

test("signing out everywhere ends reading, uploading and asking, for each token that is about", async ({ stack, clinic, consultation }) => {
  const [here, there] = [await signIn(stack, clinic.doctor), await signIn(stack, clinic.doctor)];
  const token = (await there.auth.getSession()).data.session!.access_token;
  const headers = { authorization: `Bearer ${token}`, apikey: stack.keys.publishable };
  const tried = async () => {
    const read = await fetch(`${stack.url}/rest/v1/consultations?select=id`, { headers });
    const path = `${clinic.id}/${consultation}/${crypto.randomUUID()}.webm`;
    const sent = await fetch(`${stack.url}/storage/v1/object/${BUCKET}/${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": "audio/webm" },
      body: "",
    });
    await sent.body?.cancel();
    const asked = await fetch(`${stack.url}/functions/v1/generate-summary`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", prefer: "respond-async" },
      body: JSON.stringify({ consultation_id: crypto.randomUUID() }),
    });
    return [(await read.json()).length, sent.ok, (await asked.json()).error.code];
  };
  assertEquals(await tried(), [1, true, "not_found"]);
  assertEquals((await here.auth.signOut({ scope: "global" })).error, null);
  assertEquals(await tried(), [0, false, "unauthorized"]);
  for (const client of [here, there]) await client.realtime.disconnect();
});
