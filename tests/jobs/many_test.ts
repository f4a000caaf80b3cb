/** Many summaries at once: no slot stays empty, and none is lost with its worker. */
import { assert, assertEquals } from "@std/assert";
import { until } from "../database/platform.ts";
import { type Scene, withStack } from "../e2e/harness.ts";
import { statuses, uploadMany } from "./many.ts";
import { assertCleanedUp, holdModel, stopCron, sweep } from "./run.ts";

const test = withStack();

/** How many requests the database has made, or is to make. */
async function hints({ stack }: Scene): Promise<number> {
  const [{ made }] = await stack.sql`
    select (select count(*) from net._http_response)::int
      + (select count(*) from net.http_request_queue)::int as made`;
  return made;
}

test("whoever completes one takes the next with its slot: nobody is woken for it", async (scene) => {
  const { sql, functions } = scene.stack;
  await stopCron(scene.stack);
  await sql`update summaries_private.settings set max_in_flight = 2 where only_row`;
  try {
    // A new isolate takes summaries for as long as this lasts.
    await functions.kill("SIGKILL");
    const model = holdModel(scene);
    await uploadMany(scene, 5);
    await until(async () => {
      const { processing, queued } = await statuses(scene);
      return processing === 2 && queued === 3;
    });
    await until(async () => (await sql`select from net.http_request_queue`).count === 0);
    const before = await hints(scene);
    model.letGo();
    await until(async () => (await statuses(scene)).completed === 5);
    assertEquals(await hints(scene), before);
  } finally {
    await sql`update summaries_private.settings set max_in_flight = 20 where only_row`;
  }
});

test("killed with ten in the middle: all are complete after their leases and one sweep", async (scene) => {
  const { sql, functions, gemini } = scene.stack;
  await stopCron(scene.stack);
  const model = holdModel(scene);
  await uploadMany(scene, 10);
  await until(() =>
    Promise.resolve(gemini!.requests.filter(({ kind }) => kind === "generate").length === 10)
  );
  await functions.kill("SIGKILL");
  model.letGo();
  await sql`
    update summaries_private.slots set lease_expires_at = clock_timestamp()
    where summary_id is not null`;
  await sweep(scene);
  await until(async () => (await statuses(scene)).completed === 10);
  const [{ twice }] = await sql`
    select count(*)::int as twice from summaries_private.summary_jobs
    where clinic_id = ${scene.clinic.id} and attempts = 2`;
  assertEquals(twice, 10);
  await assertCleanedUp(scene);
});

test("a clinic that leaves is gone after some sweeps, its files in Storage too", async (scene) => {
  const { sql } = scene.stack;
  const { id } = scene.clinic;
  await stopCron(scene.stack);
  await scene.upload("consultation.webm");
  await uploadMany(scene, 3, "prescription.jpg");
  await until(async () => (await statuses(scene)).completed === 4);
  assertEquals((await sql`select from storage.objects where name like ${id + "/%"}`).count, 4);
  await sql`select public.delete_clinic(${id})`;
  const { data } = await scene.doctor.from("summaries").select("id");
  assertEquals(data, [], "nobody sees it any more");
  const left = async () => {
    const [row] = await sql`
      select (select count(*)::int from storage.objects where name like ${id + "/%"}) as files,
        (select count(*)::int from public.consultations where clinic_id = ${id}) as consultations,
        (select count(*)::int from public.recordings where clinic_id = ${id}) as recordings,
        (select count(*)::int from public.summaries where clinic_id = ${id}) as summaries,
        (select count(*)::int from public.clinics where id = ${id}) as clinics`;
    return row;
  };
  let sweeps = 0;
  for (; (await left()).clinics > 0; sweeps++) {
    assert(sweeps < 10, JSON.stringify(await left()));
    await sweep(scene);
    // The worker that it woke has deleted the files.
    await until(async () => (await left()).files === 0);
  }
  const { files, consultations, recordings, summaries } = await left();
  assertEquals([files, consultations, recordings, summaries], [0, 0, 0, 0]);
});
