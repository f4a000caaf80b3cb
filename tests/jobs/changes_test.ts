/** Files arrive, are overwritten, moved and deleted at every moment of a run. */
import { assert, assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { createSummaries } from "../../clients/index.ts";
import { type Database, database } from "../database/harness.ts";
import { until } from "../database/platform.ts";
import { move, pathIn, remove, scene as makeRows, upload, uploaded } from "../database/rows.ts";
import { claimNext, complete, inputs, newToken, type UsedFile } from "../database/worker_calls.ts";
import { sample, type Scene, withStack } from "../e2e/harness.ts";
import { assertCleanedUp, holdCall, holdModel, passTime, stopCron, sweep } from "./run.ts";

const test = withStack();

/** What is done to the second of two files. */
type Change = "a file arrives" | "a file is overwritten" | "a file is moved" | "a file is deleted";
const CHANGES: Change[] = [
  "a file arrives",
  "a file is overwritten",
  "a file is moved",
  "a file is deleted",
];

/** As the service: members neither overwrite nor move. */
async function make(change: Change, scene: Scene, path: string): Promise<void> {
  const { url, keys } = scene.stack;
  const bucket = createClient(url, keys.secret, { auth: { persistSession: false } })
    .storage.from("consultations");
  const other = path.replace(/[^/]+$/, `${crypto.randomUUID()}.jpg`);
  const bytes = new Blob([await Deno.readFile(sample("prescription.jpg"))], { type: "image/jpeg" });
  const options = { contentType: "image/jpeg" };
  const { error } = change === "a file arrives"
    ? await bucket.upload(other, bytes, options)
    : change === "a file is overwritten"
    ? await bucket.upload(path, bytes, { ...options, upsert: true })
    : change === "a file is moved"
    ? await bucket.move(path, other)
    : await bucket.remove([path]);
  if (error) throw error;
}

/** Each version that is in Storage now, and what the newest summary says it was made from. */
async function covered({ stack, consultation }: Scene) {
  const [row] = await stack.sql`
    select s.status,
      (select array_agg(o.version order by o.version) from storage.objects o
        where split_part(o.name, '/', 2) = ${consultation}) as there,
      (select array_agg(u.object_version order by u.object_version)
        from public.summary_recordings u
        where u.summary_id = s.id and u.outcome = 'used') as used
    from public.summaries s where s.consultation_id = ${consultation}
    order by s.created_at desc limit 1`;
  return row;
}

const MOMENTS = {
  "before the claim": (scene: Scene) => holdCall(scene, "claim_next", "before"),
  "while the model listens": (scene: Scene) => holdModel(scene, ({ files }) => files.length > 0),
  "while the model composes": (scene: Scene) => holdModel(scene, ({ files }) => files.length === 0),
  "just before the result is written": (scene: Scene) =>
    holdCall(scene, "complete_summary", "before"),
  "just after the result was written": (scene: Scene) =>
    holdCall(scene, "complete_summary", "after"),
};

for (const [moment, hold] of Object.entries(MOMENTS)) {
  for (const change of CHANGES) {
    test(`${change} ${moment}: the summary covers what is there`, async (scene) => {
      await stopCron(scene.stack);
      const { sql } = scene.stack;
      await sql`update public.clinics set auto_summarize = false where id = ${scene.clinic.id}`;
      await scene.upload("consultation.webm");
      await sql`update public.clinics set auto_summarize = true where id = ${scene.clinic.id}`;
      const held = hold(scene);
      const path = await scene.upload("prescription.jpg");
      await held.reached;
      await make(change, scene, path);
      held.letGo();
      await until(async () => (await covered(scene)).status === "completed");
      // A summary that a change started is hinted by itself; its hint may have come too early.
      await passTime(scene);
      await sweep(scene);
      await until(async () => {
        const { status } = await covered(scene);
        assert(status !== "failed");
        return status === "completed";
      });
      const { there, used } = await covered(scene);
      assertEquals(used, there);
      assertEquals(
        there.length,
        { "a file arrives": 3, "a file is deleted": 1 }[change as string] ?? 2,
      );
      await assertCleanedUp(scene);
    });
  }
}

for (const [moment, hold] of Object.entries(MOMENTS)) {
  test(`a member takes a file back ${moment}: nothing is left of it`, async (scene) => {
    await stopCron(scene.stack);
    const { sql } = scene.stack;
    await scene.upload("consultation.webm");
    await scene.event({ status: "completed" });
    const held = hold(scene);
    const path = await scene.upload("prescription.jpg");
    await held.reached;
    const [{ id }] = await sql`select id from public.recordings where object_path = ${path}`;
    await createSummaries(scene.doctor).takeBack(id);
    held.letGo();
    const ended = () =>
      until(async () => {
        const { status } = await covered(scene);
        assert(status !== "failed");
        return status === "completed";
      });
    await ended();
    await passTime(scene);
    await sweep(scene);
    await ended();
    const { there, used } = await covered(scene);
    assertEquals([used, there.length], [there, 1]);
    const [{ sections, heard }] = await sql`
      select (select jsonb_agg(sections) from public.summaries)::text as sections,
        (select count(*) from public.extractions where recording_id = ${id})::integer as heard`;
    assertEquals([sections.includes(id), heard], [false, 0]);
    await assertCleanedUp(scene);
  });
}

for (const moment of ["while the model listens", "while the model composes"] as const) {
  test(`the consultation is deleted ${moment}: nothing is left at the model's service`, async (scene) => {
    await stopCron(scene.stack);
    const { sql, gemini } = scene.stack;
    const held = MOMENTS[moment](scene);
    await scene.upload("consultation.webm");
    await held.reached;
    await sql`delete from public.consultations where id = ${scene.consultation}`;
    held.letGo();
    await sql`update summaries_private.left_behind set cleanup_after = clock_timestamp() where true`;
    await sweep(scene);
    await until(async () => (await sql`select from summaries_private.left_behind`).count === 0);
    assertEquals([...gemini!.files.keys()], []);
  });
}

/** The transaction of a change and that of `complete_summary`, on connections of their own. */
async function race(
  db: Database,
  change: Change,
  first: "change" | "complete",
): Promise<{ answer: string; consultation: string }> {
  const at = await makeRows(db.sql);
  const file = await uploaded(db.sql, at);
  const second = pathIn({ clinic: at.clinic, consultation: file.consultation });
  await upload(db.sql, second);
  const token = newToken();
  await claimNext(db.sql, token);
  const used: UsedFile[] = await inputs(db.sql, file.summary);
  const [one, other] = [db.connect(), db.connect()];
  const other_path = pathIn({ clinic: at.clinic, consultation: file.consultation });
  const changing = (sql: typeof one) =>
    change === "a file arrives"
      ? upload(sql, other_path)
      : change === "a file is overwritten"
      ? upload(sql, second)
      : change === "a file is moved"
      ? move(sql, second, other_path)
      : remove(sql, second);
  const completing = (sql: typeof one) => complete(sql, file.summary, token, used);

  // The first has done its work and not committed when the second comes.
  const holder = await one.reserve();
  await holder`begin`;
  await holder`select set_config('storage.allow_delete_query', 'true', true)`;
  let answer = "";
  // deno-lint-ignore no-explicit-any -- a reserved connection does for these
  const inside = holder as any;
  if (first === "complete") answer = await completing(inside);
  else if (change === "a file is deleted") {
    await inside`delete from storage.objects where name = ${second}`;
  } else await changing(inside);
  const waiting = first === "change" ? completing(other) : changing(other);
  await until(async () =>
    (await db.sql`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`).count > 0
  );
  await holder`commit`;
  holder.release();
  if (first === "change") answer = String(await waiting);
  else await waiting;
  return { answer, consultation: file.consultation };
}

for (const change of CHANGES) {
  Deno.test(`${change} in a transaction that races complete_summary: it is stale, or made anew`, async () => {
    const db = await database();
    try {
      const before = await race(db, change, "change");
      assertEquals(before.answer, "stale");
      const after = await race(db, change, "complete");
      assertEquals(after.answer, "completed");
      const active = await db.sql`
        select from public.summaries
        where consultation_id = ${after.consultation} and status = 'queued'`;
      assertEquals(active.count, 1);
      assertEquals((await db.sql`select from summaries_private.missed_uploads`).count, 0);
    } finally {
      await db.close();
    }
  });
}
