import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { until } from "./platform.ts";
import { clinic, queued, setSlots } from "./rows.ts";
import {
  claimNext,
  complete,
  completeAndNext,
  expireLease,
  fail,
  newToken,
  release,
  sweep,
} from "./worker_calls.ts";

const many = <T>(count: number, make: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

/** All of it as of one moment. */
async function slots(sql: postgres.Sql) {
  const [counted] = await sql<
    { busy: number; free: number; surplus: number; wanted: number; processing: number }[]
  >`
    select count(summary_id)::int as busy, count(*) filter (where summary_id is null)::int as free,
      count(*) filter (where surplus)::int as surplus,
      (select max_in_flight from summaries_private.settings) as wanted,
      (select count(*)::int from public.summaries where status = 'processing') as processing
    from summaries_private.slots`;
  return counted;
}

Deno.test("of a hundred that claim at once, as many get one as there are slots", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const clinics = await many(5, () => clinic(sql));
    for (const id of clinics) await queued(sql, id, 20);
    const connections = await many(100, () => db.connect().reserve());
    const outcomes = await Promise.all(
      connections.map(async (own) => (await claimNext(own)).outcome),
    );
    const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
    assertEquals([count("claimed"), count("full")], [20, 80]);
    assertEquals(await slots(sql), { busy: 20, free: 0, surplus: 0, wanted: 20, processing: 20 });
  } finally {
    await db.close();
  }
});

Deno.test("the limit goes from 20 to 5 to 200 while thirty are at work, and holds each time", async () => {
  const db = await database();
  try {
    const { sql } = db;
    for (const id of await many(6, () => clinic(sql))) await queued(sql, id, 400);
    let stop = false;
    /** Takes one after the other, and ends them in all the ways that there are. */
    const work = async (n: number) => {
      const own = await db.connect().reserve();
      for (let turn = n; !stop; turn++) {
        const token = newToken();
        const { job } = await claimNext(own, token);
        if (!job) continue;
        const id = job.summary_id;
        if (turn % 5 === 0) await fail(own, id, token, { fault: "final" });
        else if (turn % 5 === 1) await release(own, id, token);
        else if (turn % 5 === 2) {
          await own`update public.summaries set status = 'cancelled' where id = ${id}`;
        } else {
          const next = newToken();
          const done = await completeAndNext(own, id, token, next, []);
          if (done.next) await complete(own, done.next.job.summary_id, next, []);
        }
      }
    };
    const workers = many(30, work);
    const look = async (samples: number, check: (busy: number) => void) => {
      for (let n = 0; n < samples; n++) {
        const { busy, free, surplus, wanted, processing } = await slots(sql);
        assertEquals([busy + free - surplus, processing], [wanted, busy]);
        check(busy);
      }
    };
    try {
      await until(async () => (await slots(sql)).busy > 5);
      let most = 0;
      await look(40, (busy) => most = Math.max(most, busy));
      assert(most > 5 && most <= 20, `${most} of 20`);
      await setSlots(sql, 5);
      let before = 20;
      await look(60, (busy) => {
        assert(busy <= Math.max(5, before), `${busy} after ${before}`);
        before = busy;
      });
      await setSlots(sql, 200);
      await until(async () => (await slots(sql)).busy > 5);
      most = 0;
      await look(40, (busy) => most = Math.max(most, busy));
      assert(most > 5, `${most} of 200`);
    } finally {
      stop = true;
      await workers;
    }
    assertEquals(await slots(sql), { busy: 0, free: 200, surplus: 0, wanted: 200, processing: 0 });
  } finally {
    await db.close();
  }
});

Deno.test("while more are at work than may be, none is taken for one that ends, whichever it is", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await queued(sql, await clinic(sql), 10);
    const working = [];
    for (let n = 0; n < 4; n++) {
      const token = newToken();
      working.push({ token, id: (await claimNext(sql, token)).job.summary_id });
    }
    await setSlots(sql, 2);
    for (const busy of [3, 2]) {
      const { id, token } = working.pop()!;
      assertEquals(await completeAndNext(sql, id, token), { outcome: "completed", next: null });
      assertEquals((await slots(sql)).busy, busy);
      assertEquals((await claimNext(sql)).outcome, "full");
    }
    const { id, token } = working.pop()!;
    assert((await completeAndNext(sql, id, token)).next.job);
    assertEquals(await slots(sql), { busy: 2, free: 0, surplus: 0, wanted: 2, processing: 2 });
  } finally {
    await db.close();
  }
});

Deno.test("with 0 nothing is started, and what is at work ends", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [id] = await queued(sql, await clinic(sql), 2);
    const token = newToken();
    await claimNext(sql, token);
    await setSlots(sql, 0);
    assertEquals(await completeAndNext(sql, id, token), { outcome: "completed", next: null });
    assertEquals(await claimNext(sql), { outcome: "full" });
    assertEquals(await slots(sql), { busy: 0, free: 0, surplus: 0, wanted: 0, processing: 0 });
    await setSlots(sql, 1);
    assertEquals((await claimNext(sql)).outcome, "claimed");
  } finally {
    await db.close();
  }
});

type End = (sql: postgres.Sql, id: string, token: string) => PromiseLike<unknown>;

const ends: Record<string, End> = {
  "is completed": complete,
  "has failed": (sql, id, token) => fail(sql, id, token, { fault: "final" }),
  "is to be tried again": (sql, id, token) => fail(sql, id, token),
  "is released": release,
  "is cancelled": (sql, id) =>
    sql`update public.summaries set status = 'cancelled' where id = ${id}`,
  "is taken back, its lease ran out": async (sql, id) => {
    await expireLease(sql, id);
    await sweep(sql);
  },
  "is deleted": (sql, id) => sql`delete from public.summaries where id = ${id}`,
  "is deleted with its consultation": (sql, id) =>
    sql`delete from public.consultations where id = (
      select consultation_id from public.summaries where id = ${id})`,
  "is deleted with its clinic": (sql) => sql`delete from public.clinics where true`,
};

for (const [how, end] of Object.entries(ends)) {
  Deno.test(`a slot is free when its summary ${how}`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      await setSlots(sql, 1);
      const [id] = await queued(sql, await clinic(sql), 1);
      const token = newToken();
      await claimNext(sql, token);
      const other = await clinic(sql);
      assertEquals((await slots(sql)).free, 0);
      await end(sql, id, token);
      assertEquals(await slots(sql), { busy: 0, free: 1, surplus: 0, wanted: 1, processing: 0 });
      await queued(sql, how.includes("clinic") ? await clinic(sql) : other, 1);
      assertEquals((await claimNext(sql)).outcome, "claimed");
    } finally {
      await db.close();
    }
  });
}
