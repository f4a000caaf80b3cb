import { assert, assertEquals } from "@std/assert";
import { database } from "./harness.ts";
import { clinic, queued, scene, setSlots, uploaded } from "./rows.ts";
import {
  claimNext,
  complete,
  completeAndNext,
  expireLease,
  fail,
  heartbeat,
  newToken,
  release,
  save,
  summaryRow,
} from "./worker_calls.ts";

const many = <T>(count: number, make: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

Deno.test("a claim gives the job and counts the attempt; the same call again gives the same", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.nurse);
    const token = newToken();
    const first = await claimNext(sql, token);
    assertEquals([first.outcome, first.job, first.inputs.submitted_by], ["claimed", {
      summary_id: file.summary,
      clinic_id: at.clinic,
      consultation_id: file.consultation,
      attempt: 1,
      tries_left: 5,
      draft: null,
    }, "nurse"]);
    assertEquals(await claimNext(sql, token), first);
    assertEquals(await claimNext(sql), { outcome: "nothing" });
    assertEquals((await summaryRow(sql, file.summary)).attempts, 1);
  } finally {
    await db.close();
  }
});

Deno.test("a claim brings templates and what is kept of each recording's present version", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql);
    await sql`update public.clinics set template_config = '{"tone": "plain"}' where id = ${at.clinic}`;
    const file = await uploaded(sql, at);
    await sql`update public.consultations set template_config = '{"language": "Hindi"}'
      where id = ${file.consultation}`;
    const token = newToken();
    await claimNext(sql, token);
    for (const part of [1, 0]) await save(sql, file.summary, token, file, part);
    await save(sql, file.summary, token, { ...file, version: "older" });
    const { inputs } = await claimNext(sql, token);
    assertEquals(inputs.templates, {
      clinic: { tone: "plain" },
      consultation: { language: "Hindi" },
      summary: null,
    });
    const [recording] = inputs.recordings;
    assertEquals(Object.keys(inputs).sort(), ["recordings", "submitted_by", "templates"]);
    assertEquals(Object.keys(recording).sort(), [
      "bucket_id",
      "created_at",
      "declared_type",
      "earlier",
      "etag",
      "excluded",
      "extractions",
      "kind",
      "object_id",
      "object_path",
      "object_version",
      "recording_id",
      "size_bytes",
      "take",
    ]);
    assertEquals(
      recording.extractions,
      [0, 1].map((part) => ({
        part,
        from_seconds: part * 600,
        to_seconds: null,
        is_last: true,
        segments: [{ kind: "speech", text: "…" }],
        found: { content: true },
        model: "model",
        prompt_version: "1",
        usage: {},
      })),
    );
    const asked = async (with_: string) =>
      (await sql`select public.summary_inputs(${file.summary}, ${with_}) as inputs`)[0].inputs;
    assertEquals(await asked(token), inputs);
    assertEquals(await asked(newToken()), null);
  } finally {
    await db.close();
  }
});

Deno.test("of twenty that claim at once, one gets the one that waits", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [id] = await queued(sql, await clinic(sql), 1);
    const outcomes = (await many(20, () => claimNext(sql))).map(({ outcome }) => outcome);
    assertEquals(outcomes.filter((outcome) => outcome === "claimed").length, 1);
    assertEquals((await summaryRow(sql, id)).attempts, 1);
  } finally {
    await db.close();
  }
});

Deno.test("a lease that ran out is taken over by who finds no slot", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 2);
    await queued(sql, await clinic(sql), 3);
    const [first, second] = [await claimNext(sql), await claimNext(sql)]
      .map(({ job }) => job.summary_id);
    assertEquals((await claimNext(sql)).outcome, "full");
    await expireLease(sql, first);
    const third = (await claimNext(sql)).job;
    assertEquals(third.attempt, 1);
    assertEquals((await summaryRow(sql, first)).status, "queued");
    await expireLease(sql, second);
    const again = (await claimNext(sql)).job;
    assertEquals([again.summary_id, again.attempt], [first, 2]);
    assertEquals((await claimNext(sql)).outcome, "full");
  } finally {
    await db.close();
  }
});

Deno.test("each of many queued summaries is completed once, by workers that go on with their slot", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 6);
    const clinics = await many(10, () => clinic(sql));
    for (const id of clinics) await queued(sql, id, 30);
    const claims: string[] = [];
    let most = 0;
    await many(8, async () => {
      const own = db.connect();
      for (;;) {
        let token = newToken();
        let { outcome, job } = await claimNext(own, token);
        if (outcome === "full") continue;
        if (outcome === "nothing") break;
        while (job) {
          claims.push(job.summary_id);
          const [{ busy }] = await own`
            select count(*)::int as busy from public.summaries where status = 'processing'`;
          most = Math.max(most, busy);
          const next = newToken();
          const done = await completeAndNext(own, job.summary_id, token, next, []);
          assertEquals(done.outcome, "completed");
          token = next;
          job = done.next?.job;
        }
      }
    });
    assertEquals([claims.length, new Set(claims).size], [300, 300]);
    assert(most <= 6, `${most} at once`);
    const states = await sql`select status, count(*)::int from public.summaries group by 1`;
    assertEquals([...states], [{ status: "completed", count: 300 }]);
  } finally {
    await db.close();
  }
});

Deno.test("who completes one gets the next with the same slot, and the same again when the answer was lost", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = { clinic: await clinic(sql) };
    const [first, second, third] = [
      await uploaded(sql, at),
      await uploaded(sql, at),
      await uploaded(sql, at),
    ].map(({ summary }) => summary);
    const [one, two] = [newToken(), newToken()];
    await claimNext(sql, one);
    const { slot } = await summaryRow(sql, first);
    const done = await completeAndNext(sql, first, one, two);
    assertEquals([done.outcome, done.next.outcome], ["completed", "claimed"]);
    assertEquals([done.next.job.summary_id, done.next.job.attempt], [second, 1]);
    assertEquals(done.next.inputs.recordings.length, 1);
    const row = await summaryRow(sql, second);
    assertEquals([row.slot, row.lease_token], [slot, two]);
    assertEquals((await summaryRow(sql, first)).slot, null);
    assertEquals(await heartbeat(sql, second, two), true);
    assertEquals(await completeAndNext(sql, first, one, two), done);

    // When there was none, there is none when it is asked again: the slot may be somebody else's.
    await complete(sql, second, two);
    await claimNext(sql, two);
    assertEquals(await completeAndNext(sql, third, two), { outcome: "completed", next: null });
    await queued(sql, at.clinic, 1);
    assertEquals(await completeAndNext(sql, third, two), { outcome: "completed", next: null });
  } finally {
    await db.close();
  }
});

Deno.test("a worker that lost its lease changes nothing", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 1);
    const file = await uploaded(sql, { clinic: await clinic(sql) });
    const [old, token] = [newToken(), newToken()];
    await claimNext(sql, old);
    await expireLease(sql, file.summary);
    assertEquals((await claimNext(sql, token)).job.attempt, 2);
    const before = await summaryRow(sql, file.summary);
    assertEquals(await heartbeat(sql, file.summary, old, "checking"), false);
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
