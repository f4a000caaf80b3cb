/** What the Data API and the function refuse a frontend has a code and a sentence, each of them. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { createSummaries, DATA_REFUSALS, dataError, SummariesError } from "../../clients/index.ts";
import { makeClinic, signIn } from "../../local/commands/demo/clinic.ts";
import { type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

const met = new Set<string>();

/** Its error is ours, with a sentence that names nothing of the database. */
async function refused(act: () => Promise<unknown>, code: string): Promise<SummariesError> {
  const error = await assertRejects(act, SummariesError) as SummariesError;
  assertEquals(error.code, code, error.message);
  assertMatch(error.message, /^[A-Z].+\.$/);
  assert(!/constraint|violates|policy|relation|syntax|_/.test(error.message), error.message);
  met.add(code);
  return error;
}

/** A query of a frontend's own. */
async function asked(answer: PromiseLike<{ error: { message: string } | null; status: number }>) {
  const { error, status } = await answer;
  if (error) throw dataError({ error, status });
}

async function completed(scene: Scene): Promise<string> {
  await scene.upload("consultation.webm");
  return (await scene.event({ status: "completed" })).id;
}

test("asking is refused with a sentence", async (scene) => {
  const { doctor, clinic, consultation } = scene;
  const insert = (more: Record<string, unknown> = {}) => () =>
    asked(
      doctor.from("summaries").insert({
        clinic_id: clinic.id,
        consultation_id: consultation,
        ...more,
      } as never),
    );
  await refused(insert(), "no_recordings");
  const fromFunction = await refused(
    () => createSummaries(doctor).ask(consultation),
    "no_recordings",
  );
  assert(fromFunction.requestId);

  await scene.stack.sql`
    update public.clinics set auto_summarize = false where id = ${clinic.id}`;
  await scene.upload("consultation.webm");
  await refused(insert({ template_config: { sections: "all" } }), "template_invalid");
  await refused(insert({ submitted_by: "visitor" }), "invalid_request");
  await refused(insert({ consultation_id: "none" }), "invalid_request");
  await refused(insert({ status: "completed" }), "forbidden");
  let letGo = () => {};
  const held = new Promise<undefined>((resolve) => letGo = () => resolve(undefined));
  scene.stack.gemini!.answer = () => held;
  try {
    await insert()();
    await refused(insert(), "already_running");
    const [{ id }] = await scene.summaries();
    await refused(() => createSummaries(doctor).edit({ id, version: 1 }, "Text."), "not_completed");
    await createSummaries(doctor).cancel(id);
  } finally {
    letGo();
  }
  await scene.stack.sql`
    update summaries_private.settings set user_requests_per_hour = 1 where only_row`;
  try {
    await refused(insert(), "rate_limited");
  } finally {
    await scene.stack.sql`
      update summaries_private.settings set user_requests_per_hour = default where only_row`;
  }
});

test("reviews and amendments are refused with a sentence", async (scene) => {
  const { doctor, clinic } = scene;
  const summaries = createSummaries(doctor);
  const id = await completed(scene);
  const seen = { id, version: 1 };
  await refused(() => summaries.amend({ ...seen, ...place(scene) }), "not_approved");
  await refused(() => summaries.edit(seen, "x".repeat(200_001)), "text_too_long");
  await refused(() => summaries.edit(seen, null as unknown as string), "invalid_request");
  await refused(() => summaries.edit(seen, "\u0000"), "invalid_request");
  const wrong = { review_status: "read", version: 2 };
  await refused(
    () => asked(doctor.from("summaries").update(wrong).eq("id", id)),
    "invalid_request",
  );
  await summaries.edit(seen, "Corrected.");
  await refused(() => summaries.edit(seen, "Overwritten."), "version_conflict");
  await refused(() => summaries.cancel(id), "illegal_transition");
  await refused(() => summaries.approve({ id, version: 2 }, " \n"), "empty_text");
  // One more recording: while it is in work, and when the summary with it is approved.
  let letGo = () => {};
  const held = new Promise<undefined>((resolve) => letGo = () => resolve(undefined));
  scene.stack.gemini!.answer = () => held;
  await scene.upload("prescription.jpg");
  const [{ id: newer }] = await scene.stack.sql`select id from public.summaries
    where consultation_id = ${scene.consultation} and ended_at is null`;
  assert((await refused(() => summaries.approve({ id, version: 2 }), "newer_underway")).retry);
  letGo();
  await scene.event({ id: newer, status: "completed" });
  await refused(
    () =>
      asked(
        doctor.from("summaries").update({ version: 9 })
          .eq("clinic_id", clinic.id),
      ),
    "one_at_a_time",
  );
  await summaries.approve({ id: newer, version: 1 });
  await refused(() => summaries.approve({ id, version: 2 }), "superseded");
});

