/** Ten thousand summaries of fifty clinics, eight workers in processes of their own. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { importArgs } from "../../local/import_map.ts";
import { type Database, database } from "../database/harness.ts";
import { sweep } from "../database/worker_calls.ts";

const CLINICS = 50;
/** Of each clinic but the first, which has the rest. */
const FEW = 100;
const TOTAL = 10_000;
const WORKERS = 8;
/** Fewer than workers, so that some are told to wait. */
const IN_FLIGHT = 6;

async function fill({ sql }: Database): Promise<void> {
  await sql`update summaries_private.settings set max_in_flight = ${IN_FLIGHT} where only_row`;
  await sql`
    insert into public.clinics (name) select 'Clinic ' || n from generate_series(1, ${CLINICS}) n`;
  // The large clinic's come first.
  await sql`
    with k as (select id, row_number() over (order by id) as n from public.clinics)
    insert into public.consultations (clinic_id)
    select k.id from k, generate_series(1, case when k.n = 1
      then ${TOTAL - (CLINICS - 1) * FEW}::integer else ${FEW}::integer end)
    order by k.n`;
  await sql`
    insert into storage.objects (bucket_id, name, version, metadata)
    select 'consultations', c.clinic_id || '/' || c.id || '/' || gen_random_uuid() || '.webm',
      gen_random_uuid()::text, '{"size": 1000, "mimetype": "audio/webm"}'
    from public.consultations c`;
}

function spawn(url: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      ...importArgs,
      fileURLToPath(new URL("queue_worker.ts", import.meta.url)),
      url,
    ],
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
}

/** What is not done by then stands still: the assertions say what is left. */
const PATIENCE_MS = 5 * 60_000;

/** Runs eight workers until nothing is left; one is killed and replaced each second. */
async function drain(db: Database): Promise<{ seconds: number; kills: number }> {
  const started = Date.now();
  const workers = Array.from({ length: WORKERS }, () => spawn(db.url()));
  let kills = 0;
  let idle = false;
  const ended = async (worker: Deno.ChildProcess) => {
    const { success } = await worker.status;
    if (success) idle = true;
  };
  const all = workers.map(ended);
  const timer = setInterval(() => {
    if (idle) return;
    const [oldest] = workers.splice(0, 1);
    oldest.kill("SIGKILL");
    kills++;
    const next = spawn(db.url());
    workers.push(next);
    all.push(ended(next));
  }, 1000);
  const sweeping = setInterval(() => void sweep(db.sql).catch(() => {}), 2000);
  const patience = Date.now() + PATIENCE_MS;
  while (!idle && Date.now() < patience) await new Promise((resolve) => setTimeout(resolve, 50));
  if (!idle) workers.forEach((worker) => worker.kill("SIGKILL"));
  clearInterval(timer);
  clearInterval(sweeping);
  await Promise.all(all);
  return { seconds: (Date.now() - started) / 1000, kills };
}

Deno.test("10,000 summaries are each completed once, in fair order, with a worker killed every second", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await fill(db);
    const { seconds, kills } = await drain(db);

    const states = await sql`select status, count(*)::int from public.summaries group by 1`;
    assertEquals([...states], [{ status: "completed", count: TOTAL }]);
    const [{ doubled }] = await sql`
        select count(*)::int as doubled from (
          select from public.summary_events where detail ->> 'to' = 'completed'
          group by summary_id having count(*) <> 1) twice`;
    assertEquals(doubled, 0);

    // Replayed from the events: a slot is counted as free before others can see that it is.
    const [{ most }] = await sql`
        select max(busy)::int as most from (
          select sum(case
              when detail ->> 'from' = detail ->> 'to' then 0
              when detail ->> 'to' = 'processing' then 1
              when detail ->> 'from' = 'processing' then -1 end) over (order by at, id) as busy
          from public.summary_events where event = 'status') as replay`;
    assert(most <= IN_FLIGHT, `${most} in flight`);

    // The place of the others' last one in the order of claims.
    const [{ last }] = await sql`
        with claims as (
          select clinic_id, row_number() over (order by min(at)) as place
          from public.summary_events where detail ->> 'to' = 'processing'
          group by clinic_id, summary_id
        ), sizes as (select clinic_id, count(*) as size from claims group by clinic_id)
        select max(place)::int as last from claims join sizes using (clinic_id)
        where size = ${FEW}`;
    assert(last <= CLINICS * FEW + CLINICS, `the others waited until place ${last}`);

    const [{ retaken }] = await sql`
        select count(*)::int as retaken from public.summary_events
        where event = 'status' and detail ->> 'from' = 'processing'
          and detail ->> 'to' in ('queued', 'processing')`;
    const [{ hot }] = await sql`
        select round(100.0 * n_tup_hot_upd / n_tup_upd)::int as hot
        from pg_stat_user_tables where relname = 'summary_jobs'`;
    console.log(
      `${TOTAL} summaries, ${CLINICS} clinics (one has ${TOTAL - (CLINICS - 1) * FEW}), ` +
        `${WORKERS} workers: ${seconds.toFixed(0)} s, ${Math.round(TOTAL / seconds)} a second; ` +
        `lost 0, doubled ${doubled}; at most ${most} of ${IN_FLIGHT} in flight; ` +
        `the other clinics' last was claimed at place ${last}; ` +
        `${kills} workers killed, ${retaken} summaries taken back; ${hot} % of updates HOT`,
    );
    assert(kills > 0 && retaken > 0);
  } finally {
    await db.close();
  }
});
