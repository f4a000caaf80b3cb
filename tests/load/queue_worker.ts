/**
 * A worker as a process of its own, which may be killed at any moment: claims, saves a part and
 * completes, until nothing is left. Its argument is the address of the database.
 */
import postgres from "postgres";
import { claimNext, cleaned, completeAndNext, newToken, save } from "../database/worker_calls.ts";

/** So that the work of a killed worker is soon another's. */
const LEASE_SECONDS = 3;

const sql = postgres(Deno.args[0], { max: 1, onnotice: () => {} });

for (;;) {
  let token = newToken();
  let claim = await claimNext(sql, token, LEASE_SECONDS);
  if (claim.outcome === "cleanup") {
    await cleaned(sql, token, claim.summary_id);
    continue;
  }
  if (claim.outcome !== "claimed") {
    const [{ active }] = await sql`select public.queue_health() as active`;
    if (active.queued + active.processing === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
    continue;
  }
  while (claim) {
    const { job: { summary_id: id }, inputs: { recordings } } = claim;
    const [{ recording_id, object_version }] = recordings;
    await sql`select public.heartbeat_summary(${id}, ${token}, 'extracting', ${LEASE_SECONDS})`;
    await save(
      sql,
      id,
      token,
      { recording: recording_id, version: object_version },
      0,
      "composing",
    );
    const next = newToken();
    claim = (await completeAndNext(sql, id, token, next, recordings, false, LEASE_SECONDS)).next;
    token = next;
  }
}
await sql.end();
