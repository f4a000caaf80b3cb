/**
 * What a job costs the database, claimed and completed, against pg-boss on the same Postgres: as it is,
 * and with a trigger that writes the same history, events and broadcasts.
 */
import { PgBoss } from "pg-boss";
import type postgres from "postgres";
import { type Database, database } from "../tests/database/harness.ts";
import {
  claimNext,
  completeAndNext,
  newToken,
  paidCall,
  sweep,
} from "../tests/database/worker_calls.ts";
import { LEASE_SECONDS } from "../supabase/functions/generate-summary/core/times.ts";
import { cpuMsOf } from "../local/stand_ins/functions/limits.ts";
import { compare, type Report } from "./measure.ts";

const ROUNDS = 5;
const JOBS = 400;
/** An hour at the default cap, with sixteen seconds of model a job. */
const DURING_DUMP = 4500;
const JOBS_A_SWEEP = 20;
/** What a summary asks of the model. */
const CALLS = ["extract", "compose", "verify"];
/** Milliseconds of CPU a job may cost the database, by how many clinics wait. */
const MOST = { 1: 1.5, 50: 1.5, 1000: 1.8 };

interface Cost {
  /** Jobs a second. */
  rate: number;
  /** Milliseconds of the server's CPU a job. */
  cpu: number;
}

interface Side {
  /** Puts so many jobs into the queue, those of clinics in turn. */
  fill(jobs: number): Promise<void>;
  /** Works until so many are done. */
  work(worker: number, done: () => boolean): Promise<void>;
  db: Database;
  close(): Promise<void>;
}

export async function benchQueue(report: Report): Promise<void> {
  for (const clinics of [1, 50, 1000] as const) {
    for (const workers of [1, 8]) await benchJobs(report, clinics, workers);
  }
  await benchDump(report);
  const cap = { what: "a cap of 2,000", than: "a cap of 20", goal: 1.1 };
  await benchSetting(report, { cap: 2000 }, cap);
  await benchSetting(report, { budget: 1000 }, { what: "a budget a day", than: "no budget" });
}

async function benchJobs(report: Report, clinics: 1 | 50 | 1000, workers: number) {
  const sides = {
    ours: await ours({ clinics, workers }),
    history: await pgBoss({ history: true }),
    bare: await pgBoss({ history: false }),
  };
  try {
    const costs: Record<keyof typeof sides, Cost[]> = { ours: [], history: [], bare: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, side] of Object.entries(sides)) {
        await side.fill(JOBS);
        const cost = await measure(side, workers, JOBS);
        if (round > 0) costs[name as keyof typeof sides].push(cost);
        else await warm(side);
      }
    }
    const what = `${clinics} ${clinics === 1 ? "clinic waits" : "clinics wait"}, ` +
      `${workers} ${workers === 1 ? "worker" : "workers"}`;
    const { ours: own, history, bare } = costs;
    const cpu = { what, measure: "CPU ms a job" };
    const rate = { what, measure: "jobs a second" };
    const of = (key: keyof Cost, all: Cost[]) => all.map((cost) => cost[key]);
    const most = workers === 1 ? MOST[clinics] : undefined;
    const than = "pg-boss with history";
    report(compare({ ...cpu, than, most }, of("cpu", own), of("cpu", history)));
    report(compare({ ...cpu, than: "pg-boss alone" }, of("cpu", own), of("cpu", bare)));
    const least = clinics === 50 ? (workers === 1 ? 1 : 0.7) : undefined;
    report(compare({ ...rate, than, least }, of("rate", own), of("rate", history)));
    report(compare({ ...rate, than: "pg-boss alone" }, of("rate", own), of("rate", bare)));
  } finally {
    for (const side of Object.values(sides)) await side.close();
  }
}

/** A dump holds its snapshot for an hour: what is dead stays until it ends. */
async function benchDump(report: Report): Promise<void> {
  const side = await ours({ clinics: 50, workers: 1 });
  const dump = side.db.connect();
  try {
    await side.fill(DURING_DUMP + 2 * JOBS);
    await measure(side, 1, JOBS);
    await warm(side);
    const before = await measure(side, 1, JOBS);
    await dump.begin("isolation level repeatable read", async (tx) => {
      await tx`select count(*) from public.clinics`;
      // The sweep runs every fifteen seconds of that hour.
      for (let done = 0; done < DURING_DUMP - JOBS; done += JOBS_A_SWEEP) {
        await measure(side, 1, JOBS_A_SWEEP);
        await sweep(side.db.sql);
      }
      const during = await measure(side, 1, JOBS);
      const what = `after ${DURING_DUMP} jobs of an open dump`;
      const line = { what, measure: "CPU ms a job", than: "before it", goal: 2 };
      report(compare(line, [during.cpu], [before.cpu]));
    });
  } finally {
    await side.close();
  }
}

/** What a setting costs: eight workers, 50 clinics, with it and without it in turn. */
async function benchSetting(
  report: Report,
  setting: Partial<Settings>,
  line: { what: string; than: string; goal?: number },
) {
  const sides = {
    without: await ours({ clinics: 50, workers: 8 }),
    with: await ours({ clinics: 50, workers: 8, ...setting }),
  };
  try {
    const costs = { without: [] as number[], with: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, side] of Object.entries(sides)) {
        await side.fill(JOBS);
        const { cpu } = await measure(side, 8, JOBS);
        if (round > 0) costs[name as keyof typeof costs].push(cpu);
        else await warm(side);
      }
    }
    report(compare({ ...line, measure: "CPU ms a job" }, costs.with, costs.without));
  } finally {
    for (const side of Object.values(sides)) await side.close();
  }
}

