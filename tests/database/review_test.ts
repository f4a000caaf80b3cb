import { assertEquals, assertNotEquals } from "@std/assert";
import { type Database, database } from "./harness.ts";
import { outcome, service, signedIn } from "./outcome.ts";
import { clinic, consultation, pathIn, type Scene, scene, upload, uploaded } from "./rows.ts";
import { age, claim, complete, newToken, summaryRow } from "./worker_calls.ts";

/** A completed summary in a clinic with all roles. */
async function draft(db: Database): Promise<{ at: Scene; id: string; consultation: string }> {
  const at = await scene(db.sql);
  const file = await uploaded(db.sql, at, at.nurse);
  await finish(db, file.summary);
  return { at, id: file.summary, consultation: file.consultation };
}

async function finish(db: Database, id: string) {
  const token = newToken();
  await claim(db.sql, id, token);
  await complete(db.sql, id, token);
}

/** What `user` gets for this change: the new row, or the refusal's SQLSTATE and code. */
async function change(
  db: Database,
  user: string,
  id: string,
  set: Record<string, string | number>,
  // deno-lint-ignore no-explicit-any
): Promise<any> {
  return await db.as("authenticated", { sub: user }, async (tx) => {
    const [row] = await tx`update public.summaries set ${tx(set)} where id = ${id} returning *`;
    return row;
  }).catch((error) => [error.code, error.detail]);
}

// deno-lint-ignore no-explicit-any
async function insert(db: Database, user: string, row: Record<string, string>): Promise<any> {
  return await db.as("authenticated", { sub: user }, async (tx) => {
    const [made] = await tx`insert into public.summaries ${tx(row)} returning *`;
    return made;
  }).catch((error) => [error.code, error.detail]);
}

Deno.test("doctors, nurses and admins edit, approve and reject; receptionists and others do not", async () => {
  const db = await database();
  try {
    const changes = [
      { summary: "Better", version: 2 },
      { review_status: "approved", version: 2 },
      { review_status: "rejected", version: 2 },
    ];
    const { at, id } = await draft(db);
    const stranger = (await scene(db.sql)).admin;
    for (const set of changes) {
      const statement = `update public.summaries set ${
        Object.entries(set).map(([column, value]) => `${column} = '${value}'`)
      } where id = '${id}'`;
      for (const user of [at.doctor, at.nurse, at.admin]) {
        assertEquals(await outcome(db, signedIn(user), statement), "yes");
      }
      assertEquals(await outcome(db, signedIn(at.receptionist), statement), "PT403");
      assertEquals(await outcome(db, signedIn(stranger), statement), "none");
      assertEquals(await outcome(db, service, statement), "42501");
    }
  } finally {
    await db.close();
  }
});

Deno.test("each edit is a revision with who and when, and the draft of the machine stays", async () => {
  const db = await database();
  try {
    const { at, id } = await draft(db);
    const { summary, sections } = await summaryRow(db.sql, id);
    const edited = await change(db, at.nurse, id, { summary: "One", version: 2 });
    assertEquals([edited.version, edited.review_status, edited.sections], [2, "draft", sections]);
    await change(db, at.doctor, id, { summary: "Two", version: 3 });
    await change(db, at.doctor, id, { review_status: "rejected", version: 4 });
    assertEquals(
      [
        ...await db
          .sql`select version, summary, edited_by from public.summary_revisions order by version`,
      ],
      [
        { version: 1, summary, edited_by: at.nurse },
        { version: 2, summary: "One", edited_by: at.doctor },
      ],
    );
    const events = await db.sql`select actor, event, detail from public.summary_events
      where event in ('edit', 'review') order by id`;
    assertEquals([...events], [
      { actor: at.nurse, event: "edit", detail: { from: 1, to: 2 } },
      { actor: at.doctor, event: "edit", detail: { from: 2, to: 3 } },
      { actor: at.doctor, event: "review", detail: { from: "draft", to: "rejected" } },
    ]);
  } finally {
    await db.close();
  }
});

