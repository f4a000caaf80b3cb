/** What tests of many summaries share: uploads to consultations of their own, and the time of them all. */
import { makeConsultation } from "../../local/commands/demo/clinic.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { until } from "../database/platform.ts";
import { endPause } from "../database/worker_calls.ts";
import { sample, type Scene } from "../e2e/harness.ts";
import { sweep } from "./run.ts";

/** Uploads a sample to so many new consultations, one each; gives the consultations. */
export async function uploadMany(
  { doctor, clinic }: Scene,
  count: number,
  file = "consultation.webm",
): Promise<string[]> {
  const type = file.endsWith(".jpg") ? "image/jpeg" : "audio/webm";
  const bytes = new Blob([await Deno.readFile(sample(file))], { type });
  return await Promise.all(Array.from({ length: count }, async () => {
    const consultation = await makeConsultation(doctor, clinic.id);
    const path = `${clinic.id}/${consultation}/${crypto.randomUUID()}.${file.split(".").at(-1)}`;
    const { error } = await doctor.storage.from("consultations")
      .upload(path, bytes, { contentType: type });
    if (error) throw error;
    return consultation;
  }));
}

/** How many of the clinic's summaries have each status. */
export async function statuses({ stack, clinic }: Scene): Promise<Record<string, number>> {
  const rows = await stack.sql`
    select status, count(*)::int as summaries from public.summaries
    where clinic_id = ${clinic.id} group by 1`;
  return Object.fromEntries(rows.map(({ status, summaries }) => [status, summaries]));
}

/** Waits until none of the clinic's summaries is worked on; the function may be about to claim one. */
export async function quiet(scene: Scene): Promise<void> {
  await until(async () => !(await statuses(scene)).processing);
}

/** As if every wait of the queue were over, the breaker's too; and the sweep comes. */
export async function goOn(scene: Scene): Promise<void> {
  const { sql } = scene.stack;
  await sql`
    update summaries_private.summary_jobs set run_after = clock_timestamp()
    where run_after > clock_timestamp()`;
  await endPause(sql);
  await sweep(scene);
}

/** Goes on until the clinic's summaries have ended, that often at most. */
export async function toTheEnd(scene: Scene, sweeps = 40): Promise<void> {
  for (let swept = 0; swept < sweeps; swept++) {
    const { queued = 0, processing = 0 } = await statuses(scene);
    if (queued + processing === 0) return;
    const before = await attempts(scene);
    await goOn(scene);
    // Somebody takes what is due, and nobody is at work any more.
    await until(async () => await attempts(scene) > before);
    await quiet(scene);
  }
  throw new Error(`It does not end: ${JSON.stringify(await statuses(scene))}`);
}

/** How often the clinic's summaries were claimed. */
async function attempts({ stack, clinic }: Scene): Promise<number> {
  const [{ claims }] = await stack.sql`
    select coalesce(sum(attempts), 0)::int as claims from summaries_private.summary_jobs
    where clinic_id = ${clinic.id}`;
  return claims;
}

/** What the health route tells the service of its queue. */
export async function queueHealth({ stack }: { stack: Stack }) {
  const [{ answer }] = await stack.sql`select public.queue_health() as answer`;
  return answer as { queued: number; processing: number; held_by: string | null };
}
