/**
 * A worker as a process of its own, which may be killed at any moment: claims, saves a part and
 * completes, until nothing is left. Its argument is the address of the database.
 */
import postgres from "postgres";
import { complete, newToken, save } from "../database/worker_calls.ts";

/** So that the work of a killed worker is soon another's. */
const LEASE_SECONDS = 3;

const sql = postgres(Deno.args[0], { max: 1, onnotice: () => {} });

for (;;) {
  const token = newToken();
  const [{ answer }] = await sql`select public.claim_next(${token}, ${LEASE_SECONDS}) as answer`;
  if (answer.outcome !== "claimed") {
    const [{ active }] = await sql`select public.queue_health() as active`;
    if (active.queued + active.processing === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
    continue;
  }
  const id = answer.job.summary_id;
  const [{ inputs }] = await sql`select public.summary_inputs(${id}) as inputs`;
  const [{ recording_id, object_version }] = inputs.recordings;
  await sql`select public.heartbeat_summary(${id}, ${token}, 'extracting', ${LEASE_SECONDS})`;
  await save(sql, id, token, { recording: recording_id, version: object_version });
  await sql`select public.heartbeat_summary(${id}, ${token}, 'composing', ${LEASE_SECONDS})`;
  await complete(sql, id, token, inputs.recordings);
}
await sql.end();
