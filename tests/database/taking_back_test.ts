import { assertEquals, assertNotEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { member, pathIn, remove, type Scene, scene, upload, uploaded } from "./rows.ts";
import {
  claim,
  claimNext,
  cleaned,
  complete,
  inputs,
  newToken,
  save,
  summaryRow,
} from "./worker_calls.ts";

/** A completed draft of one recording that the nurse uploaded, with what was heard in it. */
async function draft(db: Database) {
  const at = await scene(db.sql);
  const file = await uploaded(db.sql, at, at.nurse);
  const token = newToken();
  await claim(db.sql, file.summary, token);
  await save(db.sql, file.summary, token, file);
  await complete(db.sql, file.summary, token);
  return { at, ...file };
}

/** What a member's delete through Storage does: how many files went, or the refusal. */
async function takeBack(db: Database, user: string, path: string): Promise<number | string> {
  return await db.as("authenticated", { sub: user }, async (tx) => {
    await tx`select set_config('storage.allow_delete_query', 'true', true)`;
    return (await tx`delete from storage.objects where name = ${path} returning name`).count;
  }).catch((error) => error.detail ?? error.code);
}

async function change(
  db: Database,
  user: string,
  id: string,
  set: Record<string, string>,
): Promise<string> {
  const { version } = await summaryRow(db.sql, id);
  return await db.as("authenticated", { sub: user }, async (tx) => {
    const { count } = await tx`
      update public.summaries set ${tx({ ...set, version: version + 1 })} where id = ${id}`;
    return count === 1 ? "yes" : "none";
  }).catch((error) => error.detail ?? error.code);
}

const withdraw = (
  db: Database,
  user: string,
  id: string,
  reason: string | null = "Wrong patient.",
) =>
  db.as("authenticated", { sub: user }, async (tx) => {
    await tx`select public.withdraw_summary(${id}, ${reason})`;
    return "yes";
  }).catch((error) => error.detail ?? error.code);

const approve = (db: Database, at: Scene, id: string) =>
  change(db, at.doctor, id, { review_status: "approved" });

/** What members read of a consultation's words. */
async function words(db: Database, at: Scene, consultation: string) {
  return await db.as("authenticated", { sub: at.admin }, async (tx) => ({
    texts: (await tx`select summary, sections from public.summaries
      where consultation_id = ${consultation} and status = 'completed' order by created_at`)
      .map(({ summary, sections }) => [summary, sections.length]),
    heard: (await tx`select from public.extractions`).count,
    revisions: (await tx`select from public.summary_revisions`).count,
  }));
}

Deno.test("who uploaded it takes a recording back within an hour, doctors and admins always", async () => {
  const db = await database();
  try {
    const { at, path, recording } = await draft(db);
    const stranger = await scene(db.sql);
    const nurse = await member(db.sql, at.clinic, "nurse");
    for (const user of [nurse, at.receptionist, stranger.admin]) {
      assertEquals(await takeBack(db, user, path), 0);
    }
    const undone = async (user: string) =>
      await db.as("authenticated", { sub: user }, async (tx) => {
        await tx`select set_config('storage.allow_delete_query', 'true', true)`;
        const { count } = await tx`delete from storage.objects where name = ${path} returning name`;
        throw count;
      }).catch((count) => count);
    for (const user of [at.nurse, at.doctor, at.admin]) assertEquals(await undone(user), 1);
    await db.sql`update public.recordings set created_at = created_at - interval '61 minutes'
      where id = ${recording}`;
    assertEquals([await undone(at.nurse), await undone(at.doctor)], [0, 1]);
    // The hour is that of the upload that is there.
    assertEquals(await takeBack(db, at.doctor, path), 1);
    await upload(db.sql, path, { owner: at.nurse });
    assertEquals(await undone(at.nurse), 1);
  } finally {
    await db.close();
  }
});

Deno.test("what was heard and every text that was made from it go in the same transaction", async () => {
  const db = await database();
  try {
    const { at, path, recording, consultation, summary } = await draft(db);
    await change(db, at.doctor, summary, { summary: "Edited." });
    await upload(db.sql, pathIn({ clinic: at.clinic, consultation }));
    assertEquals(await words(db, at, consultation), {
      texts: [["Edited.", 1]],
      heard: 1,
      revisions: 1,
    });
    assertEquals(await takeBack(db, at.nurse, path), 1);
    assertEquals(await words(db, at, consultation), { texts: [["", 0]], heard: 0, revisions: 0 });
    const row = await summaryRow(db.sql, summary);
    assertEquals([row.review_status, row.withdrawn_by], ["withdrawn", at.nurse]);
    const [file] = await db.sql`select deleted_at, deleted_by from public.recordings
      where id = ${recording}`;
    assertNotEquals(file.deleted_at, null);
    assertEquals(file.deleted_by, at.nurse);
    const changes: Record<string, string>[] = [
      { summary: "Back." },
      { review_status: "approved" },
    ];
    for (const set of changes) {
      assertEquals(await change(db, at.admin, summary, set), "withdrawn");
    }
    // The service's own deletions, as at the end of a retention, leave the words.
    const kept = await draft(db);
    await remove(db.sql, kept.path);
    assertEquals((await words(db, kept.at, kept.consultation)).texts, [["# Symptoms", 1]]);
  } finally {
    await db.close();
  }
});

Deno.test("what an approved summary rests on is taken back once an admin has withdrawn that one", async () => {
  const db = await database();
  try {
    const { at, path, consultation, summary } = await draft(db);
    await change(db, at.doctor, summary, { summary: "500 mg" });
    assertEquals(await approve(db, at, summary), "yes");
    const amend = await db.as(
      "authenticated",
      { sub: at.doctor },
      (tx) =>
        tx`insert into public.summaries (consultation_id, amends) values (${consultation}, ${summary})
        returning id`,
    );
    for (const user of [at.nurse, at.doctor, at.admin]) {
      assertEquals(await takeBack(db, user, path), 0);
    }
    const stranger = await scene(db.sql);
    assertEquals(await withdraw(db, stranger.admin, summary), "not_found");
    for (const user of [at.doctor, at.nurse, at.receptionist]) {
      assertEquals(await withdraw(db, user, summary), "forbidden");
    }
    for (const reason of [null, " \n", "x".repeat(501)]) {
      assertEquals(await withdraw(db, at.admin, summary, reason), "invalid_request");
    }
    assertEquals(await withdraw(db, at.admin, amend[0].id), "not_approved");
    assertEquals(
      await change(db, at.admin, summary, { review_status: "withdrawn" }),
      "invalid_request",
    );
    assertEquals(await withdraw(db, at.admin, summary), "yes");
    assertEquals(await withdraw(db, at.admin, summary), "not_approved");

    const row = await summaryRow(db.sql, summary);
    assertEquals(
      [row.review_status, row.approved_by, row.withdrawn_by, row.withdrawn_reason],
      ["withdrawn", at.doctor, at.admin, "Wrong patient."],
    );
    assertEquals(await words(db, at, consultation), {
      texts: [["", 0], ["", 0]],
      heard: 1,
      revisions: 0,
    });
    const [{ approved_id }] = await db.sql`select approved_id from public.current_summaries`;
    assertEquals(approved_id, null);
    // It can be proved what was relied on, by the operator.
    const kept = await db.sql`select summary from summaries_private.withdrawn_texts
      where summary_id = ${summary} order by version`;
    assertEquals(kept.map(({ summary }) => summary), ["# Symptoms", "500 mg"]);
    assertEquals(await takeBack(db, at.doctor, path), 1);
    assertEquals((await words(db, at, consultation)).heard, 0);
  } finally {
    await db.close();
  }
});

Deno.test("approving and taking back at once end in one of the two", async () => {
  const db = await database();
  try {
    for (let round = 0; round < 6; round++) {
      const { at, path, summary, consultation } = await draft(db);
      const [approved, taken] = await Promise.all([
        approve(db, at, summary),
        takeBack(db, at.doctor, path),
      ]);
      const { review_status } = await summaryRow(db.sql, summary);
      const { texts, heard } = await words(db, at, consultation);
      if (taken === 1) {
        assertEquals([approved, review_status, texts, heard], [
          "withdrawn",
          "withdrawn",
          [["", 0]],
          0,
        ]);
      } else {
        assertEquals([approved, review_status, heard], ["yes", "approved", 1]);
        assertEquals(["not_taken_back", 0].includes(taken), true, String(taken));
      }
    }
  } finally {
    await db.close();
  }
});

Deno.test("a summary in work goes on without it, and keeps nothing of it", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    const wrong = await uploaded(db.sql, at, at.nurse);
    const { consultation, summary } = wrong;
    await upload(db.sql, pathIn({ clinic: at.clinic, consultation }));
    const token = newToken();
    await claim(db.sql, summary, token);
    const before = await inputs(db.sql, summary);
    assertEquals(await save(db.sql, summary, token, wrong), "saved");
    await db.sql`select public.save_draft(${summary}, ${token}, '{"text": "wrong"}')`;
    assertEquals(await takeBack(db, at.nurse, wrong.path), 1);
    const kept = async () => {
      const [{ draft }] = await db.sql`select draft from summaries_private.summary_jobs
        where summary_id = ${summary}`;
      return [draft, (await db.sql`select from public.extractions`).count];
    };
    assertEquals(await kept(), [null, 0]);
    // What its worker had under way comes too late.
    await save(db.sql, summary, token, wrong, 1);
    await db.sql`select public.save_draft(${summary}, ${token}, '{"text": "wrong"}')`;
    assertEquals(await kept(), [null, 0]);
    assertEquals(await complete(db.sql, summary, token, before), "stale");
    assertEquals(await complete(db.sql, summary, token), "completed");
    const used = await db.sql`select recording_id from public.summary_recordings`;
    assertEquals(used.map(({ recording_id }) => recording_id).includes(wrong.recording), false);
  } finally {
    await db.close();
  }
});

