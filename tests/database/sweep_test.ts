import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { database } from "./harness.ts";
import { clinic, queued } from "./rows.ts";
import { claimNext, expireLease, newToken, summaryRow, sweep } from "./worker_calls.ts";

const STEPS = [
  "replay_missed_uploads",
  "look_for_uploads",
  "keep_to_budgets",
  "note_turns",
  "tell_what_waits",
  "wake_for_free_slots",
  "wake_for_cleanup",
  "prune",
  "prune_cron",
  "fit_partitions",
];

/** Two summaries whose workers are gone. */
async function lost(sql: postgres.Sql) {
  await queued(sql, await clinic(sql), 2);
  const ids: string[] = [];
  for (let n = 0; n < 2; n++) {
    const { job } = await claimNext(sql);
    ids.push(job.summary_id);
    await expireLease(sql, job.summary_id);
  }
  return ids;
}

const status = async (sql: postgres.Sql, id: string) => (await summaryRow(sql, id)).status;

Deno.test("the sweep is scheduled, and prunes the traces of its runs", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [job] = await sql`select jobid, schedule, command, username from cron.job`;
    assertEquals([job.schedule, job.username], ["15 seconds", "postgres"]);
    const administrator = db.connect("supabase_admin");
    await administrator`insert into cron.job_run_details (jobid, username, end_time) values
      (${job.jobid}, 'postgres', now() - interval '2 days'), (${job.jobid}, 'postgres', now())`;
    await sql.unsafe(job.command);
    assertEquals((await administrator`select from cron.job_run_details`).count, 1);
  } finally {
    await db.close();
  }
});

for (const broken of STEPS) {
  Deno.test(`when ${broken} breaks, the rest of the sweep is done`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      const [first, second] = await lost(sql);
      const ran: string[] = [];
      for (const step of STEPS) {
        await sql.unsafe(`
          create or replace function summaries_private.${step}() returns void
          language plpgsql security definer set search_path = '' as $$
          begin
            insert into public.ran values ('${step}');
            ${step === broken ? "raise division_by_zero;" : ""}
          end $$`);
      }
      await sql`create table public.ran (step text)`;
      await sweep(sql);
      for (const { step } of await sql`select step from public.ran`) ran.push(step);
      assertEquals(ran, STEPS.filter((step) => step !== broken));
      assertEquals([await status(sql, first), await status(sql, second)], ["queued", "queued"]);
      assert((await sql`select last_at from summaries_private.sweeps`)[0].last_at !== null);
    } finally {
      await db.close();
    }
  });
}

const locks = {
  "its consultation": `select from public.consultations
    where id = (select consultation_id from public.summaries where id = $1) for update`,
  "the summary": "select from public.summaries where id = $1 for update",
  "its job": "select from summaries_private.summary_jobs where summary_id = $1 for update",
  "its slot": "select from summaries_private.slots where summary_id = $1 for update",
};

for (const [what, lock] of Object.entries(locks)) {
  Deno.test(`while somebody has locked ${what}, the sweep takes back the others, and this one afterwards`, async () => {
    const db = await database();
    try {
      const { sql } = db;
      const [locked, other] = await lost(sql);
      const holder = await db.connect().reserve();
      await holder`begin`;
      await holder.unsafe(lock, [locked]);
      await sweep(sql);
      assertEquals([await status(sql, locked), await status(sql, other)], ["processing", "queued"]);
      await holder`commit`;
      holder.release();
      await sweep(sql);
      assertEquals(await status(sql, locked), "queued");
    } finally {
      await db.close();
    }
  });
}

/** Until the test has looked: a sweep waits here for the lock that the test has. */
const WAIT = "pg_advisory_xact_lock(4711)";

/** Takes that lock, and gives what waits until a sweep has come there, and what lets it go on. */
async function gate(connection: postgres.Sql) {
  const holder = await connection.reserve();
  await holder`select pg_advisory_lock(4711)`;
  return {
    reached: async () => {
      for (let waits = 0; waits === 0;) {
        [{ waits }] = await holder`select count(*)::int as waits from pg_locks
          where locktype = 'advisory' and not granted and objid = 4711`;
      }
    },
    open: async () => {
      await holder`select pg_advisory_unlock(4711)`;
      holder.release();
    },
  };
}

Deno.test("each is taken back by itself: what the sweep did stays so when it is cut off", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const ids = await lost(sql);
    await sql.unsafe(`
      create sequence public.taken;
      create function public.wait_at_second() returns trigger language plpgsql as $$
      begin
        if nextval('public.taken') = 2 then
          perform ${WAIT};
        end if;
        return new;
      end $$;
      create trigger wait before update of status on public.summaries
        for each row execute function public.wait_at_second()`);
    const { reached, open } = await gate(db.connect());
    const cut = sweep(db.connect()).then(() => "ended", () => "cut off");
    await reached();
    const states = async () => (await Promise.all(ids.map((id) => status(sql, id)))).sort();
    assertEquals(await states(), ["processing", "queued"]);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where query like '%sweep_some%' and pid <> pg_backend_pid() and datname = current_database()
        and wait_event_type = 'Lock'`;
    assertEquals(await cut, "cut off");
    assertEquals(await states(), ["processing", "queued"]);
    await open();
    // Its lock is gone with it.
    await sweep(sql);
    assertEquals(await states(), ["queued", "queued"]);
  } finally {
    await db.close();
  }
});

Deno.test("while one sweep runs, another does nothing", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [id] = await lost(sql);
    // Before it takes anything back, the first one waits here for as long as the test wants.
    await sql.unsafe(`
      create or replace function summaries_private.look_for_uploads() returns void
      language plpgsql security definer set search_path = '' as $$
      begin
        perform ${WAIT};
      end $$`);
    const { reached, open } = await gate(db.connect());
    const first = sweep(db.connect());
    await reached();
    await sweep(sql);
    assertEquals(await status(sql, id), "processing");
    await open();
    await first;
    assertEquals(await status(sql, id), "queued");
    // It gave its place back.
    await claimNext(sql, newToken());
    await sql`update summaries_private.slots set lease_expires_at = now() where summary_id is not null`;
    await sweep(sql);
    assertEquals(
      (await sql`select from summaries_private.slots where summary_id is not null`).count,
      0,
    );
  } finally {
    await db.close();
  }
});
