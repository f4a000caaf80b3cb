/** A worker whose lease was lost, or whose summary was cancelled, changes nothing any more. */
import { assert, assertEquals } from "@std/assert";
import { until } from "../database/platform.ts";
import { sample, type Scene, withStack } from "../e2e/harness.ts";
import {
  asked,
  assertCleanedUp,
  composes,
  ended,
  listens,
  paid,
  passTime,
  queueInSilence,
  statusOf,
  stopCron,
  sweep,
  turnOff,
} from "./run.ts";
import { startWorker } from "./worker.ts";

const test = withStack();

type Step = "listening" | "composing" | "reading";

/** The model answers each call when it is let go, in the order of the calls that `meets` names. */
function gates({ stack }: Scene, meets: (step: Step) => boolean) {
  const waiting: (() => void)[] = [];
  stack.gemini!.answer = async ({ files, texts }) => {
    const again = texts.some((text) => text.includes('"uncited":'));
    const step = files.length > 0 ? "listening" : again ? "reading" : "composing";
    if (meets(step)) await new Promise<void>((go) => waiting.push(go));
    return undefined;
  };
  return {
    arrived: (count: number) => until(() => Promise.resolve(waiting.length === count)),
    letGo: (call: number) => waiting[call](),
  };
}

/** One recording, and a summary of it that nobody works on: the function's own isolates are not told. */
async function queued(scene: Scene): Promise<string> {
  await stopCron(scene.stack);
  scene.stack.services.down.add("functions");
  await turnOff(scene);
  await scene.upload("consultation.webm");
  return await queueInSilence(scene);
}

/** As if a minute had passed without a heartbeat, and a sweep come. */
async function takeBack(scene: Scene): Promise<void> {
  await passTime(scene);
  await sweep(scene);
}

/** Everything of the consultation that a worker writes. */
async function written({ stack, consultation }: Scene) {
  const [row] = await stack.sql`
    select to_jsonb(s) as summary, to_jsonb(j) as job,
      (select count(*) from public.extractions e join public.recordings r on r.id = e.recording_id
        where r.consultation_id = s.consultation_id) as extractions,
      (select count(*) from public.summary_recordings u where u.summary_id = s.id) as files,
      (select count(*) from public.summary_events v where v.summary_id = s.id) as events
    from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
    where s.consultation_id = ${consultation}`;
  return row;
}

const MOMENTS: { name: string; at: Step; refused: boolean; readAgain?: boolean }[] = [
  { name: "saving a part", at: "listening", refused: false },
  { name: "a file that is refused for good, and to be deleted", at: "listening", refused: true },
  { name: "saving a draft", at: "composing", refused: false },
  { name: "completing", at: "composing", refused: false, readAgain: false },
  { name: "saving what a second reader says", at: "reading", refused: false },
  { name: "failing", at: "composing", refused: true },
];

for (const { name, at, refused, readAgain } of MOMENTS) {
  test(`a lost lease, noticed at ${name}: the old worker changes nothing`, async (scene) => {
    const gemini = scene.stack.gemini!;
    await queued(scene);
    const model = gates(scene, (step) => step === at);
    if (refused) {
      const when = at === "listening" ? listens : composes;
      gemini.fail({ on: "generate", when, answer: { finishReason: "SAFETY" } });
    }
    const [old, present] = [startWorker(scene, readAgain), startWorker(scene, readAgain)];
    const oldRun = old.wake();
    await model.arrived(1);
    await takeBack(scene);
    const presentRun = present.wake();
    await model.arrived(2);

    const files = [...gemini.files.keys()];
    assertEquals(files.length, at === "listening" ? 1 : 0);
    const before = await written(scene);
    model.letGo(0);
    await oldRun;
    assertEquals(await written(scene), before);
    assertEquals([...gemini.files.keys()], files);
    assertEquals(old.events.at(-1), "lease_lost");

    model.letGo(1);
    await presentRun;
    assertEquals(await statusOf(scene), "completed");
    assertEquals(paid(gemini).uploads, 1);
    await assertCleanedUp(scene);
  });
}

