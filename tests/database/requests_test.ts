import { assert, assertEquals } from "@std/assert";
import { database } from "./harness.ts";
import { member, scene, setSlots, uploaded } from "./rows.ts";
import { age, claimNext, complete, newToken, request, summaryRow } from "./worker_calls.ts";

const many = <T>(count: number, make: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

Deno.test("a user's request is a queued summary, in the user's name and role", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql, { autoSummarize: false });
    const { consultation } = await uploaded(sql, at);
    const template = { language: "Swedish" };
    const asked = { consultation, user: at.nurse, template };
    const first = await request(sql, asked);
    const id = first.summary_id;
    assertEquals(first, { outcome: "queued", summary_id: id, status: "queued" });
    const { requested_by, submitted_by, template_config } = await summaryRow(sql, id);
    assertEquals([requested_by, submitted_by, template_config], [
      at.nurse,
      "nurse",
      template,
    ]);

    const again = async (changed: Partial<Parameters<typeof request>[1]>) =>
      await request(sql, { ...asked, ...changed });
    const active = { outcome: "active", summary_id: id, status: "processing" };
    assertEquals(await again({}), { ...active, status: "queued", same: true });
    const token = newToken();
    assertEquals((await claimNext(sql, token)).job.summary_id, id);
    assertEquals(await again({}), { ...active, same: true });
    assertEquals(await again({ template: undefined }), { ...active, same: false });
    assertEquals(await again({ submittedBy: "doctor" }), { ...active, same: false });
    // Who asks without naming a speaker asks for whatever is under way.
    assertEquals(await again({ user: at.doctor }), { ...active, same: true });
    assertEquals(await again({ user: at.admin, submittedBy: "nurse" }), {
      ...active,
      same: true,
    });
    assertEquals(await complete(sql, id, token), "completed");
    const next = await again({ user: at.admin });
    assertEquals((await summaryRow(sql, next.summary_id)).submitted_by, "doctor");
  } finally {
    await db.close();
  }
});

Deno.test("a request finds the summary that the upload started, and waits where no slot is free", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await setSlots(sql, 0);
    const at = await scene(sql);
    const file = await uploaded(sql, at, at.doctor);
    assertEquals(await request(sql, { consultation: file.consultation, user: at.doctor }), {
      outcome: "active",
      summary_id: file.summary,
      status: "queued",
      same: true,
    });
    await sql`update public.summaries set status = 'cancelled' where true`;
    const asked = await request(sql, { consultation: file.consultation, user: at.doctor });
    assertEquals([asked.outcome, asked.status], ["queued", "queued"]);
    await setSlots(sql, 1);
    assertEquals((await claimNext(sql)).job.summary_id, asked.summary_id);
  } finally {
    await db.close();
  }
});

Deno.test("requests are refused for strangers, for empty consultations and beyond the hourly limits", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql, { autoSummarize: false });
    const other = await scene(sql);
    const { consultation } = await uploaded(sql, at);
    const refused = (code: string, retry_after: number | null = null) => (
      { outcome: "refused", code, retry_after }
    );
    const ask = (user: string, about = consultation) => request(sql, { consultation: about, user });
    assertEquals(await ask(other.admin), refused("not_found"));
    assertEquals(await ask(at.doctor, crypto.randomUUID()), refused("not_found"));
    assertEquals(await ask(at.doctor, at.consultation), refused("no_recordings"));
    await sql`update public.clinic_members set disabled_at = now() where user_id = ${at.nurse}`;
    assertEquals(await ask(at.nurse), refused("not_found"));

    await sql`update summaries_private.settings set user_requests_per_hour = 2, clinic_requests_per_hour = 3 where only_row`;
    const askAndEnd = async (user: string) => {
      const answer = await ask(user);
      await sql`update public.summaries set status = 'cancelled' where status = 'queued'`;
      return answer;
    };
    assertEquals((await askAndEnd(at.doctor)).outcome, "queued");
    await age(sql, 50);
    assertEquals((await askAndEnd(at.doctor)).outcome, "queued");
    const limited = await askAndEnd(at.doctor);
    assertEquals(limited, refused("rate_limited", limited.retry_after));
    assert(limited.retry_after > 540 && limited.retry_after <= 600);
    assertEquals((await askAndEnd(at.admin)).outcome, "queued");
    // The clinic's limit.
    assertEquals((await askAndEnd(at.receptionist)).code, "rate_limited");
    await age(sql, 10);
    assertEquals((await askAndEnd(at.doctor)).outcome, "queued");
  } finally {
    await db.close();
  }
});

Deno.test("the hourly limit holds for requests in parallel", async () => {
  const db = await database();
  try {
    const { sql } = db;
    await sql`update summaries_private.settings set clinic_requests_per_hour = 3 where only_row`;
    const at = await scene(sql, { autoSummarize: false });
    const consultations: string[] = [];
    for (let n = 0; n < 9; n++) consultations.push((await uploaded(sql, at)).consultation);
    const users = await many(9, () => member(sql, at.clinic, "doctor"));
    const outcomes = await many(9, async (n) => {
      const asked = { consultation: consultations[n], user: users[n] };
      return (await request(sql, asked)).outcome;
    });
    assertEquals(outcomes.filter((outcome) => outcome === "queued").length, 3);
  } finally {
    await db.close();
  }
});

Deno.test("a request, a client's insert and an upload at once make one summary", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const at = await scene(sql, { autoSummarize: false });
    for (let round = 0; round < 5; round++) {
      const { consultation } = await uploaded(sql, at);
      const [first, second, inserted] = await Promise.all([
        request(sql, { consultation, user: at.doctor }),
        request(sql, { consultation, user: at.doctor }),
        db.as(
          "authenticated",
          { sub: at.doctor },
          (tx) => tx`insert into public.summaries (consultation_id) values (${consultation})`,
        )
          .then(() => "inserted", (error) => error.detail as string),
      ]);
      const outcomes = [first.outcome, second.outcome, inserted].sort();
      const made = outcomes.filter((outcome) => outcome === "queued" || outcome === "inserted");
      assertEquals([made.length, outcomes.length], [1, 3], String(outcomes));
      assert(
        outcomes.every((outcome) =>
          ["queued", "inserted", "active", "already_running"].includes(outcome)
        ),
      );
    }
  } finally {
    await db.close();
  }
});