test("an approved summary is refused other texts and a second amendment", async (scene) => {
  const { doctor, clinic } = scene;
  const summaries = createSummaries(doctor);
  const id = await completed(scene);
  await summaries.edit({ id, version: 1 }, "Corrected.");
  await summaries.approve({ id, version: 2 });
  await refused(() => summaries.edit({ id, version: 3 }, "Later."), "approved");
  await summaries.amend({ id, ...place(scene) });
  await refused(() => summaries.amend({ id, ...place(scene) }), "amendment_open");

  const other = await makeClinic(scene.stack);
  const stranger = createSummaries(await signIn(scene.stack, other.doctor));
  await refused(() => stranger.edit({ id, version: 3 }, "Theirs."), "not_found");
  await refused(() => stranger.openConsultation(clinic.id), "forbidden");
  await scene.stack.sql`update public.clinic_members set role = 'receptionist'
    where clinic_id = ${clinic.id} and user_id = ${clinic.nurse.id}`;
  const receptionist = createSummaries(await signIn(scene.stack, clinic.nurse));
  await refused(() => receptionist.amend({ id, ...place(scene) }), "forbidden");
  const template = { language: "Swedish" };
  await refused(() => receptionist.openConsultation(clinic.id, template), "forbidden");
  const asking = { template_config: template };
  await refused(() => receptionist.ask(scene.consultation, asking), "forbidden");
});

test("a wrong recording is taken back once what rests on it is withdrawn", async (scene) => {
  const { doctor, clinic, consultation } = scene;
  const summaries = createSummaries(doctor);
  const id = await completed(scene);
  await summaries.approve({ id, version: 1 });
  const [recording] = await scene.stack.sql`
    select id, object_path from public.recordings where consultation_id = ${consultation}`;
  await refused(() => summaries.takeBack(recording.id), "not_taken_back");
  await refused(() => summaries.withdraw(id, "Wrong patient."), "forbidden");
  await scene.stack.sql`update public.clinic_members set role = 'admin'
    where clinic_id = ${clinic.id} and user_id = ${clinic.doctor.id}`;
  await refused(() => summaries.withdraw(id, " "), "invalid_request");
  await summaries.withdraw(id, "Wrong patient.");
  await scene.event({ id, review_status: "withdrawn" });
  await refused(() => summaries.edit({ id, version: 3 }, "Back."), "withdrawn");
  await summaries.takeBack(recording.id);
  await refused(() => summaries.takeBack(recording.id), "file_missing");
  const { data: file } = await doctor.storage.from("consultations").download(recording.object_path);
  assertEquals(file, null);
  const { data: rows } = await doctor.from("summaries").select("summary, sections").eq("id", id);
  assertEquals(rows as unknown, [{ summary: "", sections: [] }]);
  const { data: heard } = await doctor.from("extractions").select("part")
    .eq("recording_id", recording.id);
  assertEquals(heard, []);
});

test("what is there already, or names nobody, is refused with a sentence", async (scene) => {
  const { doctor, clinic, consultation } = scene;
  await refused(
    () => asked(doctor.from("consultations").insert({ id: consultation, clinic_id: clinic.id })),
    "already_there",
  );
  await refused(
    () => createSummaries(doctor).openConsultation(clinic.id, { sections: [] }),
    "template_invalid",
  );
  await scene.stack.sql`update public.clinic_members set role = 'admin'
    where clinic_id = ${clinic.id} and user_id = ${clinic.doctor.id}`;
  for (const user_id of [clinic.nurse.id, crypto.randomUUID()]) {
    const row = { clinic_id: clinic.id, user_id, role: "doctor" };
    await refused(() => asked(doctor.from("clinic_members").insert(row)), "forbidden");
  }
  await refused(
    () => asked(doctor.from("clinic_members").delete().eq("user_id", clinic.doctor.id)),
    "last_admin",
  );
  await refused(
    () => asked(doctor.rpc("accept_invitation", { p_clinic: clinic.id })),
    "not_invited",
  );
  const invited = { clinic_id: clinic.id, email: "nobody", role: "nurse" };
  await refused(() => asked(doctor.from("clinic_invitations").insert(invited)), "invalid_request");
  await refused(
    () => asked(doctor.from("clinics").update({ template_config: "none" }).eq("id", clinic.id)),
    "template_invalid",
  );
  await scene.upload("consultation.webm");
  const [{ id }] = await scene.stack.sql`
    select id from public.recordings where consultation_id = ${consultation}`;
  await refused(() => createSummaries(doctor).listenAgain(id), "not_listened");
  await refused(() => createSummaries(doctor).listenAgain(crypto.randomUUID()), "not_found");
});

test("without a token, a database or a network it is refused with a sentence", async (scene) => {
  const { doctor, consultation, stack } = scene;
  const summaries = createSummaries(doctor);
  stack.services.down.add("rest");
  const away = await refused(() => summaries.cancel(consultation), "database_unavailable");
  stack.services.down.clear();
  assert(away.retry);
  const nobody = await signIn(stack, scene.clinic.doctor);
  await nobody.auth.signOut();
  await refused(() => createSummaries(nobody).openConsultation(scene.clinic.id), "unauthorized");
  const closed = createClient("http://127.0.0.1:9", stack.keys.publishable, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  for (
    const act of [
      () => createSummaries(closed).cancel(consultation),
      () => createSummaries(closed).ask(consultation),
    ]
  ) {
    assert((await refused(act, "unreachable")).retry);
  }
});

const place = ({ clinic, consultation }: Scene) => ({
  clinic_id: clinic.id,
  consultation_id: consultation,
});

Deno.test("each code of the table was met", () => {
  assertEquals(Object.keys(DATA_REFUSALS).filter((code) => !met.has(code)), []);
});

Deno.test("docs/api.md has the table's codes", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/api.md", import.meta.url));
  const [, section] = page.split("## Refusals of the Data API");
  const codes = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  assertEquals(codes, Object.keys(DATA_REFUSALS));
});