test("a heartbeat of the old worker changes nothing, and ends its work", async (scene) => {
  await queued(scene);
  const model = gates(scene, (step) => step !== "reading");
  const [old, present] = [startWorker(scene), startWorker(scene)];
  const oldRun = old.wake();
  await model.arrived(1);
  await takeBack(scene);
  const presentRun = present.wake();
  await model.arrived(2);
  const before = await written(scene);
  old.beat();
  // Its call of the model is given up, though it never answers.
  await oldRun;
  assertEquals(await written(scene), before);
  assertEquals(old.events.at(-1), "lease_lost");
  model.letGo(0);
  present.beat();
  model.letGo(1);
  await model.arrived(3);
  model.letGo(2);
  await presentRun;
  assertEquals(await statusOf(scene), "completed");
});

test("cancelled while queued: nobody works on it", async (scene) => {
  const id = await queued(scene);
  await scene.doctor.from("summaries").update({ status: "cancelled" }).eq("id", id).throwOnError();
  await startWorker(scene).wake();
  assertEquals(await statusOf(scene), "cancelled");
  assertEquals(asked(scene.stack.gemini!), []);
});

for (const at of ["listening", "composing", "reading"]) {
  test(`cancelled while ${at}: the work stops at the next heartbeat, nothing is stored`, async (scene) => {
    const id = await queued(scene);
    const model = gates(scene, (step) => step === at);
    const worker = startWorker(scene);
    const run = worker.wake();
    await model.arrived(1);
    await scene.doctor.from("summaries").update({ status: "cancelled" }).eq("id", id)
      .throwOnError();
    const before = await written(scene);
    worker.beat();
    await run;
    model.letGo(0);
    assertEquals(await written(scene), before);
    assertEquals([before.summary.status, before.summary.sections], ["cancelled", null]);
    assertEquals(worker.events.at(-1), "lease_lost");
    await assertCleanedUp(scene);
  });
}

test("a file that kills its isolate each time ends its own summary, and no other", async (scene) => {
  const { stack } = scene;
  await stopCron(stack);
  const others: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { data } = await scene.doctor.from("consultations").insert({ clinic_id: scene.clinic.id })
      .select("id").single().throwOnError();
    others.push(data.id);
  }
  let kills = 0;
  /** By the database's clock: whoever claimed before is dead. */
  let killed = "-infinity";
  stack.gemini!.answer = async ({ files }) => {
    if (files[0]?.file.mimeType !== "image/jpeg") return undefined;
    kills++;
    await stack.functions.kill("SIGKILL");
    [{ killed }] = await stack.sql`select clock_timestamp()::text as killed`;
    return undefined;
  };
  const contentType = "audio/webm";
  const bytes = new Blob([await Deno.readFile(sample("consultation.webm"))], { type: contentType });
  await scene.upload("prescription.jpg");
  for (const consultation of others) {
    const path = `${scene.clinic.id}/${consultation}/${crypto.randomUUID()}.webm`;
    const { error } = await scene.doctor.storage.from("consultations")
      .upload(path, bytes, { contentType });
    if (error) throw error;
  }
  const active = () =>
    stack.sql`
      select s.status = 'processing' and s.started_at > ${killed}::text::timestamptz as alive,
        j.run_after <= clock_timestamp() as due
      from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
      where s.clinic_id = ${scene.clinic.id} and s.status in ('queued', 'processing')`;
  for (let steps = 0; (await active()).count > 0; steps++) {
    assert(steps < 100, "it does not end");
    // Each step is a lease, once whoever has one is dead. What is due is begun first.
    await until(async () => {
      const rows = await active();
      if (rows.some(({ alive }) => alive) && stack.functions.pids().length > 0) return false;
      // A hint may have met an isolate that was about to die.
      if (rows.some(({ due }) => due)) await sweep(scene);
      else return true;
    });
    await stack.sql`
      update summaries_private.summary_jobs set run_after = run_after - interval '5 seconds'
      where run_after is not null`;
    await stack.sql`
      update summaries_private.slots set lease_expires_at = lease_expires_at - interval '60 seconds'
      where summary_id is not null`;
    await sweep(scene);
  }
  const rows = await stack.sql`
    select status, error_code, count(*)::int as summaries from public.summaries
    where clinic_id = ${scene.clinic.id} group by 1, 2 order by 1`;
  assertEquals([...rows], [
    { status: "completed", error_code: null, summaries: 3 },
    { status: "failed", error_code: "out_of_time", summaries: 1 },
  ]);
  assertEquals(kills, 5);
  assertEquals(await ended(scene), "failed");
});