Deno.test("two editors cannot overwrite each other, nor approve what they have not seen", async () => {
  const db = await database();
  try {
    const { at, id } = await draft(db);
    const conflict = ["PT409", "version_conflict"];
    const both = await Promise.all([
      change(db, at.nurse, id, { summary: "Nurse", version: 2 }),
      change(db, at.doctor, id, { summary: "Doctor", version: 2 }),
    ]);
    assertEquals(both.filter(Array.isArray), [conflict]);
    assertEquals(
      await change(db, at.doctor, id, { review_status: "approved", version: 2 }),
      conflict,
    );
    assertEquals(await change(db, at.doctor, id, { summary: "Without" }), conflict);
    assertEquals(await change(db, at.doctor, id, { summary: "Ahead", version: 9 }), conflict);
    assertEquals((await change(db, at.doctor, id, { version: 9 })).version, 2);
  } finally {
    await db.close();
  }
});

Deno.test("an approved summary is final, for everybody", async () => {
  const db = await database();
  try {
    const { at, id } = await draft(db);
    const approved = await change(db, at.doctor, id, { review_status: "approved", version: 2 });
    assertEquals([approved.review_status, approved.approved_by], ["approved", at.doctor]);
    assertNotEquals(approved.approved_at, null);
    const changes: Record<string, string | number>[] = [
      { summary: "Other", version: 3 },
      { review_status: "draft", version: 3 },
      { review_status: "rejected", version: 3 },
      { status: "cancelled" },
    ];
    for (const set of changes) {
      assertEquals(await change(db, at.admin, id, set), ["PT409", "approved"]);
    }
    const refused = await db.sql`update public.summaries set summary = 'x' where id = ${id}`
      .catch((error) => error.code);
    assertEquals(refused, "PT409");
  } finally {
    await db.close();
  }
});

Deno.test("a rejected summary becomes a draft again by an edit, and by nothing else", async () => {
  const db = await database();
  try {
    const { at, id } = await draft(db);
    await change(db, at.nurse, id, { review_status: "rejected", version: 2 });
    const illegal = ["PT409", "illegal_transition"];
    assertEquals(await change(db, at.doctor, id, { review_status: "draft", version: 3 }), illegal);
    assertEquals(
      await change(db, at.doctor, id, { review_status: "approved", version: 3 }),
      illegal,
    );
    const edited = await change(db, at.doctor, id, {
      summary: "Mended",
      review_status: "approved",
      version: 3,
    });
    assertEquals([edited.review_status, edited.approved_at], ["draft", null]);
  } finally {
    await db.close();
  }
});

Deno.test("an amendment starts from the approved text and becomes the current summary", async () => {
  const db = await database();
  try {
    const { at, id, consultation } = await draft(db);
    const amend = (user: string) => insert(db, user, { consultation_id: consultation, amends: id });
    const early = ["PT409", "not_approved"];
    assertEquals(await amend(at.doctor), early);
    await change(db, at.doctor, id, { summary: "Approved text", version: 2 });
    await change(db, at.doctor, id, { review_status: "approved", version: 3 });
    assertEquals(await amend(at.receptionist), ["PT403", "forbidden"]);
    assertEquals((await amend((await scene(db.sql)).admin))[0], "PT409");

    const original = await summaryRow(db.sql, id);
    const made = await amend(at.nurse);
    assertEquals(
      [made.status, made.review_status, made.summary, made.amends, made.requested_by, made.version],
      ["completed", "draft", "Approved text", id, at.nurse, 1],
    );
    assertEquals([made.sections, made.model], [original.sections, original.model]);
    const used = await db.sql`select from public.summary_recordings where summary_id = ${made.id}`;
    assertEquals(used.count, 1);
    // One at a time.
    assertEquals(await amend(at.doctor), ["PT409", "amendment_open"]);

    const current = async () =>
      (await db.sql`select summary_id, review_status, approved_id from public.current_summaries`)[
        0
      ];
    assertEquals(await current(), { summary_id: made.id, review_status: "draft", approved_id: id });
    await change(db, at.doctor, made.id, { summary: "Amended", version: 2 });
    await change(db, at.doctor, made.id, { review_status: "approved", version: 3 });
    assertEquals(await current(), {
      summary_id: made.id,
      review_status: "approved",
      approved_id: made.id,
    });
    assertEquals((await summaryRow(db.sql, id)).summary, "Approved text");
    assertEquals(await amend(at.doctor), early);
    const events = await db.sql`
      select actor, detail from public.summary_events where summary_id = ${made.id} order by id limit 1`;
    assertEquals([...events], [{ actor: at.nurse, detail: { to: "completed", amends: id } }]);
  } finally {
    await db.close();
  }
});

