import { assertEquals } from "@std/assert";
import type { Database } from "./harness.ts";
import { database } from "./harness.ts";
import { outcome, signedIn } from "./outcome.ts";
import { scene, upload, uploaded } from "./rows.ts";
import {
  claim,
  claimNext,
  complete,
  completeAndNext,
  inputs,
  newToken,
  save,
} from "./worker_calls.ts";

/** A recording that was heard to its end, and the summary that was made of it. */
async function heard(db: Database) {
  const { sql } = db;
  const at = await scene(sql);
  const file = await uploaded(sql, at);
  const token = newToken();
  await claim(sql, file.summary, token);
  await save(sql, file.summary, token, file);
  await complete(sql, file.summary, token);
  const again = (user: string) =>
    db.as(
      "authenticated",
      { sub: user },
      async (tx) => (await tx`select public.listen_again(${file.recording}) as id`)[0].id as string,
    );
  return { at, file, again };
}

/** What a worker is given of the recording. */
async function given(db: Database, summary: string) {
  const [{ answer }] = await db.sql`select summaries_private.inputs(${summary}) as answer`;
  const [{ take, extractions, earlier }] = answer.recordings;
  return { take, parts: extractions.length, earlier: earlier.length };
}

Deno.test("a recording is listened to again for whoever may edit, and for nobody else", async () => {
  const db = await database();
  try {
    const { at, file } = await heard(db);
    const other = await scene(db.sql);
    const ask = `select public.listen_again('${file.recording}')`;
    assertEquals(await outcome(db, signedIn(at.receptionist), ask), "PT403");
    assertEquals(await outcome(db, signedIn(other.doctor), ask), "PT404");
    for (const user of [at.doctor, at.nurse, at.admin]) {
      assertEquals(await outcome(db, signedIn(user), ask), "yes");
    }
    await db.sql`update public.recordings set deleted_at = now() where id = ${file.recording}`;
    assertEquals(await outcome(db, signedIn(at.doctor), ask), "PT404");
  } finally {
    await db.close();
  }
});

Deno.test("what was heard before counts until the new take has its last part", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { at, file, again } = await heard(db);
    const summary = await again(at.nurse);
    assertEquals(await given(db, summary), { take: 2, parts: 0, earlier: 1 });
    const [event] = await sql`select summary_id, actor, detail from public.summary_events
      where event = 'listen'`;
    assertEquals(event, {
      summary_id: summary,
      actor: at.nurse,
      detail: { recording_id: file.recording, take: 2 },
    });
    const token = newToken();
    await claim(sql, summary, token);
    await save(sql, summary, token, file, 0, null, { take: 2, isLast: false });
    assertEquals(await given(db, summary), { take: 2, parts: 1, earlier: 1 });
    await save(sql, summary, token, file, 1, null, { take: 2 });
    assertEquals(await given(db, summary), { take: 2, parts: 2, earlier: 0 });
    assertEquals(await complete(sql, summary, token), "completed");
    const used = await sql`select take from public.summary_recordings
      where recording_id = ${file.recording} order by 1`;
    assertEquals(used.map(({ take }) => take), [1, 2]);
  } finally {
    await db.close();
  }
});

Deno.test("a summary under way that used the take before is stale, and finds the new one", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { at, file, again } = await heard(db);
    await upload(sql, file.path.replace(/[^/]+$/, `${crypto.randomUUID()}.webm`));
    const token = newToken();
    const { job } = await claimNext(sql, token);
    const used = await inputs(sql, job.summary_id);
    assertEquals(await again(at.doctor), job.summary_id);
    assertEquals((await completeAndNext(sql, job.summary_id, token, null, used)).outcome, "stale");
    assertEquals(await complete(sql, job.summary_id, token), "completed");
  } finally {
    await db.close();
  }
});

Deno.test("a recording that is still being listened to isn't begun anew", async () => {
  const db = await database();
  try {
    const { at, file, again } = await heard(db);
    await again(at.doctor);
    const ask = `select public.listen_again('${file.recording}')`;
    assertEquals(await outcome(db, signedIn(at.doctor), ask), "PT409");
    const [{ take }] = await db
      .sql`select take from public.recordings where id = ${file.recording}`;
    assertEquals(take, 2);
  } finally {
    await db.close();
  }
});

Deno.test("listening again counts as asking, and has its limit", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { at, file } = await heard(db);
    await sql`update summaries_private.settings set clinic_requests_per_hour = 1 where only_row`;
    const ask = `select public.listen_again('${file.recording}')`;
    assertEquals(await outcome(db, signedIn(at.doctor), ask), "PGRST");
    const [{ take }] = await sql`select take from public.recordings where id = ${file.recording}`;
    assertEquals(take, 1);
  } finally {
    await db.close();
  }
});
