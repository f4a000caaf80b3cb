/** A stand-in for pg_cron's scheduler: runs the jobs that `cron.schedule` wrote down. */
import { Cron } from "croner";
import postgres from "postgres";

/** A row of cron.job. */
interface CronJob {
  jobid: string;
  jobname: string | null;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

export interface Scheduler {
  /**
   * Runs a job now, whatever its schedule, and waits for its end. @throws when there is none of
   * that name.
   */
  runNow(jobname: string): Promise<void>;
  /** Ends running jobs by closing their connections. */
  stop(): Promise<void>;
}

const connecting = {
  // Seconds between attempts: the default grows to twenty while Postgres is away.
  backoff: () => 0.5,
  // When the connection is closed while the client asks for array types, a promise that is out of
  // reach rejects.
  fetch_types: false,
  onnotice: () => {},
};

/**
 * `url`: a connection as superuser to the database that holds cron.job. Looks once a second; a job
 * runs as its user, in its database, one run at a time; `N seconds` counts from the start of the
 * run before. Each run leaves a row in cron.job_run_details. Waits while Postgres or the schema
 * cron is away.
 */
export function startCron(url: string): Scheduler {
  const sql = postgres(url, { ...connecting, max: 2 });
  /** When each job was last started, or first seen. */
  const last = new Map<string, Date>();
  const running = new Map<string, { connection: postgres.Sql; done: Promise<void> }>();
  let stopped = false;

  async function look() {
    const jobs = await sql<CronJob[]>`select * from cron.job where active`;
    const now = new Date();
    for (const job of jobs) {
      const since = last.get(job.jobid);
      if (!since) last.set(job.jobid, now);
      else if (!running.has(job.jobid) && nextRun(job.schedule, since) <= now) start(job);
    }
  }

  function start(job: CronJob): Promise<void> {
    last.set(job.jobid, new Date());
    const target = new URL(url);
    target.pathname = `/${job.database}`;
    const connection = postgres(target.href, { ...connecting, max: 1 });
    const done = run(sql, connection, job)
      // Postgres went away: nobody is left to write the outcome to.
      .catch(() => {})
      .finally(async () => {
        running.delete(job.jobid);
        await connection.end({ timeout: 0 });
      });
    running.set(job.jobid, { connection, done });
    return done;
  }

  let tick = look().catch(() => {});
  const timer = setInterval(
    () => tick = tick.then(() => stopped ? undefined : look()).catch(() => {}),
    1000,
  );

  return {
    runNow: async (jobname) => {
      const [job] = await sql<CronJob[]>`select * from cron.job where jobname = ${jobname}`;
      if (!job) throw new Error(`There is no job ${jobname} in cron.job`);
      await running.get(job.jobid)?.done;
      await start(job);
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await tick;
      const runs = [...running.values()];
      await Promise.all(runs.map(({ connection }) => connection.end({ timeout: 0 })));
      await Promise.all(runs.map(({ done }) => done));
      await sql.end({ timeout: 1 });
    },
  };
}

async function run(sql: postgres.Sql, connection: postgres.Sql, job: CronJob) {
  const [{ runid }] = await sql`
    insert into cron.job_run_details (jobid, database, username, command, status, start_time)
    values (${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'starting', now())
    returning runid`;
  const end = (status: string, message: string | null) =>
    sql`
      update cron.job_run_details
      set status = ${status}, return_message = ${message}, end_time = clock_timestamp()
      where runid = ${runid}`;
  try {
    await connection`set session authorization ${connection(job.username)}`;
    const [{ pid }] = await connection`select pg_backend_pid() as pid`;
    await sql`
      update cron.job_run_details set status = 'running', job_pid = ${pid} where runid = ${runid}`;
    await connection.unsafe(job.command);
    await end("succeeded", null);
  } catch (error) {
    await end("failed", `ERROR: ${(error as Error).message}`);
  }
}

function nextRun(schedule: string, since: Date): Date {
  const seconds = schedule.match(/^\s*(\d+)\s+second/i);
  if (seconds) return new Date(since.getTime() + Number(seconds[1]) * 1000);
  // pg_cron counts in UTC and writes the last day of a month as $.
  const next = new Cron(schedule.replace("$", "L"), { timezone: "UTC" }).nextRun(since);
  return next ?? new Date(8.64e15);
}
