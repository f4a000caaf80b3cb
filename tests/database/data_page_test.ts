/** `docs/data.md` is taken from the database, not from what somebody believes of it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { page } from "../../local/commands/data/page.ts";
import { database } from "./harness.ts";

Deno.test("the page of the data follows comments, grants, policies and the changes that are let through", async () => {
  const db = await database();
  try {
    const { sql } = db;
    const before = await page(sql);
    for (
      const line of [
        "### clinics\n\nTenants. Created by the service, with their first admin.\n",
        "- **delete**: admins remove members, and members themselves; the service\n",
        "| **processing** | worker |  | worker | worker | worker, any member |\n",
        "| **rejected** | by an edit: doctor, nurse, admin |  |  |  |\n",
        "### summary_events\n\nWhat happened to a summary, in order. ",
      ]
    ) assertStringIncludes(before, line);
    assertEquals([...before.matchAll(/summary_events_\w+/g)].map(String), [], "partitions");

    const [{ guard }] = await sql`
      select pg_get_functiondef('summaries_private.guard_summary'::regproc) as guard`;
    await sql.unsafe(`
      comment on table public.clinics is 'Something else.';
      alter policy "admins remove members, and members themselves" on public.clinic_members rename to "everyone removes";
      revoke delete on public.clinic_members from service_role;
      ${guard.replace("'failed'), ('processing', 'cancelled')", "'failed')")};
      revoke update (review_status) on public.summaries from authenticated;`);
    const after = await page(sql);
    for (
      const line of [
        "### clinics\n\nSomething else.\n",
        "- **delete**: everyone removes\n",
        "| **processing** | worker |  | worker | worker |  |\n",
        "| **rejected** |  |  |  |  |\n",
      ]
    ) assertStringIncludes(after, line);
  } finally {
    await db.close();
  }
});
