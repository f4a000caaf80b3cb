import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, queued, scene, setSlots, upload, uploaded } from "./rows.ts";
import {
  claim,
  claimNext,
  cleaned,
  complete,
  completeAndNext,
  endPause,
  fail,
  makeDue,
  newToken,
  release,
  request,
  sweep,
} from "./worker_calls.ts";

const withSecrets = (sql: postgres.Sql) =>
  sql`select vault.create_secret('http://host:1', 'project_url'),
    vault.create_secret('hint_x', 'hint_key')`;

/** How many loops were woken since the last look. */
const woken = async (sql: postgres.Sql): Promise<number> =>
  (await sql`delete from net.http_request_queue where true`).count;

Deno.test("a hint names nothing, and carries the key in apikey", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await withSecrets(sql);
    await uploaded(sql, { clinic: await clinic(sql) });
    const requests = await sql`
      select method, url, headers, convert_from(body, 'utf8')::jsonb as body, timeout_milliseconds
      from net.http_request_queue`;
    assertEquals([...requests], [{
      method: "POST",
      url: "http://host:1/functions/v1/generate-summary",
      headers: { "Content-Type": "application/json", apikey: "hint_x" },
      body: {},
      timeout_milliseconds: 5000,
    }]);
  } finally {
    await db.close();
  }
});

Deno.test("without secrets there are no hints", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await sql`select vault.create_secret('http://host:1', 'project_url')`;
    await uploaded(sql, { clinic: await clinic(sql) });
    await sweep(sql);
    assertEquals(await woken(sql), 0);
  } finally {
    await db.close();
  }
});

Deno.test("whoever asks for a summary wakes a worker, in whichever way", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await withSecrets(sql);
    const at = await scene(sql, { autoSummarize: false });
    const { consultation } = await uploaded(sql, at);
    const end = () => sql`update public.summaries set status = 'cancelled' where status = 'queued'`;
    for (const who of ["authenticated", "service_role"] as const) {
      await db.as(
        who,
        { sub: at.doctor },
        (tx) => tx`insert into public.summaries (consultation_id) values (${consultation})`,
      );
      assertEquals(await woken(sql), 1);
      await end();
    }
    assertEquals((await request(sql, { consultation, user: at.doctor })).outcome, "queued");
    assertEquals(await woken(sql), 1);
  } finally {
    await db.close();
  }
});

Deno.test("when no slot is free nobody is woken; a slot that gets free wakes one, if something is due", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 1);
    const [first] = await queued(sql, await clinic(sql), 1);
    const token = newToken();
    await claim(sql, first, token);
    await withSecrets(sql);
    const [second, third] = await queued(sql, await clinic(sql), 2);
    await sweep(sql);
    assertEquals(await woken(sql), 0);

    await complete(sql, first, token, []);
    assertEquals(await woken(sql), 1);
    await claim(sql, second, token);
    await fail(sql, second, token);
    assertEquals(await woken(sql), 1);
    await claim(sql, third, token);
    await release(sql, third, token);
    assertEquals(await woken(sql), 1);
    await claim(sql, third, token);
    await sql`update public.summaries set status = 'cancelled' where id = ${third}`;
    assertEquals(await woken(sql), 0);
    await makeDue(sql, second);
    await sweep(sql);
    assertEquals(await woken(sql), 1);
  } finally {
    await db.close();
  }
});

Deno.test("who goes on with the slot wakes nobody", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [first] = await queued(sql, await clinic(sql), 2);
    await withSecrets(sql);
    const [token, next] = [newToken(), newToken()];
    await claim(sql, first, token);
    const { next: { job } } = await completeAndNext(sql, first, token, next);
    await completeAndNext(sql, job.summary_id, next);
    assertEquals(await woken(sql), 0);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep wakes as many as there are slots and due summaries, fifty at most", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 4);
    const ids = await queued(sql, await clinic(sql), 3);
    await queued(sql, await clinic(sql), 57);
    await withSecrets(sql);
    await sweep(sql);
    assertEquals(await woken(sql), 4);
    await setSlots(sql, 200);
    // What becomes possible with more slots is not left to the sweep.
    assertEquals(await woken(sql), 50);
    await sweep(sql);
    assertEquals(await woken(sql), 50);
    await sql`delete from public.summaries where id <> all (${ids})`;
    await sweep(sql);
    assertEquals(await woken(sql), 3);
  } finally {
    await db.close();
  }
});

Deno.test("while the queue is held nobody is woken, and one for the probe", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await sql`update summaries_private.breaker
      set reason = 'provider', paused_until = now() + interval '1 minute' where only_row`;
    await withSecrets(sql);
    await queued(sql, await clinic(sql), 5);
    await sweep(sql);
    assertEquals(await woken(sql), 0);
    await endPause(sql);
    await sweep(sql);
    assertEquals(await woken(sql), 1);
  } finally {
    await db.close();
  }
});

Deno.test("the sweep wakes one for what has to be deleted, when nothing is due", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { summary } = await uploaded(sql, { clinic: await clinic(sql) });
    const token = newToken();
    await claim(sql, summary, token);
    await fail(sql, summary, token, { fault: "final", leftFiles: true });
    await setSlots(sql, 0);
    const [due] = await queued(sql, await clinic(sql), 1);
    await withSecrets(sql);
    await sweep(sql);
    assertEquals(await woken(sql), 0);
    await sql`update public.summaries set status = 'cancelled' where id = ${due}`;
    await sweep(sql);
    assertEquals(await woken(sql), 1);
    await setSlots(sql, 1);
    const cleaner = newToken();
    assertEquals((await claimNext(sql, cleaner)).summary_id, summary);
    await cleaned(sql, cleaner, summary);
    await sweep(sql);
    assertEquals(await woken(sql), 0);
  } finally {
    await db.close();
  }
});

Deno.test("a transaction that is rolled back wakes nobody and tells nobody", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await withSecrets(sql);
    const at = { clinic: await clinic(sql) };
    await sql.begin(async (tx) => {
      const [{ id }] = await tx`
        insert into public.consultations (clinic_id) values (${at.clinic}) returning id`;
      await upload(tx, `${at.clinic}/${id}/${crypto.randomUUID()}.webm`);
      throw new Error("undo");
    }).catch(() => {});
    assertEquals(await woken(sql), 0);
    assertEquals((await sql`select from realtime.messages`).count, 0);
  } finally {
    await db.close();
  }
});
