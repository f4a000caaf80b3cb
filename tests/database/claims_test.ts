import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, member, scene, uploaded } from "./rows.ts";
import {
  age,
  claim,
  claimNext,
  complete,
  expireLease,
  fail,
  newToken,
  release,
  request,
  save,
  summaryRow,
} from "./worker_calls.ts";

const many = <T>(count: number, make: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

async function queue(sql: postgres.Sql, clinic: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await uploaded(sql, { clinic })).summary);
  return ids;
}

const setSlots = (sql: postgres.Sql, slots: number) =>
  sql`update summaries_private.settings set max_in_flight = ${slots} where only_row`;

Deno.test("a claim gives the job and counts the attempt; the same call again gives the same", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.nurse);
    const token = newToken();
    const first = await claim(sql, file.summary, token);
    assertEquals(first.outcome, "claimed");
    const { lease_expires_at: _, ...job } = first.job;
    assertEquals(job, {
      summary_id: file.summary,
      clinic_id: at.clinic,
      consultation_id: file.consultation,
      status: "processing",
      attempt: 1,
      max_attempts: 5,
      submitted_by: "nurse",
      requested_by: at.nurse,
    });
    assertEquals(await claim(sql, file.summary, token), first);
    assertEquals(await claimNext(sql, token), first);
    assertEquals(await claim(sql, file.summary), { outcome: "nothing", status: "processing" });
    assertEquals(await claimNext(sql), { outcome: "nothing", status: null });
    assertEquals(await claim(sql, newToken()), { outcome: "nothing", status: null });
  } finally {
    await db.close();
  }
});

Deno.test("of twenty that claim one summary at once, one gets it", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [id] = await queue(sql, await clinic(sql), 1);
    const outcomes = (await many(20, () => claim(sql, id))).map(({ outcome }) => outcome);
    assertEquals(outcomes.filter((outcome) => outcome === "claimed").length, 1);
    assertEquals(outcomes.filter((outcome) => outcome === "nothing").length, 19);
    assertEquals((await summaryRow(sql, id)).attempts, 1);
  } finally {
    await db.close();
  }
});

Deno.test("no more than max_in_flight are processed, however many claim and ask at once", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 5);
    const at = await scene(sql, { autoSummarize: false });
    const asked = [];
    for (let n = 0; n < 10; n++) asked.push((await uploaded(sql, at)).consultation);
    const ids = await queue(sql, await clinic(sql), 20);
    const outcomes = await Promise.all([
      ...ids.map(async (id) => (await claim(sql, id)).outcome),
      ...asked.map(async (consultation) =>
        (await request(sql, { consultation, user: at.doctor })).outcome
      ),
      many(10, async () => (await claimNext(sql)).outcome),
    ]);
    assertEquals(outcomes.flat().filter((outcome) => outcome === "claimed").length, 5);
    const [{ processing }] = await sql`
      select count(*)::int as processing from public.summaries where status = 'processing'`;
    assertEquals(processing, 5);
    assertEquals(await claimNext(sql), { outcome: "full" });
  } finally {
    await db.close();
  }
});

Deno.test("a slot that is given up can be claimed again", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 1);
    const ends = [complete, fail, release];
    for (const end of ends) {
      const [first, second] = await queue(sql, await clinic(sql), 2);
      const [token, other] = [newToken(), newToken()];
      assertEquals((await claim(sql, first, token)).outcome, "claimed");
      assertEquals(await claim(sql, second), { outcome: "full" });
      await end(sql, first, token);
      assertEquals((await claim(sql, second, other)).outcome, "claimed");
      await complete(sql, second, other);
    }
  } finally {
    await db.close();
  }
});

Deno.test("a clinic that queues many does not make another wait", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 1);
    const big = await clinic(sql);
    await queue(sql, big, 12);
    const small = [await clinic(sql), await clinic(sql)];
    for (const id of small) await queue(sql, id, 2);
    const order: string[] = [];
    for (;;) {
      const token = newToken();
      const { outcome, job } = await claimNext(sql, token);
      if (outcome !== "claimed") break;
      order.push(job.clinic_id === big ? "big" : `small ${small.indexOf(job.clinic_id)}`);
      await complete(sql, job.summary_id, token);
    }
    assertEquals(order.slice(0, 6).sort(), [
      "big",
      "big",
      "small 0",
      "small 0",
      "small 1",
      "small 1",
    ]);
    assertEquals(new Set(order.slice(0, 3)).size, 3);
    assertEquals(order.length, 16);
  } finally {
    await db.close();
  }
});