Deno.test("a recording after the approval makes a new draft and leaves the approved one", async () => {
  const db = await database();
  try {
    const { at, id, consultation } = await draft(db);
    await change(db, at.doctor, id, { review_status: "approved", version: 2 });
    await upload(db.sql, pathIn({ clinic: at.clinic, consultation }));
    const current = async () => {
      const [row] = await db.sql`
        select summary_id, review_status, approved_id, active_id from public.current_summaries`;
      return row;
    };
    const before = await current();
    assertEquals([before.summary_id, before.approved_id], [id, id]);
    assertNotEquals(before.active_id, null);
    await finish(db, before.active_id);
    assertEquals(await current(), {
      summary_id: before.active_id,
      review_status: "draft",
      approved_id: id,
      active_id: null,
    });
  } finally {
    await db.close();
  }
});

Deno.test("the inbox of drafts is one query, oldest first, of one's own clinics", async () => {
  const db = await database();
  try {
    const { at, id } = await draft(db);
    const second = await uploaded(db.sql, at);
    await finish(db, second.summary);
    const done = await uploaded(db.sql, at);
    await finish(db, done.summary);
    await change(db, at.doctor, done.summary, { review_status: "rejected", version: 2 });
    await draft(db);
    const inbox = await db.as(
      "authenticated",
      { sub: at.nurse },
      (tx) =>
        tx`select summary_id from public.current_summaries
        where review_status = 'draft' order by completed_at`,
    );
    assertEquals(inbox.map(({ summary_id }) => summary_id), [id, second.summary]);
  } finally {
    await db.close();
  }
});

Deno.test("people cancel what is active, and set no other status", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql);
    const [queued, working, untouched] = [
      await uploaded(db.sql, at),
      await uploaded(db.sql, at),
      await uploaded(db.sql, at),
    ];
    await claim(db.sql, working.summary);
    for (const { summary } of [queued, working]) {
      const row = await change(db, at.receptionist, summary, { status: "cancelled" });
      assertEquals([row.status, row.stage], ["cancelled", null]);
      assertEquals(await change(db, at.doctor, summary, { status: "queued" }), [
        "PT409",
        "illegal_transition",
      ]);
    }
    const { summary } = untouched;
    assertEquals(await change(db, at.doctor, summary, { status: "processing" }), [
      "PT403",
      "forbidden",
    ]);
    for (const status of ["completed", "failed"]) {
      assertEquals(await change(db, at.doctor, summary, { status }), [
        "PT409",
        "illegal_transition",
      ]);
    }
    assertEquals(await change(db, at.doctor, summary, { summary: "Mine", version: 2 }), [
      "PT409",
      "not_completed",
    ]);
    assertEquals(await change(db, at.doctor, summary, { review_status: "approved", version: 2 }), [
      "PT409",
      "not_completed",
    ]);
    assertEquals(
      await outcome(
        db,
        signedIn((await scene(db.sql)).admin),
        `update public.summaries set status = 'cancelled' where true`,
      ),
      "none",
    );
  } finally {
    await db.close();
  }
});

