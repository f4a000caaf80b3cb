/** Each way in ends with the right row, the right event, and nothing left at Gemini. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { assertNothingLeft, type Scene, withStack } from "./harness.ts";

const test = withStack();

/** No trigger, no dispatcher: what starts the work is the test's own doing. */
async function quietly(scene: Scene): Promise<void> {
  await scene.stack.sql`
    update public.clinics set auto_summarize = false where id = ${scene.clinic.id}`;
}

async function assertSummarized(scene: Scene, extracted = 1): Promise<string> {
  const [row, ...others] = await scene.summaries();
  assertEquals(others, []);
  assertEquals(row.status, "completed");
  assertStringIncludes(row.summary!, "Amoxicillin 500 mg");
  assertEquals(row.summary_recordings.map(({ outcome }) => outcome), Array(extracted).fill("used"));
  const statements = row.sections.flatMap(({ statements }) => statements);
  assert(statements.length > 0);
  assert(statements.every(({ evidence }) => evidence.length > 0));
  await scene.event({ id: row.id, status: "completed" });
  assertNothingLeft(scene.stack);
  return row.id;
}

test("an upload alone makes a summary appear", async (scene) => {
  await scene.upload("consultation.webm");
  const { id } = await scene.event({ status: "completed" });
  assertEquals(await assertSummarized(scene), id);
  const states = scene.events.map(({ status }) => status);
  assertEquals(states, ["queued", "processing", "completed"]);
  const stages = await scene.stack.sql`
    select detail from public.summary_events where summary_id = ${id} and event = 'stage' order by id`;
  assertEquals(stages.map(({ detail }) => detail), [
    { from: "extracting", to: "composing" },
    { from: "composing", to: "verifying" },
  ]);
});

test("a user's invoke with a consultation_id waits for the summary", async (scene) => {
  await quietly(scene);
  await scene.upload("consultation.webm");
  const { data, error } = await scene.doctor.functions.invoke("generate-summary", {
    body: { consultation_id: scene.consultation },
  });
  assertEquals(error, null);
  assertEquals(data.summary_id, await assertSummarized(scene));
  assertEquals(data.consultation_id, scene.consultation);
  assertEquals(data.status, "completed");
  assertEquals(data.files_processed, { audio: 1, images: 0, errors: [] });
  assertStringIncludes(data.summary, "Amoxicillin 500 mg");
  assert(data.model.startsWith("gemini-"));
});

test("the earlier backend's body with URLs gives the same answer", async (scene) => {
  await quietly(scene);
  const path = await scene.upload("consultation.webm");
  const image = await scene.upload("prescription.jpg");
  const bucket = scene.doctor.storage.from("consultations");
  // The application's server signs: members can't.
  const { url, keys } = scene.stack;
  const service = createClient(url, keys.secret, { auth: { persistSession: false } });
  const { data: signed } = await service.storage.from("consultations").createSignedUrl(path, 60);
  const { data, error } = await scene.doctor.functions.invoke("generate-summary", {
    body: {
      primary_audio_url: signed!.signedUrl,
      image_urls: [bucket.getPublicUrl(image).data.publicUrl],
      submitted_by: "doctor",
    },
  });
  assertEquals(error, null);
  assertEquals(data.summary_id, await assertSummarized(scene, 2));
  assertEquals(data.files_processed, { audio: 1, images: 1, errors: [] });
});

test("a webhook of summaries is refused: what doctors write would pass through pg_net's tables", async (scene) => {
  await scene.upload("consultation.webm");
  const { id } = await scene.event({ status: "completed" });
  const [record] = await scene.stack.sql`select * from public.summaries where id = ${id}`;
  const answer = await fetch(`${scene.stack.url}/functions/v1/generate-summary`, {
    method: "POST",
    headers: { apikey: scene.stack.keys.secret, "content-type": "application/json" },
    body: JSON.stringify({
      type: "UPDATE",
      table: "summaries",
      schema: "public",
      record,
      old_record: record,
    }),
  });
  const { error } = await answer.json();
  assertEquals([answer.status, error.code], [422, "invalid_request"]);
  assertStringIncludes(error.message, "recordings or storage.objects");
});

for (const table of ["public.recordings", "storage.objects"]) {
  test(`a webhook of ${table} as Studio makes it, with its key as the token alone, starts the work`, async (scene) => {
    const { stack, consultation } = scene;
    await stack.sql`delete from vault.secrets where true`;
    try {
      const path = await scene.upload("consultation.webm");
      const [record] = table === "public.recordings"
        ? await stack.sql`select * from public.recordings where object_path = ${path}`
        : await stack.sql`select * from storage.objects where name = ${path}`;
      const [schema, name] = table.split(".");
      const answer = await fetch(`${stack.url}/functions/v1/generate-summary`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${stack.services.tokens.keys.serviceRole}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ type: "INSERT", table: name, schema, record, old_record: null }),
      });
      const [{ id }] = await stack.sql`
        select id from public.summaries where consultation_id = ${consultation}`;
      assertEquals([answer.status, await answer.json()], [202, {
        summary_id: null,
        status: "accepted",
      }]);
      await scene.event({ id, status: "completed" });
      await assertSummarized(scene);
    } finally {
      await stack.sql`select vault.create_secret(${stack.url}, 'project_url')`;
      await stack.sql`select vault.create_secret(${stack.keys.hint}, 'hint_key')`;
    }
  });
}

test("a summaries row that a client inserts is worked on", async (scene) => {
  await quietly(scene);
  await scene.upload("consultation.webm");
  const { data } = await scene.doctor.from("summaries")
    .insert({ clinic_id: scene.clinic.id, consultation_id: scene.consultation })
    .select("id, status").single().throwOnError();
  assertEquals(data.status, "queued");
  await scene.event({ id: data.id, status: "completed" });
  assertEquals(await assertSummarized(scene), data.id);
});