Deno.test("with several slots, the clinic with the fewest in flight comes next", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [one, two] = [await clinic(sql), await clinic(sql)];
    const ones = await queue(sql, one, 4);
    await claim(sql, ones[0]);
    await claim(sql, ones[1]);
    await queue(sql, two, 3);
    const next = async () => (await claimNext(sql)).job.clinic_id === one ? "one" : "two";
    assertEquals([await next(), await next()], ["two", "two"]);
  } finally {
    await db.close();
  }
});

Deno.test("within a clinic the oldest due one comes next, and one that waits is passed over", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [first, second, third] = await queue(sql, await clinic(sql), 3);
    await sql`update summaries_private.summary_jobs set run_after = now() + interval '1 hour' where summary_id = ${first}`;
    assertEquals((await claimNext(sql)).job.summary_id, second);
    assertEquals((await claimNext(sql)).job.summary_id, third);
    assertEquals((await claimNext(sql)).outcome, "nothing");
    assertEquals(await claim(sql, first), { outcome: "nothing", status: "queued" });
  } finally {
    await db.close();
  }
});

Deno.test("a lease that ran out can be taken over, even when all slots are in use", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 2);
    const [first, second] = await queue(sql, await clinic(sql), 3);
    await claim(sql, first);
    await claim(sql, second);
    await expireLease(sql, first);
    await expireLease(sql, second);
    const taken = await claimNext(sql);
    assertEquals([taken.job.summary_id, taken.job.attempt], [first, 2]);
    assertEquals((await claim(sql, second)).job.attempt, 2);
    assertEquals((await claimNext(sql)).outcome, "full");
  } finally {
    await db.close();
  }
});

Deno.test("each of many queued summaries is completed once", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 6);
    const clinics = await many(10, () => clinic(sql));
    await Promise.all(clinics.map((id) => queue(sql, id, 30)));
    const claims: string[] = [];
    let most = 0;
    await many(8, async () => {
      const own = db.connect();
      for (;;) {
        const token = newToken();
        const { outcome, job } = await claimNext(own, token);
        if (outcome === "full") continue;
        if (outcome === "nothing") break;
        claims.push(job.summary_id);
        const [{ busy }] = await own`
          select count(*)::int as busy from public.summaries where status = 'processing'`;
        most = Math.max(most, busy);
        assertEquals(await complete(own, job.summary_id, token), "completed");
      }
    });
    assertEquals([claims.length, new Set(claims).size], [300, 300]);
    assert(most <= 6);
    const states = await sql`select status, count(*)::int from public.summaries group by 1`;
    assertEquals([...states], [{ status: "completed", count: 300 }]);
  } finally {
    await db.close();
  }
});

Deno.test("a user's request is a summary claimed with the caller's token", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql, { autoSummarize: false });
    const { consultation } = await uploaded(sql, at);
    const token = newToken();
    const template = { language: "Swedish" };
    const asked = { consultation, user: at.receptionist, template, token };
    const first = await request(sql, asked);
    assertEquals([first.outcome, first.job.attempt], ["claimed", 1]);
    assertEquals(
      [first.job.requested_by, first.job.submitted_by],
      [at.receptionist, "receptionist"],
    );
    assertEquals(await request(sql, asked), first);

    const id = first.job.summary_id;
    const again = async (changed: Partial<Parameters<typeof request>[1]>) =>
      await request(sql, { ...asked, token: newToken(), ...changed });
    const active = { outcome: "active", summary_id: id, status: "processing" };
    assertEquals(await again({}), { ...active, same: true });
    assertEquals(await again({ template: undefined }), { ...active, same: false });
    assertEquals(await again({ submittedBy: "doctor" }), { ...active, same: false });
    // Who asks without naming a speaker asks for whatever is under way.
    assertEquals(await again({ user: at.nurse }), { ...active, same: true });
    assertEquals(await again({ user: at.admin, submittedBy: "receptionist" }), {
      ...active,
      same: true,
    });
    assertEquals(await complete(sql, id, token), "completed");
    assertEquals((await again({ user: at.admin })).job.submitted_by, "doctor");
  } finally {
    await db.close();
  }
});

Deno.test("a request finds the summary that the upload started, and waits where no slot is free", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 0);
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.doctor);
    assertEquals(await request(sql, { consultation: file.consultation, user: at.doctor }), {
      outcome: "active",
      summary_id: file.summary,
      status: "queued",
      same: true,
    });
    await sql`update public.summaries set status = 'cancelled' where true`;
    const asked = await request(sql, { consultation: file.consultation, user: at.doctor });
    assertEquals([asked.outcome, asked.status], ["queued", "queued"]);
    await setSlots(sql, 1);
    assertEquals((await claim(sql, asked.summary_id)).outcome, "claimed");
  } finally {
    await db.close();
  }
});

