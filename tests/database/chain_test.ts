import { assert, assertEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { outcome, signedIn } from "./outcome.ts";
import { pathIn, type Scene, scene, upload, uploaded } from "./rows.ts";
import { claim, complete, newToken, request, summaryRow } from "./worker_calls.ts";

interface Visit {
  at: Scene;
  consultation: string;
  first: string;
}

async function finish(db: Database, id: string): Promise<string> {
  const token = newToken();
  await claim(db.sql, id, token);
  assertEquals(await complete(db.sql, id, token), "completed");
  return id;
}

/** A consultation with a completed draft. */
async function visit(db: Database): Promise<Visit> {
  const at = await scene(db.sql);
  const { consultation, summary } = await uploaded(db.sql, at, at.nurse);
  return { at, consultation, first: await finish(db, summary) };
}

async function underway(db: Database, { consultation }: Visit): Promise<string> {
  const [{ id }] = await db.sql`
    select id from public.summaries where consultation_id = ${consultation} and ended_at is null`;
  return id;
}

/** One more photograph, and the draft that it leads to. */
async function photograph(db: Database, of: Visit): Promise<string> {
  await upload(db.sql, pathIn({ clinic: of.at.clinic, consultation: of.consultation }));
  return await finish(db, await underway(db, of));
}

/** The code of the refusal, or `yes`. */
const said = (error: { code: string; detail: string }) => error.detail ?? error.code;

/** As one request of the Data API: the version that is there is the one that was seen. */
async function change(
  db: Database,
  user: string,
  id: string,
  set: Record<string, string | null>,
  sql = db.sql,
): Promise<string> {
  const { version } = await summaryRow(db.sql, id);
  return await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims',
      ${JSON.stringify({ role: "authenticated", sub: user, session_id: user })}, true)`;
    await tx`set local role authenticated`;
    const { count } = await tx`
      update public.summaries set ${tx({ ...set, version: version + 1 })} where id = ${id}`;
    return count === 1 ? "yes" : "none";
  }).catch(said);
}

const approve = (db: Database, { at }: Visit, id: string, sql = db.sql) =>
  change(db, at.doctor, id, { review_status: "approved" }, sql);

/** Its id, or the refusal. */
async function amend(
  db: Database,
  { at, consultation }: Visit,
  amended: string,
  sql = db.sql,
): Promise<string> {
  return await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims',
      ${JSON.stringify({ role: "authenticated", sub: at.doctor, session_id: at.doctor })}, true)`;
    await tx`set local role authenticated`;
    const [{ id }] = await tx`insert into public.summaries (consultation_id, amends)
      values (${consultation}, ${amended}) returning id`;
    return id as string;
  }).catch(said);
}

/** From the first one approved to the end, as each names the next; it must be all of them. */
async function chain(db: Database, { consultation }: Visit): Promise<string[]> {
  const rows = await db.sql`
    select id, supersedes, superseded_by from public.summaries
    where consultation_id = ${consultation} and review_status = 'approved'`;
  const ids: string[] = [];
  let next = rows.find(({ supersedes }) => supersedes === null);
  while (next) {
    const { id, superseded_by } = next;
    ids.push(id);
    next = rows.find((row) => row.id === superseded_by);
    assertEquals(next?.supersedes ?? id, id);
  }
  assertEquals(ids.length, rows.length);
  const [current] = await db.sql`
    select approved_id from public.current_summaries where consultation_id = ${consultation}`;
  assertEquals(current.approved_id, ids.at(-1) ?? null);
  return ids;
}