Deno.test("files of a deleted consultation are read by no member, and show in the queue", async () => {
  const db = await database();
  try {
    const { at, path, consultation } = await draft(db);
    const read = async () =>
      await db.as(
        "authenticated",
        { sub: at.admin },
        async (tx) => (await tx`select from storage.objects where name = ${path}`).count,
      );
    assertEquals(await read(), 1);
    await db.sql`delete from public.consultations where id = ${consultation}`;
    assertEquals([await read(), await takeBack(db, at.admin, path)], [0, 0]);
    const orphans = async () =>
      (await db.sql`select summaries from summaries_private.queue where status = 'orphan'`)
        .map(({ summaries }) => Number(summaries));
    assertEquals(await orphans(), [1]);
    await remove(db.sql, path);
    assertEquals(await orphans(), []);
  } finally {
    await db.close();
  }
});

Deno.test("what is deleted in the middle of a run is deleted at Gemini, by its kept names", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    const { consultation, summary, recording, version } = await uploaded(db.sql, at);
    await claim(db.sql, summary);
    await db.sql`delete from public.consultations where id = ${consultation}`;
    const nothing = await claimNext(db.sql);
    assertEquals(nothing, { outcome: "nothing" });
    // Its worker may be uploading until its lease has run out.
    await db.sql`update summaries_private.left_behind
      set cleanup_after = cleanup_after - interval '1 minute' where true`;
    const token = newToken();
    assertEquals(await claimNext(db.sql, token), {
      outcome: "cleanup",
      summary_id: summary,
      files: [{ recording_id: recording, object_version: version }],
    });
    assertEquals(await cleaned(db.sql, token, null), true);
    await db.sql`update summaries_private.left_behind
      set cleanup_after = cleanup_after - interval '5 minutes' where true`;
    assertEquals((await claimNext(db.sql, token)).summary_id, summary);
    assertEquals(await cleaned(db.sql, token, summary), true);
    assertEquals(await claimNext(db.sql), { outcome: "nothing" });
    assertEquals((await db.sql`select from summaries_private.left_behind`).count, 0);
  } finally {
    await db.close();
  }
});
