/** Claiming a job and completing it, against pg-boss on the same Postgres. */
import { PgBoss } from "pg-boss";
import { database } from "../tests/database/harness.ts";
import { scene, uploaded } from "../tests/database/rows.ts";
import { claimNext, complete, newToken } from "../tests/database/worker_calls.ts";
import { compare, type Report } from "./measure.ts";

const ROUNDS = 5;
const JOBS = 200;

export async function benchQueue(report: Report): Promise<void> {
  const db = await database();
  const theirs = await database({ migrations: false });
  const boss = new PgBoss({ connectionString: theirs.url(), supervise: false, schedule: false });
  boss.on("error", (error) => console.error(error));
  try {
    await db
      .sql`update summaries_private.settings set clinic_requests_per_hour = 1000000 where only_row`;
    const at = await scene(db.sql);
    await boss.start();
    await boss.createQueue("summaries");
    for (const workers of [1, 8]) {
      const rates = { ours: [] as number[], theirs: [] as number[] };
      const connections = Array.from({ length: workers }, () => db.connect());
      // The first round only warms up.
      for (let round = 0; round <= ROUNDS; round++) {
        const files = new Map<string, { recording_id: string; object_version: string }>();
        while (files.size < JOBS) {
          const { summary, recording, version } = await uploaded(db.sql, at);
          files.set(summary, { recording_id: recording, object_version: version });
        }
        const ours = await rate(workers, async (worker) => {
          const token = newToken();
          const { outcome, job } = await claimNext(connections[worker], token);
          if (outcome !== "claimed") return false;
          const used = [files.get(job.summary_id)!];
          const completed = await complete(connections[worker], job.summary_id, token, used);
          if (completed !== "completed") throw new Error(`It was ${completed}.`);
          return true;
        });

        for (let job = 0; job < JOBS; job++) await boss.send("summaries", { summary: job });
        const their = await rate(workers, async () => {
          const [job] = await boss.fetch("summaries");
          if (!job) return false;
          await boss.complete("summaries", job.id, { done: true });
          return true;
        });
        if (round === 0) continue;
        rates.ours.push(ours);
        rates.theirs.push(their);
      }
      const what = `claim and complete, ${workers} ${workers === 1 ? "worker" : "workers"}`;
      report(
        compare({ what, measure: "jobs a second", than: "pg-boss" }, rates.ours, rates.theirs),
      );
    }
  } finally {
    await boss.stop({ graceful: false });
    await theirs.close();
    await db.close();
  }
}

/** Jobs a second, all workers together, until there is none. */
async function rate(workers: number, work: (worker: number) => Promise<boolean>): Promise<number> {
  let done = 0;
  const began = performance.now();
  await Promise.all(Array.from({ length: workers }, async (_, worker) => {
    while (await work(worker)) done++;
  }));
  if (done !== JOBS) throw new Error(`${done} jobs were done of ${JOBS}.`);
  return done / ((performance.now() - began) / 1000);
}