Deno.test("approve, one more photograph, approve, amend: each follows the one before", async () => {
  const db = await database();
  try {
    const of = await visit(db);
    assertEquals(await approve(db, of, of.first), "yes");
    const second = await photograph(db, of);
    assertEquals(await chain(db, of), [of.first]);
    assertEquals(await approve(db, of, second), "yes");
    assertEquals(await chain(db, of), [of.first, second]);
    assertEquals(await amend(db, of, of.first), "not_approved");
    const third = await amend(db, of, second);
    assertEquals(await amend(db, of, second), "amendment_open");
    assertEquals(await approve(db, of, third), "yes");
    assertEquals(await chain(db, of), [of.first, second, third]);

    const { summary, approved_by } = await summaryRow(db.sql, of.first);
    assertEquals([summary, approved_by], ["# Symptoms", of.at.doctor]);
    const events = await db.sql`select summary_id, detail from public.summary_events
      where event = 'review' order by id`;
    assertEquals([...events], [
      { summary_id: of.first, detail: { from: "draft", to: "approved" } },
      { summary_id: second, detail: { from: "draft", to: "approved", supersedes: of.first } },
      { summary_id: third, detail: { from: "draft", to: "approved", supersedes: second } },
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("what is older than the end, or amends what was followed, is refused with a sentence", async () => {
  const db = await database();
  try {
    const of = await visit(db);
    const second = await photograph(db, of);
    assertEquals(await approve(db, of, second), "yes");
    assertEquals(await approve(db, of, of.first), "superseded");

    const one = await amend(db, of, second);
    assertEquals(await change(db, of.at.doctor, one, { review_status: "rejected" }), "yes");
    const two = await amend(db, of, second);
    // A rejected one becomes a draft again by an edit, but not beside another.
    assertEquals(await change(db, of.at.doctor, one, { summary: "5000 mg" }), "amendment_open");
    assertEquals(await approve(db, of, two), "yes");
    assertEquals(await change(db, of.at.doctor, one, { summary: "5000 mg" }), "yes");
    assertEquals(await approve(db, of, one), "superseded");
    assertEquals(await chain(db, of), [second, two]);
  } finally {
    await db.close();
  }
});

Deno.test("a draft is not approved while a newer recording is in work, a correction is", async () => {
  const db = await database();
  try {
    const of = await visit(db);
    const path = pathIn({ clinic: of.at.clinic, consultation: of.consultation });
    await upload(db.sql, path);
    assertEquals(await approve(db, of, of.first), "newer_underway");
    const newer = await underway(db, of);
    await claim(db.sql, newer);
    assertEquals(await approve(db, of, of.first), "newer_underway");
    assertEquals(await change(db, of.at.nurse, newer, { status: "cancelled" }), "yes");
    assertEquals(await approve(db, of, of.first), "yes");

    const amendment = await amend(db, of, of.first);
    await upload(db.sql, path);
    assertEquals(await approve(db, of, amendment), "yes");
    // Asked for anew, of the same recordings: that is nothing newer.
    const other = await visit(db);
    await request(db.sql, {
      consultation: other.consultation,
      user: other.at.doctor,
      template: { language: "Swedish" },
    });
    assertEquals(await approve(db, other, other.first), "yes");
  } finally {
    await db.close();
  }
});

Deno.test("all races of two leave one chain with one end", async () => {
  const db = await database();
  try {
    const [left, right] = [db.connect(), db.connect()];
    const both = async (
      one: (sql: Database["sql"]) => Promise<string>,
      other: (sql: Database["sql"]) => Promise<string>,
    ) => await Promise.all([one(left), other(right)]);
    const rounds = async (race: (of: Visit) => Promise<void>) => {
      for (let round = 0; round < 6; round++) {
        const of = await visit(db);
        await race(of);
        await chain(db, of);
      }
    };
    const approvals = (of: Visit, one: string, other: string) =>
      both((sql) => approve(db, of, one, sql), (sql) => approve(db, of, other, sql));

    // Two plain drafts: the newer one follows, or the older one comes too late.
    await rounds(async (of) => {
      const second = await photograph(db, of);
      const [older, newer] = await approvals(of, of.first, second);
      assertEquals(newer, "yes");
      assert(["yes", "superseded"].includes(older), older);
    });
    // One draft, twice.
    await rounds(async (of) => {
      assertEquals((await approvals(of, of.first, of.first)).sort(), ["approved", "yes"]);
    });
    // Two who begin to amend the same.
    await rounds(async (of) => {
      await approve(db, of, of.first);
      const made = await both(
        (sql) => amend(db, of, of.first, sql),
        (sql) => amend(db, of, of.first, sql),
      );
      assertEquals(made.filter((id) => id === "amendment_open").length, 1, String(made));
    });
    // Two amendments, of which one was rejected before: one becomes a draft again, or is late.
    await rounds(async (of) => {
      await approve(db, of, of.first);
      const one = await amend(db, of, of.first);
      await change(db, of.at.doctor, one, { review_status: "rejected" });
      const two = await amend(db, of, of.first);
      const [edited, approved] = await both(
        (sql) => change(db, of.at.nurse, one, { summary: "5000 mg" }, sql),
        (sql) => approve(db, of, two, sql),
      );
      assertEquals(approved, "yes");
      assert(["yes", "amendment_open"].includes(edited), edited);
      assert(["superseded", "illegal_transition"].includes(await approve(db, of, one)));
    });
    // An amendment and a newer plain draft.
    await rounds(async (of) => {
      await approve(db, of, of.first);
      const second = await photograph(db, of);
      const amendment = await amend(db, of, of.first);
      const answers = await approvals(of, second, amendment);
      assertEquals(answers.sort(), ["superseded", "yes"]);
    });
    // An approval and the recording that it has not seen; nobody waits for the other's lock in turn.
    await rounds(async (of) => {
      const path = pathIn({ clinic: of.at.clinic, consultation: of.consultation });
      const [approved] = await both(
        (sql) => approve(db, of, of.first, sql),
        (sql) => upload(sql, path).then(() => "yes"),
      );
      assert(["yes", "newer_underway"].includes(approved), approved);
    });
    // An approval, and a worker who completes the next one.
    await rounds(async (of) => {
      await upload(db.sql, pathIn({ clinic: of.at.clinic, consultation: of.consultation }));
      const [id, token] = [await underway(db, of), newToken()];
      await claim(db.sql, id, token);
      const answers = await both(
        (sql) => approve(db, of, of.first, sql),
        (sql) => complete(sql, id, token),
      );
      assert(["yes", "newer_underway"].includes(answers[0]), answers[0]);
      assertEquals(answers[1], "completed");
    });
  } finally {
    await db.close();
  }
});

Deno.test("no statement approves or cancels two, and none an empty text", async () => {
  const db = await database();
  try {
    const of = await visit(db);
    const { at } = of;
    const other = await uploaded(db.sql, at);
    await finish(db, other.summary);
    const all = `update public.summaries set review_status = 'approved', version = 2
      where review_status = 'draft'`;
    assertEquals(await outcome(db, signedIn(at.doctor), all), "PT422");
    for (const text of ["", " \n\t", "\u00a0\u200b"]) {
      const set = { review_status: "approved", summary: text };
      assertEquals(await change(db, at.doctor, of.first, set), "empty_text");
    }
    const queue = [await uploaded(db.sql, at), await uploaded(db.sql, at)];
    for (const user of [at.receptionist, at.admin]) {
      const cancel = `update public.summaries set status = 'cancelled' where status = 'queued'`;
      assertEquals(await outcome(db, signedIn(user), cancel), "PT422");
    }
    for (const { summary } of queue) {
      assertEquals(await change(db, at.receptionist, summary, { status: "cancelled" }), "yes");
    }
  } finally {
    await db.close();
  }
});

Deno.test("a receptionist's re-request leaves the approved one current, an upload does not", async () => {
  const db = await database();
  try {
    const of = await visit(db);
    await approve(db, of, of.first);
    const asked = async (user: string) => {
      await request(db.sql, { consultation: of.consultation, user });
      return await finish(db, await underway(db, of));
    };
    const current = async () => {
      const [{ summary_id }] = await db.sql`select summary_id from public.current_summaries
        where consultation_id = ${of.consultation}`;
      return summary_id;
    };
    const hers = await asked(of.at.receptionist);
    assertEquals(await current(), of.first);
    assertEquals((await summaryRow(db.sql, hers)).review_status, "draft");
    // A doctor who approves it makes it what counts.
    assertEquals(await approve(db, of, hers), "yes");
    assertEquals([await current(), await chain(db, of)], [hers, [of.first, hers]]);

    const path = pathIn({ clinic: of.at.clinic, consultation: of.consultation });
    await upload(db.sql, path, { owner: of.at.receptionist });
    const withFile = await finish(db, await underway(db, of));
    assertEquals(await current(), withFile);
    await approve(db, of, withFile);
    const amendment = await amend(db, of, withFile);
    await asked(of.at.receptionist);
    assertEquals(await current(), amendment);
    const doctors = await asked(of.at.doctor);
    assertEquals(await current(), doctors);
  } finally {
    await db.close();
  }
});

Deno.test("what a member sends in a wrong form is refused in a sentence of ours", async () => {
  const db = await database();
  try {
    const of = await visit(db);
    const { at, consultation, first } = of;
    const wrong: [Record<string, string | null>, string][] = [
      [{ review_status: "signed" }, "invalid_request"],
      [{ review_status: null }, "invalid_request"],
      [{ status: null }, "invalid_request"],
      [{ summary: null }, "invalid_request"],
      [{ summary: "x".repeat(200_001) }, "text_too_long"],
    ];
    for (const [set, code] of wrong) {
      assertEquals([set, await change(db, at.doctor, first, set)], [set, code]);
    }
    const told = async (user: string, statement: string) =>
      await db.as("authenticated", { sub: user }, (tx) => tx.unsafe(statement)).then(
        () => "yes",
        said,
      );
    const asking = (columns: string, values: string) =>
      `insert into public.summaries (consultation_id, ${columns}) values ('${consultation}', ${values})`;
    assertEquals(await told(at.doctor, asking("submitted_by", "'patient'")), "invalid_request");
    assertEquals(await told(at.doctor, asking("submitted_by", "'nurse'")), "yes");
    assertEquals(await told(at.nurse, asking("submitted_by", "'nurse'")), "already_running");

    const opening = `insert into public.consultations (id, clinic_id) values
      ('${consultation}', '${at.clinic}')`;
    assertEquals(await told(at.doctor, opening), "already_there");
    const other = await scene(db.sql);
    assertEquals(
      await told(other.doctor, opening.replace(at.clinic, other.clinic)),
      "already_there",
    );
    const twice = opening.replace(consultation, crypto.randomUUID());
    const answers = await Promise.all([told(at.doctor, twice), told(at.nurse, twice)]);
    assertEquals(answers.sort(), ["already_there", "yes"]);
  } finally {
    await db.close();
  }
});
