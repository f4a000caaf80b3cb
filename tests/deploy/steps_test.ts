/** The steps of docs/deploying.md, as they are written there. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { makeClinic } from "../../local/commands/demo/clinic.ts";
import { CLI, supabase } from "../../local/commands/types/supabase_cli.ts";
import { startStack } from "../../local/stack/stack.ts";
import { database } from "../database/harness.ts";
import { user } from "../database/rows.ts";
import { PROJECT_REF, startManagementApi } from "./management_api.ts";

const root = new URL("../../", import.meta.url);
const page = await Deno.readTextFile(new URL("docs/deploying.md", root));

const blocks = (language: string) =>
  [...page.matchAll(new RegExp("```" + language + "\\n([^`]*)```", "g"))].map(([, text]) => text);

/** The arguments of every call of the CLI. */
const calls = blocks("sh").join("").split("\n")
  .filter((line) => line.startsWith(`npx ${CLI} `))
  .map((line) => line.slice(`npx ${CLI} `.length).replaceAll("REF", PROJECT_REF))
  // As a shell would put it there.
  .map((line) => line.replace('"$(cat key.json)"', '{"type":"service_account"}').split(" "));

Deno.test("linking, setting secrets and deploying work as written", async () => {
  await using api = await startManagementApi();
  // A folder of its own: linking leaves traces.
  const folder = await Deno.makeTempDir();
  try {
    const copied = await new Deno.Command("cp", {
      args: ["-R", fileURLToPath(new URL("supabase", root)), folder],
    }).output();
    assert(copied.success);
    const run = calls.filter(([command]) => ["link", "secrets", "functions"].includes(command));
    assertEquals(run.map(([command]) => command), ["link", "secrets", "functions", "secrets"]);
    for (const args of run) {
      const said = await supabase([...args, "--yes", `--profile=${api.profile}`], api.env, folder);
      assertEquals(said.code, 0, said.stderr + said.stdout);
    }
    assertEquals([...api.secrets.keys()], [
      "GEMINI_API_KEY",
      "HINT_KEY",
      "FRONTEND_URL",
      "WALL_CLOCK_SECONDS",
      "MODEL_PROVIDER",
      "GOOGLE_CLOUD_KEY",
      "GOOGLE_CLOUD_LOCATION",
      "GOOGLE_CLOUD_BUCKET",
    ]);
    assertEquals(api.deployed.map(({ slug }) => slug), ["generate-summary"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("pushing migrates a new project, and every statement of the page runs on it", async () => {
  const db = await database({ migrations: false });
  try {
    for (const args of calls.filter(([command]) => command === "db")) {
      const there = args.map((arg) => arg === "--remote" ? `--remote=${db.url()}` : arg);
      const said = await supabase([...there, "--yes"]);
      assertEquals(said.code, 0, said.stderr + said.stdout);
    }
    const id = await user(db.sql);
    await db.sql`update auth.users set email = 'doctor@example.com' where id = ${id}`;
    for (const statements of blocks("sql")) {
      await db.sql.unsafe(statements.replaceAll("REF", PROJECT_REF));
    }
    const members = await db.sql`select user_id, role from public.clinic_members`;
    assertEquals([...members], [{ user_id: id, role: "admin" }]);
    const [{ max_in_flight }] = await db.sql`select max_in_flight from summaries_private.settings`;
    assertEquals(max_in_flight, 20);
  } finally {
    await db.close();
  }
});

Deno.test({
  name: "the first upload prints a summary",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const stack = await startStack();
    try {
      const { doctor } = await makeClinic(stack);
      const [step] = blocks("sh").filter((text) => text.includes("first_upload.ts"));
      const [, args] = step.trim().split("local/deno.ts ");
      const values: Record<string, string> = {
        "https://REF.supabase.co": stack.url,
        "sb_publishable_…": stack.keys.publishable,
        "doctor@example.com": doctor.email,
      };
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "local/deno.ts", ...args.split(" ").map((arg) => values[arg] ?? arg)],
        cwd: root,
        env: { PASSWORD: doctor.password },
      }).output();
      const text = new TextDecoder();
      assert(success, text.decode(stderr));
      assertStringIncludes(text.decode(stdout), "Symptoms");
    } finally {
      await stack.stop();
    }
  },
});