async function measure(side: Side, workers: number, jobs: number): Promise<Cost> {
  const pids = await backends(side.db);
  const cpu = () => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  let left = jobs;
  const [used, began] = [cpu(), performance.now()];
  await Promise.all(
    Array.from({ length: workers }, (_, worker) => side.work(worker, () => left-- <= 0)),
  );
  const seconds = (performance.now() - began) / 1000;
  return { rate: jobs / seconds, cpu: (cpu() - used) / jobs };
}

/** What autovacuum does at some moment of its own: the planner learns what the tables hold. */
async function warm({ db }: Side): Promise<void> {
  await db.sql`analyze`;
}

async function backends({ sql, name }: Database): Promise<number[]> {
  const rows = await sql`
    select pid from pg_stat_activity where datname = ${name} and backend_type = 'client backend'`;
  return rows.map(({ pid }) => pid);
}

interface Settings {
  clinics: number;
  workers: number;
  cap?: number;
  /** Dollars a day, of a clinic and of the project: never spent here. */
  budget?: number | null;
}

async function ours(
  { clinics, workers, cap = 20, budget = null }: Settings,
): Promise<Side> {
  const db = await database();
  const { sql } = db;
  const connections = await Promise.all(
    Array.from({ length: workers }, async () => {
      const connection = db.connect();
      await connection`select 1`;
      return connection;
    }),
  );
  await sql`update summaries_private.settings
    set max_in_flight = ${cap}, clinic_requests_per_hour = 1000000,
      dollars_a_day = ${budget}, clinic_dollars_a_day = ${budget}
    where only_row`;
  await sql`insert into public.clinics (name) select 'Clinic' from generate_series(1, ${clinics})`;
  /** What each worker has claimed, and goes on with. */
  const held: ({ job: { summary_id: string }; inputs: Inputs; token: string } | null)[] = [];
  const fill = async (jobs: number) => {
    await sql`
      with added as (
        insert into public.consultations (clinic_id)
        select k.id from generate_series(1, ${Math.ceil(jobs / clinics)}) n, public.clinics k
        order by n limit ${jobs}
        returning id, clinic_id
      )
      insert into storage.objects (bucket_id, name, version, metadata)
      select 'consultations', a.clinic_id || '/' || a.id || '/' || gen_random_uuid() || '.webm',
        gen_random_uuid()::text, '{"size": 1000, "mimetype": "audio/webm"}'
      from added a`;
  };
  // So many stay in the queue that all clinics wait at all times.
  await fill(clinics === 1 ? workers : 2 * clinics);
  return {
    db,
    fill,
    async work(worker, done) {
      const connection = connections[worker];
      while (!done()) {
        held[worker] ??= await claimed(connection);
        const { job, inputs, token } = held[worker]!;
        const next = newToken();
        const { outcome, next: claim } = await completeAndNext(
          connection,
          job.summary_id,
          token,
          next,
          inputs.recordings,
          false,
          LEASE_SECONDS,
          CALLS.map((purpose) =>
            paidCall({
              purpose,
              at: new Date().toISOString(),
              input_tokens: 3000,
              output_tokens: 600,
            })
          ),
        );
        if (outcome !== "completed") throw new Error(`It was ${outcome}.`);
        held[worker] = claim && { ...claim, token: next };
      }
    },
    close: () => db.close(),
  };
}

interface Inputs {
  recordings: { recording_id: string; object_version: string }[];
}

async function claimed(sql: postgres.Sql) {
  const token = newToken();
  const { outcome, job, inputs } = await claimNext(sql, token);
  if (outcome !== "claimed") throw new Error(`The claim was answered with ${outcome}.`);
  return { job, inputs, token };
}

async function pgBoss({ history }: { history: boolean }): Promise<Side> {
  const db = await database();
  const boss = new PgBoss({ connectionString: db.url(), supervise: false, schedule: false });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue("summaries");
  if (history) {
    await db.sql.unsafe(`
      create function public.record_job() returns trigger language plpgsql as $$
      begin
        insert into public.summary_events (clinic_id, consultation_id, summary_id, event, detail)
        values (new.id, new.id, new.id, 'status', jsonb_build_object(
          'from', old.state, 'to', new.state, 'attempt', new.retry_count));
        perform realtime.send(
          jsonb_build_object('id', new.id, 'consultation_id', new.id, 'status', new.state,
            'waiting_for', null, 'incomplete', null, 'review_status', 'draft', 'version', 1),
          'summary', 'clinic:' || new.id, true);
        return null;
      end
      $$;
      create trigger record_job after update of state on pgboss.job
        for each row when (old.state <> new.state) execute function public.record_job();`);
  }
  return {
    db,
    async fill(jobs) {
      const data = Array.from({ length: jobs }, (_, job) => ({ data: { summary: job } }));
      await boss.insert("summaries", data);
    },
    async work(_worker, done) {
      while (!done()) {
        const [job] = await boss.fetch("summaries");
        if (!job) throw new Error("pg-boss has no job left.");
        await boss.complete("summaries", job.id, { done: true });
      }
    },
    async close() {
      await boss.stop({ graceful: false });
      await db.close();
    },
  };
}
