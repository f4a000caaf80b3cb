/** The operator's page keeps up with the code: every event, code and field is on it, and its SQL runs. */
import { assert, assertEquals } from "@std/assert";
import { ERRORS } from "../../supabase/functions/generate-summary/core/errors.ts";
import { EVENTS } from "../../supabase/functions/generate-summary/core/log.ts";
import { HealthAnswer } from "../../supabase/functions/generate-summary/http/answers.ts";
import { database } from "../database/harness.ts";
import { clinic, uploaded } from "../database/rows.ts";
import { claim, newToken, paidCall, save } from "../database/worker_calls.ts";

const page = await Deno.readTextFile(new URL("../../docs/operating.md", import.meta.url));
const section = (title: string) => page.split(`\n## ${title}\n`)[1].split("\n## ")[0];

const sqlOf = (text: string) =>
  [...text.matchAll(/```sql\n([^`]*)```/g)].map(([, statements]) => statements);

function assertNames(title: string, names: string[]) {
  for (const name of names) {
    assert(section(title).includes(`\`${name}\``), `${title}: ${name} is missing`);
  }
}

Deno.test("every log event is explained", () => assertNames("Log events", Object.keys(EVENTS)));

Deno.test("every error code is explained", () => assertNames("Error codes", Object.keys(ERRORS)));

Deno.test("every health field is explained", () => {
  const { queue, ...fields } = HealthAnswer.shape;
  const depth = Object.keys(queue.unwrap().unwrap().shape).map((name) => `queue.${name}`);
  assertNames("Health", [...Object.keys(fields), ...depth]);
});

Deno.test("every setting is explained, and the page's SQL runs", async () => {
  const db = await database();
  try {
    const [settings] = await db.sql`select * from summaries_private.settings`;
    const { only_row: _, last_sweep_at: __, ...changeable } = settings;
    assertNames("The queue, in SQL", Object.keys(changeable));
    const blocks = sqlOf(page);
    assertEquals(blocks.length, 3);
    for (const statements of blocks) await db.sql.unsafe(statements);
  } finally {
    await db.close();
  }
});

/** A call about ten minutes of sound: 3.75 cents. */
const tenMinutes = { input_tokens: 20_000, audio_tokens: 10 * 60 * 32, output_tokens: 6000 };

Deno.test("its SQL tells minutes of sound, however often they were heard, and dollars as by hand", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const [one, other] = [await clinic(sql), await clinic(sql)];
    const [long, short] = [
      await uploaded(sql, { clinic: one }),
      await uploaded(sql, { clinic: one }),
    ];
    const hour = await uploaded(sql, { clinic: other });
    const booked: [typeof long, object[]][] = [
      [long, [
        paidCall({ ...tenMinutes, recording_id: long.recording, outcome: "truncated" }),
        paidCall({ ...tenMinutes, recording_id: long.recording, at: "2026-11-21T00:30:00Z" }),
      ]],
      [short, [
        // 0.45 + 0.03 + 1.125 cents
        paidCall({
          recording_id: short.recording,
          input_tokens: 10_000,
          audio_tokens: 5 * 60 * 32,
          cached_tokens: 4000,
          output_tokens: 3000,
          thought_tokens: 3000,
        }),
        // 0.3 + 0.75 cents
        paidCall({ purpose: "compose", input_tokens: 4000, output_tokens: 2000 }),
      ]],
      [hour, [
        // 8.7 + 13.5 cents
        paidCall({
          recording_id: hour.recording,
          input_tokens: 116_000,
          audio_tokens: 60 * 60 * 32,
          output_tokens: 36_000,
          estimated: true,
        }),
      ]],
    ];
    for (const [file, calls] of booked) {
      const token = newToken();
      await claim(sql, file.summary, token);
      await save(sql, file.summary, token, file, 0, null, { calls });
    }
    // Of what is gone, nobody knows what came of it.
    await sql`delete from public.recordings where id = ${hour.recording}`;
    const [, costs] = sqlOf(page);
    const rows = (await sql.unsafe(`set timezone = 'UTC'; ${costs}`)).slice(1)
      .map((answer: unknown) =>
        (answer as Record<string, unknown>[]).map((row) => Object.values(row))
      );
    const [day, next] = [new Date("2026-11-20T00:00:00Z"), new Date("2026-11-21T00:00:00Z")];
    assertEquals(rows, [
      [
        [next, one, "0.0", "0.0375", null],
        [day, other, "60.0", "0.2220", "0.0037"],
        [day, one, "15.0", "0.0641", "0.0043"],
      ],
      [
        [next, "extract", "1", "0.000", "0.000", "0.000"],
        [day, "compose", "1", "0.000", "0.000", "0.000"],
        [day, "extract", "3", "0.333", "0.333", "0.333"],
      ],
      // Three calls about the two that are there came to two parts.
      [[day, "3", "0.333"]],
    ]);
  } finally {
    await db.close();
  }
});