Deno.test("requests are refused for strangers, for empty consultations and beyond the hourly limits", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql, { autoSummarize: false });
    const other = await scene(sql);
    const { consultation } = await uploaded(sql, at);
    const refused = (code: string, retry_after: number | null = null) => (
      { outcome: "refused", code, retry_after }
    );
    const ask = (user: string, about = consultation) => request(sql, { consultation: about, user });
    assertEquals(await ask(other.admin), refused("not_found"));
    assertEquals(await ask(at.doctor, crypto.randomUUID()), refused("not_found"));
    assertEquals(await ask(at.doctor, at.consultation), refused("no_recordings"));
    await sql`update public.clinic_members set disabled_at = now() where user_id = ${at.nurse}`;
    assertEquals(await ask(at.nurse), refused("not_found"));

    await sql`update summaries_private.settings set user_requests_per_hour = 2, clinic_requests_per_hour = 3 where only_row`;
    const askAndEnd = async (user: string) => {
      const answer = await ask(user);
      await sql`update public.summaries set status = 'cancelled' where status = 'processing'`;
      return answer;
    };
    assertEquals((await askAndEnd(at.doctor)).outcome, "claimed");
    await age(sql, 50);
    assertEquals((await askAndEnd(at.doctor)).outcome, "claimed");
    const limited = await askAndEnd(at.doctor);
    assertEquals(limited, refused("rate_limited", limited.retry_after));
    assert(limited.retry_after > 540 && limited.retry_after <= 600);
    assertEquals((await askAndEnd(at.admin)).outcome, "claimed");
    // The clinic's limit.
    assertEquals((await askAndEnd(at.receptionist)).code, "rate_limited");
    await age(sql, 10);
    assertEquals((await askAndEnd(at.doctor)).outcome, "claimed");
  } finally {
    await db.close();
  }
});

Deno.test("the hourly limit holds for requests in parallel", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await sql`update summaries_private.settings set clinic_requests_per_hour = 3 where only_row`;
    const at = await scene(sql, { autoSummarize: false });
    const consultations: string[] = [];
    for (let n = 0; n < 9; n++) consultations.push((await uploaded(sql, at)).consultation);
    const users = await many(9, () => member(sql, at.clinic, "doctor"));
    const outcomes = await many(9, async (n) => {
      const asked = { consultation: consultations[n], user: users[n] };
      return (await request(sql, asked)).outcome;
    });
    assertEquals(outcomes.filter((outcome) => outcome === "claimed").length, 3);
  } finally {
    await db.close();
  }
});

Deno.test("a request, a client's insert and an upload at once make one summary", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql, { autoSummarize: false });
    for (let round = 0; round < 5; round++) {
      const { consultation } = await uploaded(sql, at);
      const [first, second, inserted] = await Promise.all([
        request(sql, { consultation, user: at.doctor }),
        request(sql, { consultation, user: at.doctor }),
        db.as(
          "authenticated",
          { sub: at.doctor },
          (tx) => tx`insert into public.summaries (consultation_id) values (${consultation})`,
        )
          .then(() => "inserted", (error) => error.code as string),
      ]);
      const outcomes = [first.outcome, second.outcome, inserted].sort();
      const made = outcomes.filter((outcome) => outcome === "claimed" || outcome === "inserted");
      assertEquals([made.length, outcomes.length], [1, 3], String(outcomes));
      assert(
        outcomes.every((outcome) => ["claimed", "inserted", "active", "23505"].includes(outcome)),
      );
    }
  } finally {
    await db.close();
  }
});

Deno.test("a worker that lost its lease changes nothing", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const file = await uploaded(sql, { clinic: await clinic(sql) });
    const [old, token] = [newToken(), newToken()];
    await claim(sql, file.summary, old);
    await expireLease(sql, file.summary);
    await claim(sql, file.summary, token);
    const before = await summaryRow(sql, file.summary);
    const [{ heartbeat }] = await sql`
      select public.heartbeat_summary(${file.summary}, ${old}, 'checking') as heartbeat`;
    assertEquals(heartbeat, false);
    assertEquals(await save(sql, file.summary, old, file), "lost");
    assertEquals(await complete(sql, file.summary, old), "lost");
    assertEquals(await fail(sql, file.summary, old), { outcome: "lost" });
    assertEquals(await release(sql, file.summary, old), false);
    assertEquals(await summaryRow(sql, file.summary), before);
    assertEquals((await sql`select from public.extractions`).count, 0);
    assertEquals((await sql`select from public.summary_recordings`).count, 0);
    assertEquals(await complete(sql, file.summary, token), "completed");
    assertEquals(await complete(sql, file.summary, old), "lost");
  } finally {
    await db.close();
  }
});
