/** The operator's page keeps up with the code: every event, code and field is on it, and its SQL runs. */
import { assert } from "@std/assert";
import { ERRORS } from "../../supabase/functions/generate-summary/core/errors.ts";
import { EVENTS } from "../../supabase/functions/generate-summary/core/log.ts";
import { HealthAnswer } from "../../supabase/functions/generate-summary/http/answers.ts";
import { database } from "../database/harness.ts";

const page = await Deno.readTextFile(new URL("../../docs/operating.md", import.meta.url));
const section = (title: string) => page.split(`\n## ${title}\n`)[1].split("\n## ")[0];

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
    const blocks = [...page.matchAll(/```sql\n([^`]*)```/g)];
    assert(blocks.length === 2);
    for (const [, statements] of blocks) await db.sql.unsafe(statements);
  } finally {
    await db.close();
  }
});
