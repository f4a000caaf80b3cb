import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, queued, setSlots } from "./rows.ts";
import {
  claim,
  claimNext,
  complete,
  heartbeat,
  newToken,
  summaryRow,
  sweep,
} from "./worker_calls.ts";

const turn = async (sql: postgres.Sql, clinic: string) =>
  (await sql`select served_at::text, next_due::text from summaries_private.turns
    where clinic_id = ${clinic}`)[0];

const firstDue = async (sql: postgres.Sql, clinic: string) =>
  (await sql`select coalesce(min(run_after), 'infinity')::text as first
    from summaries_private.summary_jobs where clinic_id = ${clinic}`)[0].first;

Deno.test("a clinic that queues many does not make another wait", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 1);
    const big = await clinic(sql);
    await queued(sql, big, 500);
    await claimNext(sql).then(({ job }) =>
      sql`update public.summaries set status = 'cancelled' where id = ${job.summary_id}`
    );
    const small = [await clinic(sql), await clinic(sql)];
    for (const id of small) await queued(sql, id, 2);
    const order: string[] = [];
    for (let n = 0; n < 8; n++) {
      const token = newToken();
      const { job } = await claimNext(sql, token);
      order.push(job.clinic_id === big ? "big" : `small ${small.indexOf(job.clinic_id)}`);
      await complete(sql, job.summary_id, token, []);
    }
    // In turns, as long as each has one.
    assertEquals(order.slice(0, 2).sort(), ["small 0", "small 1"]);
    assertEquals(order[2], "big");
    assertEquals(order.slice(3, 5).sort(), ["small 0", "small 1"]);
    assertEquals(order.slice(5), ["big", "big", "big"]);
  } finally {
    await db.close();
  }
});

Deno.test("the clinic with the fewest in flight comes next, then the one served longest ago", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const names = ["one", "two", "three"];
    const ids: string[] = [];
    for (const _ of names) ids.push(await clinic(sql));
    for (const id of ids) await queued(sql, id, 4);
    // Served just now, and still the one that has the least in flight.
    for (const n of [0, 0, 1]) {
      const [{ id }] = await sql`select summary_id as id from summaries_private.summary_jobs
        where clinic_id = ${ids[n]} and run_after is not null limit 1`;
      await claim(sql, id);
    }
    await sql`update summaries_private.turns set served_at = now() where clinic_id = ${ids[2]}`;
    const next = async () => names[ids.indexOf((await claimNext(sql)).job.clinic_id)];
    assertEquals(await next(), "three");
    // Of two and three, which have one each.
    assertEquals(await next(), "two");
    assertEquals(await next(), "three");
    assertEquals(await next(), "one");
  } finally {
    await db.close();
  }
});

Deno.test("within a clinic the one due first comes next, and one that waits is passed over", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const id = await clinic(sql);
    const [first, second, third] = [
      ...await queued(sql, id, 1),
      ...await queued(sql, id, 1),
      ...await queued(sql, id, 1),
    ];
    await sql`update summaries_private.summary_jobs set run_after = now() + interval '1 hour'
      where summary_id = ${first}`;
    assertEquals((await claimNext(sql)).job.summary_id, second);
    assertEquals((await claimNext(sql)).job.summary_id, third);
    assertEquals((await claimNext(sql)).outcome, "nothing");
    assertEquals((await turn(sql, id)).next_due, await firstDue(sql, id));
  } finally {
    await db.close();
  }
});

Deno.test("a claim notes what its clinic has due next, and that it was served", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const id = await clinic(sql);
    assertEquals(await turn(sql, id), { served_at: "-infinity", next_due: "infinity" });
    await queued(sql, id, 1);
    await queued(sql, id, 1);
    const both = (await turn(sql, id)).next_due;
    assertEquals(both, await firstDue(sql, id));
    await claimNext(sql);
    const one = await turn(sql, id);
    assertEquals(one.next_due, await firstDue(sql, id));
    assert(one.next_due !== both && one.served_at !== "-infinity");
    await claimNext(sql);
    assertEquals((await turn(sql, id)).next_due, "infinity");
  } finally {
    await db.close();
  }
});

const wrong = (sql: postgres.Sql, clinic: string) =>
  sql`update summaries_private.turns set next_due = 'infinity' where clinic_id = ${clinic}`;

Deno.test("a note that says nothing waits is put right by the sweep", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [noted, forgotten] = [await clinic(sql), await clinic(sql)];
    await queued(sql, noted, 3);
    await queued(sql, forgotten, 3);
    await wrong(sql, forgotten);
    assertEquals((await claimNext(sql)).job.clinic_id, noted);
    // It would be its turn.
    assertEquals((await claimNext(sql)).job.clinic_id, noted);
    await sweep(sql);
    assertEquals((await turn(sql, forgotten)).next_due, await firstDue(sql, forgotten));
    assertEquals((await claimNext(sql)).job.clinic_id, forgotten);
  } finally {
    await db.close();
  }
});

Deno.test("a note that says nothing waits is put right by a claim when nothing else is due", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const forgotten = await clinic(sql);
    await queued(sql, forgotten, 2);
    await wrong(sql, forgotten);
    assertEquals((await claimNext(sql)).job.clinic_id, forgotten);
    assertEquals((await turn(sql, forgotten)).next_due, await firstDue(sql, forgotten));
  } finally {
    await db.close();
  }
});

Deno.test("a note of what is gone keeps nobody from their turn", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [gone, other] = [await clinic(sql), await clinic(sql)];
    await queued(sql, gone, 2);
    await sql`delete from public.summaries where clinic_id = ${gone}`;
    await queued(sql, other, 1);
    assertEquals((await claimNext(sql)).job.clinic_id, other);
    assertEquals((await turn(sql, gone)).next_due, "infinity");
  } finally {
    await db.close();
  }
});

Deno.test("what is next is found through indexes however many wait and have ended, and heartbeats stay HOT", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push(await clinic(sql));
    await sql`insert into public.consultations (clinic_id)
      select ${ids[0]} from generate_series(1, 3000)`;
    await sql`insert into public.summaries (clinic_id, consultation_id, status, started_at, ended_at)
      select clinic_id, id, 'failed', now(), now() from public.consultations`;
    for (const id of ids) await queued(sql, id, 500);
    for (const table of ["public.summaries", "summaries_private.summary_jobs"]) {
      await sql`vacuum analyze ${sql(table)}`;
    }
    const pages = await sql.begin(async (tx) => {
      const look = () =>
        tx`explain (analyze, buffers, format json) select summaries_private.choose(null, '{}')`;
      // The first one reads the catalog, too.
      await look();
      const [{ "QUERY PLAN": [{ Plan: plan }] }] = await look();
      return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    });
    assert(pages < 40, `${pages} pages`);

    const token = newToken();
    const { job } = await claimNext(sql, token);
    assertEquals((await summaryRow(sql, job.summary_id)).status, "processing");
    const updates = await sql.begin(async (tx) => {
      const counted = async () =>
        (await tx`select n_tup_upd::int as updated, n_tup_hot_upd::int as hot
          from pg_stat_xact_user_tables where relname = 'slots'`)[0];
      const before = await counted();
      for (let beat = 0; beat < 10; beat++) {
        await heartbeat(tx, job.summary_id, token, "extracting");
      }
      const after = await counted();
      return [after.updated - before.updated, after.hot - before.hot];
    });
    assertEquals(updates, [10, 10]);
  } finally {
    await db.close();
  }
});
