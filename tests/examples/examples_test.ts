/** The examples for frontends do what they say, against the whole stack. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  createSummaries,
  type Section,
  SummariesError,
  type Summary,
} from "../../clients/index.ts";
import { textFor } from "../../examples/ask.ts";
import { hearAgain, playEvidence } from "../../examples/listen.ts";
import { approveText } from "../../examples/review.ts";
import { uploadAll } from "../../examples/upload.ts";
import { showList } from "../../examples/watch.ts";
import { importArgs } from "../../local/import_map.ts";
import { makeClinic, signIn, type Supabase } from "../../local/commands/demo/clinic.ts";
import { sample, type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

const place = ({ clinic, consultation }: Scene) => ({
  clinicId: clinic.id,
  consultationId: consultation,
});

const recording = async () =>
  new File([await Deno.readFile(sample("consultation.webm"))], "talk.webm", { type: "audio/webm" });

const upload = (scene: Scene, files: File[]) =>
  uploadAll(
    createSummaries(scene.doctor),
    place(scene),
    files,
    () => {},
    new AbortController().signal,
  );

async function completed(scene: Scene): Promise<Summary> {
  await upload(scene, [await recording()]);
  const { id } = await scene.event({ status: "completed" });
  const { data } = await scene.doctor.from("summaries").select("*").eq("id", id).single()
    .throwOnError();
  return data as unknown as Summary;
}

test("files that were chosen are uploaded one after the other, and refusals are told", async (scene) => {
  const shares: [string, number][] = [];
  const stop = new AbortController();
  const told = await uploadAll(
    createSummaries(scene.doctor),
    place(scene),
    [new File(["MZ"], "setup.exe"), await recording(), new File(["x"], "late.webm")],
    (name, share) => {
      shares.push([name, share]);
      stop.abort();
    },
    stop.signal,
  );
  assertMatch(told[0], /^setup\.exe: .+\.$/);
  assertEquals(told.slice(1), ["talk.webm is there."]);
  assertEquals(shares[0], ["talk.webm", 1]);
});

test("an upload becomes a summary that asking gives, in another language too", async (scene) => {
  const { summary } = await completed(scene);
  const summaries = createSummaries(scene.doctor);
  assertEquals(await textFor(summaries, scene.consultation), summary);
  await textFor(summaries, scene.consultation, "Swedish");
  const languages = (await scene.doctor.from("summaries").select("template_config")
    .eq("consultation_id", scene.consultation).order("created_at").throwOnError()).data;
  assertEquals(languages.at(-1)?.template_config, { language: "Swedish" });
});

test("a first upload from the command line prints the summary", async ({ stack, clinic }) => {
  const program = new URL("../../examples/first_upload.ts", import.meta.url).href;
  const { email, password } = clinic.doctor;
  const file = sample("consultation.webm");
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", ...importArgs, program],
      ...[stack.url, stack.keys.publishable, email, file],
    ],
    env: { PASSWORD: password },
  }).output();
  const said = new TextDecoder().decode(stdout);
  assertMatch(said, /Amoxicillin 500 mg/, new TextDecoder().decode(stderr));
});

test("what the function refuses comes as its sentence and code", async (scene) => {
  assertMatch(
    await textFor(createSummaries(scene.doctor), scene.consultation),
    /upload one first\. \(no_recordings, [\w-]+\)$/,
  );
});

test("who watches sees the summaries that are there, and each change", async (scene) => {
  const before = await completed(scene);
  let shown: string[] = [];
  let look = () => {};
  const nurse = await signIn(scene.stack, scene.clinic.nurse);
  const stop = showList(createSummaries(nurse), scene.clinic.id, (lines) => {
    shown = lines;
    look();
  });
  const until = (wanted: string[]) =>
    new Promise<void>((resolve) => {
      look = () => shown.join() === wanted.join() && resolve();
      look();
    });
  try {
    await until(["draft"]);
    await createSummaries(scene.doctor).reject(before);
    await until(["rejected"]);
    await upload(scene, [await recording()]);
    await until(["draft", "rejected"]);
  } finally {
    await stop();
    await nurse.realtime.disconnect();
  }
});

test("two editors don't overwrite each other, an approved summary is amended", async (scene) => {
  const seen = await completed(scene);
  const summaries = createSummaries(scene.doctor);
  assertEquals((await summaries.inbox(scene.clinic.id)).map((row) => row.summary_id), [seen.id]);
  const edited = await summaries.edit(seen, "Corrected by the doctor.");
  assertEquals(edited.version, seen.version + 1);
  const nurse = createSummaries(await signIn(scene.stack, scene.clinic.nurse));
  assertEquals(await approveText(nurse, seen, "By the nurse."), null);

  const approved = await approveText(summaries, edited, "Approved.");
  assertEquals([approved?.approved_by, approved?.summary], [scene.clinic.doctor.id, "Approved."]);
  assertEquals(await summaries.inbox(scene.clinic.id), []);
  const amendment = await approveText(summaries, approved!, "Amended.");
  assertEquals(
    [amendment?.amends, amendment?.summary, amendment?.review_status],
    [approved!.id, "Amended.", "approved"],
  );
});

test("an incomplete summary is marked in the list, and says first what is missing", async (scene) => {
  await scene.stack.sql`
    update public.clinics set auto_summarize = false where id = ${scene.clinic.id}`;
  const summaries = createSummaries(scene.doctor);
  const noise = new File(["Not audio.\n"], "noise.mp3", { type: "audio/mpeg" });
  await upload(scene, [noise, await recording()]);
  const answer = await summaries.ask(scene.consultation);
  assert("files_processed" in answer);
  assertEquals(answer.files_processed.errors.map(({ code }) => code), ["file_type"]);
  await scene.event({ id: answer.summary_id, status: "completed", incomplete: true });
  const [row] = await summaries.inbox(scene.clinic.id);
  assertEquals([row.summary_id, row.incomplete], [answer.summary_id, true]);
  assertMatch(
    row.summary,
    /^\*\*⚠ This summary is incomplete\.\*\*\n\n- Recording 1, the whole of it \(.+\): .+\n\n## /,
  );
  assertEquals(answer.sections[0].warnings[0], { code: "incomplete", detail: "recording 1" });
});

test("what a statement rests on is played from where it was said, for members alone", async (scene) => {
  const { sections } = await completed(scene);
  const statement = firstHeard(sections!);
  const player = { src: "", currentTime: -1, play: () => Promise.resolve() };
  const kept: (RequestCache | undefined)[] = [];
  const doctor = await signIn(scene.stack, scene.clinic.doctor, (input, init) => {
    if (String(input).includes("/storage/")) kept.push(init?.cache);
    return fetch(input, init);
  });
  const end = await playEvidence(createSummaries(doctor), statement, player);
  assertEquals(kept, ["no-store"], "no browser keeps it");
  assertEquals(player.currentTime, statement.evidence[0].start);
  const heard = await (await fetch(player.src)).bytes();
  assertEquals(heard, await Deno.readFile(sample("consultation.webm")));
  end();
  const stranger = createSummaries(
    await signIn(scene.stack, (await makeClinic(scene.stack)).doctor),
  );
  assertEquals(await codeOf(stranger.evidence(statement.evidence[0])), "not_found");
  const [{ object_path }] = await scene.stack.sql`
    select object_path from public.recordings where id = ${statement.evidence[0].recording_id}`;
  await fetch(`${scene.stack.url}/storage/v1/object/consultations/${object_path}`, {
    method: "DELETE",
    headers: { apikey: scene.stack.keys.secret },
  });
  const deleted = createSummaries(scene.doctor).evidence(statement.evidence[0]);
  assertEquals(await codeOf(deleted), "file_missing");
});

test("a recording is listened to again for who may edit, once it was heard to its end", async (scene) => {
  const statement = firstHeard((await completed(scene)).sections!);
  const { gemini } = scene.stack;
  const listened = () =>
    gemini!.requests.filter(({ kind, body }) =>
      kind === "generate" && JSON.stringify(body).includes("fileData")
    ).length;
  const before = listened();
  const again = (who: Supabase) => hearAgain(createSummaries(who), statement);
  const summary = await again(scene.doctor);
  assertEquals(await codeOf(again(scene.doctor)), "not_listened");
  await scene.event({ id: summary, status: "completed" });
  assertEquals(listened(), before + 1);

  await scene.stack.sql`update public.clinic_members set role = 'receptionist'
    where clinic_id = ${scene.clinic.id} and user_id = ${scene.clinic.nurse.id}`;
  assertEquals(await codeOf(again(await signIn(scene.stack, scene.clinic.nurse))), "forbidden");
  const stranger = await signIn(scene.stack, (await makeClinic(scene.stack)).doctor);
  assertEquals(await codeOf(again(stranger)), "not_found");
  await scene.stack.sql`
    update summaries_private.settings set user_requests_per_hour = 1 where only_row`;
  const limited = await codeOf(again(scene.doctor));
  await scene.stack.sql`
    update summaries_private.settings set user_requests_per_hour = default where only_row`;
  assertEquals(limited, "rate_limited");
});

const firstHeard = (sections: Section[]) =>
  sections.flatMap(({ statements }) => statements)
    .find(({ evidence }) => typeof evidence[0]?.start === "number")!;

const codeOf = (refused: Promise<unknown>) =>
  refused.then(() => "", (error) => error instanceof SummariesError ? error.code : String(error));

test("one that is under way is cancelled, one that has ended is not", async (scene) => {
  const summaries = createSummaries(scene.doctor);
  let called = () => {};
  const asked = new Promise<void>((resolve) => called = resolve);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => letGo = resolve);
  scene.stack.gemini!.answer = async () => {
    called();
    await held;
    return undefined;
  };
  await upload(scene, [await recording()]);
  await asked;
  const [{ id }] = await scene.summaries();
  assertEquals((await summaries.cancel(id)).status, "cancelled");
  letGo();
  scene.stack.gemini!.answer = undefined;
  assertEquals((await scene.summaries())[0].status, "cancelled");
  const other = await completed(scene);
  assertEquals(await codeOf(summaries.cancel(other.id)), "illegal_transition");
});
