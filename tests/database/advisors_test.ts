import { assertEquals } from "@std/assert";
import { database } from "./harness.ts";

/** Nobody may read a partition by itself: no policy is what is wanted there. */
const PARTITION =
  /^Table `summaries_private\.(summary_events|model_calls)_\w+` has RLS enabled, but no policies/;

const CLI = "supabase@3.1.0";

for (const olderDefaultPrivileges of [false, true]) {
  const name = olderDefaultPrivileges ? " (with the older default privileges)" : "";
  Deno.test(`Supabase's advisors have nothing to say but that indexes are new, and that nobody reads partitions${name}`, async () => {
    const db = await database({ olderDefaultPrivileges });
    const elsewhere = await Deno.makeTempDir();
    try {
      const options = ["--level", "info", "--fail-on", "none", "--output-format", "json"];
      const { code, stdout, stderr } = await new Deno.Command("npx", {
        args: ["--yes", CLI, "db", "advisors", `--remote=${db.url()}`, ...options],
        cwd: elsewhere,
      }).output();
      if (code !== 0) {
        const reason = new TextDecoder().decode(stderr).trim();
        if (!/npm error|ENOTFOUND|ECONNREFUSED/.test(reason)) throw new Error(reason);
        console.log(`skipped: the CLI (${CLI}) cannot be had here\n${reason}`);
        return;
      }
      const { results } = JSON.parse(new TextDecoder().decode(stdout));
      const found = results.filter((result: { name: string; detail: string }) =>
        result.name !== "unused_index" && !PARTITION.test(result.detail)
      );
      assertEquals(found, []);
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
      await db.close();
    }
  });
}
