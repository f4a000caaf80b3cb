/** What somebody has locked, others pass over. */
import { assertEquals } from "@std/assert";
import { database } from "./harness.ts";
import { clinic, queued, setSlots } from "./rows.ts";
import { claimNext } from "./worker_calls.ts";

const locks: Record<string, string> = {
  "a summary": "select from public.summaries where id = $1 for update",
  "a consultation": `select from public.consultations c
    where id = (select consultation_id from public.summaries where id = $1) for update`,
  "a clinic's turn": `select from summaries_private.turns
    where clinic_id = (select clinic_id from public.summaries where id = $1) for update`,
  "a job": "select from summaries_private.summary_jobs where summary_id = $1 for update",
  // The one that would be taken first.
  "a free slot": `select from summaries_private.slots
    where id = (select min(id) from summaries_private.slots) and $1 <> '' for update`,
};

for (const [what, lock] of Object.entries(locks)) {
  Deno.test(`while somebody has locked ${what}, a claim of another clinic's does not wait`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      await setSlots(sql, 2);
      const [locked] = await queued(sql, await clinic(sql), 1);
      const [other] = await queued(sql, await clinic(sql), 1);
      const worker = await db.connect().reserve();
      await worker`set lock_timeout = '300ms'`;
      const holder = await db.connect().reserve();
      await holder`begin`;
      await holder.unsafe(lock, [locked]);
      const claimed: string[] = [];
      for (let calls = 0; calls < 2; calls++) {
        const { job } = await claimNext(worker);
        if (job) claimed.push(job.summary_id);
      }
      assertEquals(claimed.includes(other) || what === "a free slot", true);
      await holder`commit`;
      const { job } = await claimNext(worker);
      if (job) claimed.push(job.summary_id);
      assertEquals(claimed.sort(), [locked, other].sort());
      holder.release();
      worker.release();
    } finally {
      await db.close();
    }
  });
}
