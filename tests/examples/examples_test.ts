/** The examples for frontends do what they say, against the whole stack. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { askForSummary } from "../../examples/ask.ts";
import { listenAgain } from "../../examples/listen_again.ts";
import { amend, cancel, inbox, review } from "../../examples/review.ts";
import { uploadLargeRecording, uploadRecording } from "../../examples/upload.ts";
import { watchSummaries } from "../../examples/watch.ts";
import { makeClinic, signIn, type Supabase } from "../../local/commands/demo/clinic.ts";
import type { Summary } from "../../clients/types.ts";
import { sample, type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

const place = ({ clinic, consultation }: Scene) => ({
  clinicId: clinic.id,
  consultationId: consultation,
});

const recording = async () =>
  new Blob([await Deno.readFile(sample("consultation.webm"))], { type: "audio/webm" });

async function completed(scene: Scene): Promise<Summary> {
  await uploadRecording(scene.doctor, place(scene), await recording(), "webm");
  const { id } = await scene.event({ status: "completed" });
  const { data } = await scene.doctor.from("summaries").select("*").eq("id", id).single()
    .throwOnError();
  return data as unknown as Summary;
}

test("an uploaded Blob becomes a summary that asking gives, in another language too", async (scene) => {
  const path = await uploadRecording(scene.doctor, place(scene), await recording(), "webm");
  assertMatch(path, new RegExp(`^${scene.clinic.id}/${scene.consultation}/[0-9a-f-]{36}\\.webm$`));
  await scene.event({ status: "completed" });
  const answer = await askForSummary(scene.doctor, scene.consultation);
  assert("files_processed" in answer);
  assertEquals(answer.files_processed, { audio: 1, images: 0, errors: [] });
  const again = await askForSummary(scene.doctor, scene.consultation, "Swedish");
  assertEquals(again.status, "completed");
  const rows = await scene.summaries();
  assertEquals(rows.at(-1)?.id, again.summary_id);
});

test("what the function refuses comes as its sentence and code", async (scene) => {
  const error = await assertRejects(
    () => askForSummary(scene.doctor, scene.consultation),
    Error,
    "upload one first",
  );
  assertMatch((error as Error).message, /\(no_recordings, [\w-]+\)$/);
});

test("a file that the browser knows no type of, or a long one, is taken as what its name says", async (scene) => {
  const bucket = scene.doctor.storage.from("consultations");
  const bytes = await Deno.readFile(sample("prescription.jpg"));
  // HEIC on Windows has none; a recorder names its codec; some pickers write capitals.
  for (
    const [type, extension, stored] of [
      ["", "HEIC", "image/heic"],
      ["", "m4a", "audio/mp4"],
      ["video/webm;codecs=opus", "webm", "video/webm"],
      ["IMAGE/JPEG", "jpg", "image/jpeg"],
    ]
  ) {
    const blob = new Blob([bytes], { type });
    const path = await uploadRecording(scene.doctor, place(scene), blob, extension);
    assertEquals((await bucket.info(path)).data?.contentType, stored);
    const file = Object.assign(Buffer.from(bytes), { type }) as unknown as Blob;
    const large = await uploadLargeRecording(
      scene.doctor,
      scene.stack.url,
      scene.stack.keys.publishable,
      place(scene),
      file,
      extension,
      () => {},
    );
    assertEquals((await bucket.info(large)).data?.contentType, stored);
  }
  await assertRejects(() => uploadRecording(scene.doctor, place(scene), new Blob([bytes]), "exe"));
});

test("a large file arrives in parts, and its progress is told", async (scene) => {
  // The sample, and then bytes that make it large.
  const bytes = new Uint8Array(7 * 1024 * 1024);
  bytes.set(await Deno.readFile(sample("consultation.webm")));
  const shares: number[] = [];
  // The package's build for Node takes a Buffer where its build for browsers takes a Blob.
  const file = Object.assign(Buffer.from(bytes), { type: "audio/webm" }) as unknown as Blob;
  const path = await uploadLargeRecording(
    scene.doctor,
    scene.stack.url,
    scene.stack.keys.publishable,
    place(scene),
    file,
    "webm",
    (share) => shares.push(share),
  );
  assertEquals(shares.at(-1), 1);
  assert(shares.some((share) => share > 0 && share < 1), "it was told on the way, too");
  const { data } = await scene.doctor.storage.from("consultations").info(path);
  assertEquals([data?.size, data?.contentType], [bytes.length, "audio/webm"]);
  await scene.event({ status: "completed" });
});

test("who watches sees the summaries that are there, and each change", async (scene) => {
  const before = await completed(scene);
  const shown: Summary[][] = [];
  let look = () => {};
  const nurse = await signIn(scene.stack, scene.clinic.nurse);
  const states: string[] = [];
  const stop = watchSummaries(nurse, scene.clinic.id, (summaries) => {
    shown.push(summaries);
    look();
  }, ({ status }) => states.push(status));
  const until = (seen: () => boolean | undefined) =>
    new Promise<void>((resolve) => {
      look = () => seen() && resolve();
      look();
    });
  try {
    await until(() => shown.at(-1)?.[0]?.id === before.id);
    await review(scene.doctor, before, { summary: "Corrected." });
    // No text travels by Realtime: it came with the refetch.
    await until(() => shown.at(-1)?.[0]?.summary === "Corrected.");
    await uploadRecording(scene.doctor, place(scene), await recording(), "webm");
    await until(() => shown.at(-1)?.length === 2 && shown.at(-1)?.[0].status === "completed");
    assertEquals(states.slice(-3), ["queued", "processing", "completed"]);
  } finally {
    await stop();
    await nurse.realtime.disconnect();
  }
});

test("two editors don't overwrite each other, an approved summary is amended", async (scene) => {
  const seen = await completed(scene);
  assertEquals((await inbox(scene.doctor, scene.clinic.id)).map(({ summary_id }) => summary_id), [
    seen.id,
  ]);
  const edited = await review(scene.doctor, seen, { summary: "Corrected by the doctor." });
  assertEquals(edited?.version, seen.version + 1);
  const nurse = await signIn(scene.stack, scene.clinic.nurse);
  assertEquals(await review(nurse, seen, { summary: "By the nurse." }), null);

  const approved = await review(scene.doctor, edited!, { review_status: "approved" });
  assertEquals(approved?.approved_by, scene.clinic.doctor.id);
  assertEquals(await inbox(scene.doctor, scene.clinic.id), []);
  const amendment = await amend(scene.doctor, approved!);
  assertEquals(
    [amendment.amends, amendment.summary, amendment.review_status],
    [approved!.id, "Corrected by the doctor.", "draft"],
  );
});

test("an incomplete summary is marked in the list and in the event, and says first what is missing", async (scene) => {
  await scene.stack.sql`
    update public.clinics set auto_summarize = false where id = ${scene.clinic.id}`;
  const noise = new Blob([new TextEncoder().encode("Not audio.\n")], { type: "audio/mpeg" });
  await uploadRecording(scene.doctor, place(scene), noise, "mp3");
  await uploadRecording(scene.doctor, place(scene), await recording(), "webm");
  const answer = await askForSummary(scene.doctor, scene.consultation);
  assert("files_processed" in answer);
  assertEquals(answer.files_processed.errors.map(({ code }) => code), ["file_type"]);
  await scene.event({ id: answer.summary_id, status: "completed", incomplete: true });
  const [row] = await inbox(scene.doctor, scene.clinic.id);
  assertEquals([row.summary_id, row.incomplete], [answer.summary_id, true]);
  assertMatch(
    row.summary!,
    /^\*\*⚠ This summary is incomplete\.\*\*\n\n- Recording 1, the whole of it \(.+\): .+\n\n## /,
  );
  assertEquals(answer.sections[0].warnings[0], { code: "incomplete", detail: "recording 1" });
});

test("a recording is listened to again for who may edit, once it was heard to its end", async (scene) => {
  await completed(scene);
  const [{ id }] = await scene.stack.sql`
    select id from public.recordings where consultation_id = ${scene.consultation}`;
  const { gemini } = scene.stack;
  const listened = () =>
    gemini!.requests.filter(({ kind, body }) =>
      kind === "generate" && JSON.stringify(body).includes("fileData")
    ).length;
  const before = listened();
  const summary = await listenAgain(scene.doctor, id);
  const refused = (who: Supabase) => listenAgain(who, id).catch((error) => error);
  const early = await refused(scene.doctor);
  assertEquals([early.code, early.details], ["PT409", "not_listened"]);
  await scene.event({ id: summary, status: "completed" });
  assertEquals(listened(), before + 1);

  await scene.stack.sql`update public.clinic_members set role = 'receptionist'
    where clinic_id = ${scene.clinic.id} and user_id = ${scene.clinic.nurse.id}`;
  const forbidden = await refused(await signIn(scene.stack, scene.clinic.nurse));
  assertEquals([forbidden.code, forbidden.details], ["PT403", "forbidden"]);
  const stranger = await signIn(scene.stack, (await makeClinic(scene.stack)).doctor);
  const unknown = await refused(stranger);
  assertEquals([unknown.code, unknown.details], ["PT404", "not_found"]);
  await scene.stack.sql`
    update summaries_private.settings set user_requests_per_hour = 1 where only_row`;
  const limited = await refused(scene.doctor);
  await scene.stack.sql`
    update summaries_private.settings set user_requests_per_hour = default where only_row`;
  assertEquals([limited.code, limited.details], ["PT429", "rate_limited"]);
});

test("one that is under way is cancelled, one that has ended is not", async (scene) => {
  let called = () => {};
  const asked = new Promise<void>((resolve) => called = resolve);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => letGo = resolve);
  scene.stack.gemini!.answer = async () => {
    called();
    await held;
    return undefined;
  };
  await uploadRecording(scene.doctor, place(scene), await recording(), "webm");
  await asked;
  const [{ id }] = await scene.summaries();
  assertEquals(await cancel(scene.doctor, id), null);
  letGo();
  assertEquals((await scene.summaries())[0].status, "cancelled");
  assertEquals(
    (await cancel(scene.doctor, (await another(scene)).id))?.details,
    "illegal_transition",
  );
});

/** Of the same consultation. */
async function another(scene: Scene): Promise<Summary> {
  scene.stack.gemini!.answer = undefined;
  return await completed(scene);
}
