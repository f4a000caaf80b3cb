import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { PostBody } from "../../../supabase/functions/generate-summary/http/bodies.ts";
import { plainHint, takeHint } from "../../../supabase/functions/generate-summary/http/hint.ts";
import { CONSULTATION, SUMMARY } from "../opened_app.ts";

type Hint = Parameters<typeof takeHint>[0];

const WAKE_UP: Hint = { by: "wake_up", body: {} };
const webhookOf = (schema: string, table: string): Hint => ({
  by: "webhook",
  body: {
    type: "INSERT",
    schema,
    table,
    record: { id: SUMMARY, consultation_id: CONSULTATION },
    old_record: null,
  },
});

/** A hint to a worker that goes on for good. */
function hinting() {
  const kept: Promise<unknown>[] = [];
  const lines: Record<string, unknown>[] = [];
  let wakes = 0;
  const work = new Promise<void>(() => {});
  const hint = (hint: Hint) =>
    takeHint(hint, {
      parts: () =>
        Promise.resolve({
          worker: {
            wake() {
              wakes++;
              return work;
            },
            ended: () => work,
            retire: () => {},
            releaseAll: () => work,
          },
        }),
      log: createLog((line) => lines.push(JSON.parse(line))),
      keepAlive: (work) => kept.push(work),
    });
  return { hint, kept, lines, wakes: () => wakes };
}

Deno.test("the answer doesn't wait for the work, which keeps the isolate", async () => {
  const { hint, kept, wakes, lines } = hinting();
  assertEquals(hint(WAKE_UP), { summary_id: null, status: "accepted" });
  assertEquals(kept.length, 1);
  const other = new Promise((go) => setTimeout(go, 0, "the work goes on"));
  assertEquals(await Promise.race([kept[0], other]), "the work goes on");
  assertEquals([wakes(), lines[0].event, lines[0].code], [1, "request", "wake_up"]);
});

Deno.test("which summary is named makes no difference", async () => {
  const { hint, kept, wakes } = hinting();
  const named: Hint = { by: "wake_up", body: { summary_id: SUMMARY } };
  assertEquals(hint(named), { summary_id: null, status: "accepted" });
  await Promise.resolve();
  assertEquals([kept.length, wakes()], [1, 1]);
});

for (const [schema, table] of [["public", "recordings"], ["storage", "objects"]]) {
  Deno.test(`a webhook of ${schema}.${table} wakes a worker, whatever row it holds`, async () => {
    const { hint, kept, wakes, lines } = hinting();
    assertEquals(hint(webhookOf(schema, table)), { summary_id: null, status: "accepted" });
    await Promise.resolve();
    assertEquals([kept.length, wakes(), lines[0].code], [1, 1, "webhook"]);
  });
}

for (
  const [schema, table, why] of [
    ["public", "summaries", "would carry what doctors wrote"],
    ["storage", "recordings", "recordings or storage.objects"],
    ["public", "objects", "recordings or storage.objects"],
    ["public", "invoices", "recordings or storage.objects"],
  ]
) {
  Deno.test(`a webhook of ${schema}.${table} is refused with the tables that are taken`, () => {
    const { hint, kept, lines } = hinting();
    const error = assertThrows(() => hint(webhookOf(schema, table)), AppError);
    assertEquals(error.code, "invalid_request");
    assertStringIncludes(error.message, why);
    assertStringIncludes(error.message, "recordings or storage.objects.");
    assertEquals([kept, lines], [[], []]);
  });
}

Deno.test("a hint without anything is known without the schemas of bodies, nothing else is", () => {
  assertEquals(plainHint({}), WAKE_UP as PostBody as typeof WAKE_UP & { by: "wake_up" });
  for (const body of [{ summary_id: SUMMARY }, [], null, "", 0, undefined]) {
    assertEquals(plainHint(body), null);
  }
});
