import { assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { Webhook } from "../../../supabase/functions/generate-summary/http/bodies.ts";
import { takeHint } from "../../../supabase/functions/generate-summary/http/hint.ts";
import {
  assertRefused,
  CLINIC,
  CONSULTATION,
  fakeDataApi,
  openApp,
  SUMMARY,
} from "../opened_app.ts";

Deno.test("the service starts a summary and is answered at once", async () => {
  const { asService, taken } = openApp();
  assertEquals((await asService({ summary_id: SUMMARY })).status, 202);
  const webhook = { type: "INSERT", schema: "public", old_record: null };
  await asService({ ...webhook, table: "summaries", record: { id: SUMMARY } });
  const path = `${CLINIC}/${CONSULTATION}/a.webm`;
  const object = { ...webhook, schema: "storage", table: "objects", record: { name: path } };
  assertEquals((await asService(object)).body.summary_id, SUMMARY);
  assertEquals(taken, [SUMMARY, SUMMARY, SUMMARY]);
  assertRefused(
    await asService({ ...webhook, table: "invoices", record: {} }),
    "invalid_request",
  );
});

const webhook = (changes: Partial<Webhook>): Webhook => ({
  type: "INSERT",
  schema: "public",
  table: "recordings",
  record: { consultation_id: CONSULTATION },
  old_record: null,
  ...changes,
});

/** A webhook, where the Data API answers `answer` when it is asked for active summaries. */
function hinting(answer = () => Response.json([{ id: SUMMARY }])) {
  const taken: string[] = [];
  const kept: Promise<unknown>[] = [];
  const { dataApi, asked } = fakeDataApi(answer);
  const work = new Promise<void>(() => {});
  const hint = (changes: Partial<Webhook>) =>
    takeHint({ by: "webhook", body: webhook(changes) }, {
      parts: () =>
        Promise.resolve({
          dataApi,
          worker: {
            start: () => work,
            take: (id) => {
              taken.push(id);
              return work;
            },
            releaseAll: () => work,
          },
        }),
      log: createLog(() => {}),
      keepAlive: (work) => kept.push(work),
    });
  return { hint, taken, kept, asked };
}

Deno.test("the answer doesn't wait for the work, which keeps the isolate", async () => {
  const { hint, kept } = hinting();
  assertEquals(await hint({}), { summary_id: SUMMARY, status: "accepted" });
  assertEquals(kept.length, 1);
  const other = new Promise((go) => setTimeout(go, 0, "the work goes on"));
  assertEquals(await Promise.race([kept[0], other]), "the work goes on");
});

Deno.test("a change of a recording is about its consultation's active summary", async () => {
  const { hint, taken, asked } = hinting();
  await hint({});
  assertEquals(taken, [SUMMARY]);
  assertEquals(asked[0].searchParams.get("consultation_id"), `eq.${CONSULTATION}`);
  assertEquals(asked[0].searchParams.get("status"), "in.(queued,processing)");
});

for (
  const [what, changes] of [
    ["a deletion", { type: "DELETE", record: null }],
    ["a deletion that still holds a row", { type: "DELETE" }],
    ["a change without a row", { type: "UPDATE", record: null }],
    ["a summary without an id", { table: "summaries", record: {} }],
    ["an id that is none", { table: "summaries", record: { id: `${SUMMARY}, or=(a.b)` } }],
    ["a recording of no consultation", { record: { consultation_id: null } }],
    ["an object that is in no folder", {
      schema: "storage",
      table: "objects",
      record: { name: "a.webm" },
    }],
    ["an object in a folder of another kind", {
      schema: "storage",
      table: "objects",
      record: { name: `${CLINIC}/logo/a.png` },
    }],
    ["an object without a name", { schema: "storage", table: "objects", record: {} }],
  ] as [string, Partial<Webhook>][]
) {
  Deno.test(`${what} is nothing to do, and nothing is asked`, async () => {
    const { hint, taken, asked } = hinting();
    assertEquals(await hint(changes), { summary_id: null, status: "nothing" });
    assertEquals([taken, asked], [[], []]);
  });
}

Deno.test("a consultation without an active summary is nothing to do", async () => {
  const { hint, taken } = hinting(() => Response.json([]));
  assertEquals(await hint({}), { summary_id: null, status: "nothing" });
  assertEquals(taken, []);
});

Deno.test("a table of the same name in another schema is refused", async () => {
  for (const [schema, table] of [["storage", "recordings"], ["public", "objects"]]) {
    const error = await assertRejects(() => hinting().hint({ schema, table }), AppError);
    assertEquals(error.code, "invalid_request");
  }
});

Deno.test("while the database is away a hint is refused, so that it is sent again", async () => {
  const { hint, taken } = hinting(() => Response.json({ message: "away" }, { status: 500 }));
  assertEquals((await assertRejects(() => hint({}), AppError)).code, "database_unavailable");
  assertEquals(taken, []);
});