Deno.test("a client asks by inserting a row; what it leaves out is filled in", async () => {
  const db = await database();
  try {
    const at = await scene(db.sql, { autoSummarize: false });
    const other = await scene(db.sql, { autoSummarize: false });
    const { consultation: about } = await uploaded(db.sql, at);
    const row = await insert(db, at.receptionist, { consultation_id: about });
    assertEquals(
      [row.status, row.clinic_id, row.requested_by, row.submitted_by],
      ["queued", at.clinic, at.receptionist, "receptionist"],
    );
    assertEquals(await insert(db, at.doctor, { consultation_id: about }), [
      "PT409",
      "already_running",
    ]);
    assertEquals(await insert(db, at.doctor, { consultation_id: at.consultation }), [
      "PT422",
      "no_recordings",
    ]);
    assertEquals((await insert(db, other.admin, { consultation_id: about }))[0], "42501");
    assertEquals(
      (await insert(db, other.admin, { consultation_id: about, clinic_id: at.clinic }))[0],
      "42501",
    );
    assertEquals(
      (await insert(db, at.doctor, { consultation_id: crypto.randomUUID() }))[0],
      "42501",
    );
  } finally {
    await db.close();
  }
});

Deno.test("inserting rows without end is answered with 429 and Retry-After", async () => {
  const db = await database();
  try {
    await db.sql`update summaries_private.settings set user_requests_per_hour = 2 where only_row`;
    const at = await scene(db.sql, { autoSummarize: false });
    const ask = async () => {
      const { consultation } = await uploaded(db.sql, at);
      return await insert(db, at.doctor, { consultation_id: consultation });
    };
    assertEquals([(await ask()).status, (await ask()).status], ["queued", "queued"]);
    await age(db.sql, 59);
    const [code, detail] = await ask();
    const { status, headers } = JSON.parse(detail);
    assertEquals([code, status], ["PGRST", 429]);
    assertEquals(Number(headers["Retry-After"]) <= 60, true);
    await age(db.sql, 1);
    assertEquals((await ask()).status, "queued");
  } finally {
    await db.close();
  }
});

Deno.test("states change in the ways that are drawn, and what has ended keeps its result", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const illegal = [
      ["queued", "completed"],
      ["queued", "failed"],
      ["completed", "queued"],
      ["failed", "queued"],
      ["cancelled", "processing"],
    ];
    for (const [from, to] of illegal) {
      const id = await consultation(sql, await clinic(sql));
      const ended = ["queued", "processing"].includes(from) ? null : new Date();
      await sql`insert into public.summaries
        (consultation_id, status, summary, sections, ended_at, completed_at)
        values (${id}, ${from}, '', '[]', ${ended}, ${from === "completed" ? ended : null})`;
      const refused =
        await sql`update public.summaries set status = ${to} where consultation_id = ${id}`
          .catch((error) => error.detail);
      assertEquals([from, to, refused], [from, to, "illegal_transition"]);
    }
    for (const status of ["completed", "failed", "cancelled"]) {
      for (const set of [{ sections: "[1]" }, { model: "x" }, { error_code: "x" }]) {
        const refused = await sql`update public.summaries set ${sql(set)} where status = ${status}`
          .catch((error) => error.detail);
        assertEquals([status, set, refused], [status, set, "ended"]);
      }
    }
  } finally {
    await db.close();
  }
});

Deno.test("deleting a consultation, a small clinic or a user is possible and leaves no orphans", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const { at, id, consultation } = await draft(db);
    await change(db, at.doctor, id, { summary: "Edited", version: 2 });
    await change(db, at.doctor, id, { review_status: "approved", version: 3 });
    await insert(db, at.doctor, { consultation_id: consultation, amends: id });
    await sql`delete from auth.users where id = ${at.doctor}`;
    assertEquals((await summaryRow(sql, id)).approved_by, at.doctor);
    await db.as(
      "service_role",
      {},
      (tx) => tx`delete from public.consultations where id = ${consultation}`,
    );
    await db.as("service_role", {}, (tx) => tx`delete from public.clinics where id = ${at.clinic}`);
    for (const table of ["recordings", "summaries", "summary_revisions"]) {
      assertEquals((await sql`select from ${sql(`public.${table}`)}`).count, 0);
    }
    for (const table of ["summary_jobs", "turns"]) {
      assertEquals((await sql`select from ${sql(`summaries_private.${table}`)}`).count, 0);
    }
  } finally {
    await db.close();
  }
});
