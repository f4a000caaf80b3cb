/** docs/existing-project.md, done to a project that has tables, migrations and functions of its own. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { supabase } from "../../local/commands/types/supabase_cli.ts";
import { type Database, database } from "../database/harness.ts";
import { clinic, pathIn, scene, upload } from "../database/rows.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = await Deno.readTextFile(join(root, "docs/existing-project.md"));
const takeAway = await Deno.readTextFile(join(root, "supabase/take_away.sql"));

const THEIRS: Record<string, string> = {
  "20250101120000_patients.sql": `
    create table public.patients (id uuid primary key default gen_random_uuid(), name text not null);
    alter table public.patients enable row level security;
    create policy "staff read" on public.patients for select to authenticated using (true);
    create function public.touch() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger touch before update on public.patients for each row execute function public.touch();
    insert into storage.buckets (id, name) values ('avatars', 'avatars');
    create policy "avatars are read" on storage.objects for select to authenticated
      using (bucket_id = 'avatars');
    create trigger theirs after insert on storage.objects for each row execute function public.touch();
    select cron.schedule('theirs', '0 3 * * *', 'select 1');
    select vault.create_secret('x', 'project_url');
    insert into public.patients (name) values ('Ada');`,
  // Newer than this project's: those would be out of order.
  "20270101120000_rooms.sql": "create table public.rooms (id int primary key);",
};

interface Project extends AsyncDisposable {
  db: Database;
  folder: string;
  push(...args: string[]): Promise<{ code: number; said: string }>;
}

/** Their project, pushed, then this one's files copied into it by the page's own commands. */
async function theirProject(): Promise<Project> {
  const db = await database({ migrations: false });
  // As on hosted projects that use them.
  await db.sql`create extension if not exists pg_net with schema extensions`;
  await db.sql`create extension if not exists pg_cron`;
  await db.sql`create extension if not exists supabase_vault`;
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "supabase/migrations"), { recursive: true });
  await Deno.mkdir(join(folder, "supabase/functions/hello"), { recursive: true });
  await Deno.writeTextFile(join(folder, "supabase/functions/hello/index.ts"), "export {};");
  await Deno.writeTextFile(
    join(folder, "supabase/config.toml"),
    'project_id = "theirs"\n\n[functions.hello]\nenabled = true\n',
  );
  for (const [name, text] of Object.entries(THEIRS)) {
    await Deno.writeTextFile(join(folder, "supabase/migrations", name), text);
  }
  const push = async (...args: string[]) => {
    const remote = args.map((arg) => arg === "--remote" ? `--remote=${db.url()}` : arg);
    const { code, stdout, stderr } = await supabase([...remote, "--yes"], {}, folder);
    return { code, said: stdout + stderr };
  };
  const first = await push("db", "push", "--remote");
  assertEquals(first.code, 0, first.said);
  return {
    db,
    folder,
    push,
    async [Symbol.asyncDispose]() {
      await db.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const blocks = (language: string) =>
  [...page.matchAll(new RegExp("```" + language + "\\n([^`]*)```", "g"))].map(([, text]) => text);

async function copyInto(folder: string): Promise<void> {
  const script = blocks("sh").find((text) => text.includes("cp "))!;
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-ec", script.replaceAll("SUMMARIES", root)],
    cwd: folder,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const config = join(folder, "supabase/config.toml");
  await Deno.writeTextFile(
    config,
    await Deno.readTextFile(config) + "\n" + blocks("toml").join(""),
  );
}

/** The arguments of the page's calls of the CLI. */
const calls = blocks("sh").join("").split("\n").filter((line) => line.startsWith("npx supabase@"))
  .map((line) => line.split(" ").slice(2));

/** All that is in the database, but for rows: what it is called, and how it is defined. */
async function everything({ sql }: Database): Promise<string[]> {
  const rows = await sql`
    select 'class ' || oid::regclass || ' ' || coalesce(relacl::text, '') as it from pg_class
      where relnamespace::regnamespace::text !~ '^(pg_|information_schema)' and relkind <> 't'
    union all select 'function ' || oid::regprocedure || md5(prosrc) from pg_proc
      where pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
    union all select 'policy ' || polname || ' on ' || polrelid::regclass from pg_policy
    union all select 'trigger ' || tgname || ' on ' || tgrelid::regclass from pg_trigger
      where not tgisinternal
    union all select 'constraint ' || conname || ' on ' || conrelid::regclass from pg_constraint
    union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_'
    union all select 'cron ' || jobname from cron.job
    union all select 'secret ' || name from vault.secrets
    union all select 'migration ' || version from supabase_migrations.schema_migrations
    order by 1`;
  return rows.map(({ it }) => it);
}

Deno.test("it goes into a project that has its own, touches nothing of theirs, and is taken away again", async () => {
  await using project = await theirProject();
  const { db, folder, push } = project;
  const before = await everything(db);
  await copyInto(folder);

  const refused = await push("db", "push", "--remote");
  assert(refused.code !== 0, "out of order, and pushed all the same");
  assertStringIncludes(refused.said, "--include-all");
  const [dry, real] = calls.filter(([command]) => command === "db");
  assert(dry.includes("--dry-run") && real.includes("--include-all"));
  for (const call of [dry, real]) {
    const { code, said } = await push(...call);
    assertEquals(code, 0, said);
  }
  const after = await everything(db);
  assertEquals(before.filter((one) => !after.includes(one)), []);
  assertEquals([...await db.sql`select name from public.patients`], [{ name: "Ada" }]);
  const here = await scene(db.sql);
  await upload(db.sql, pathIn(here));
  const summaries = await db.sql`select status from public.summaries`;
  assertEquals([...summaries], [{ status: "queued" }]);
  await db.sql`select vault.create_secret('y', 'hint_key')`;

  await assertRejects(() => db.sql.unsafe(takeAway), Error, "holds files");
  await db.sql.begin(async (tx) => {
    await tx`set local storage.allow_delete_query = 'true'`;
    await tx`delete from storage.objects where bucket_id = 'consultations'`;
  });
  await db.sql.unsafe(takeAway);
  const left = await everything(db);
  assertEquals(left.filter((one) => !before.includes(one)), []);
  assertEquals(before.filter((one) => !left.includes(one)), []);
  assertEquals([...await db.sql`select name from public.patients`], [{ name: "Ada" }]);
  await assertRejects(() => db.sql.unsafe(takeAway), Error, "nothing to take away");
  // Uploads go on, and it may come again.
  await upload(db.sql, "a.png", { bucket: "avatars" });
  const again = await push(...real);
  assertEquals(again.code, 0, again.said);
});

Deno.test("names that are taken, and policies of theirs that would open the files, are found before", async () => {
  await using project = await theirProject();
  const { sql } = project.db;
  const [names, policies] = blocks("sql");
  assertEquals([...await sql.unsafe(names)], []);
  assertEquals([...await sql.unsafe(policies)], []);
  await sql.unsafe(`
    create table public.clinics (id int);
    create view public.summaries as select 1 as one;
    insert into storage.buckets (id, name) values ('consultations', 'consultations');
    create policy "all is read" on storage.objects for select using (auth.uid() is not null);
    create policy "all is sent" on storage.objects for insert with check (true);`);
  const taken = (await sql.unsafe(names)).map(({ taken }) => taken);
  assertEquals(taken.sort(), ["bucket consultations", "public.clinics", "public.summaries"]);
  const open = (await sql.unsafe(policies)).map(({ polname }) => polname);
  assertEquals(open.sort(), ["all is read", "all is sent"]);
  // All that would be made is looked for.
  const relations = /v_relations constant text\[\] := array\[([^\]]*)\]/.exec(takeAway)![1].match(
    /\w+/g,
  )!;
  for (const name of relations) assertStringIncludes(names, `'${name}'`);
});

Deno.test("what is theirs and needs it is named, and then everything stays", async () => {
  await using project = await theirProject();
  const { db, folder, push } = project;
  await copyInto(folder);
  await push("db", "push", "--remote", "--include-all");
  await db.sql.unsafe(`
    create table public.visits (consultation uuid references public.consultations);
    create view public.names as select name from public.clinics;
    create policy "clinics" on public.patients
      using (exists (select from summaries_private.clinic_ids()));`);
  const before = await everything(db);
  const { message } = await assertRejects(() => db.sql.unsafe(takeAway), Error);
  for (const named of ["visits_consultation_fkey", "view names", "policy clinics"]) {
    assertStringIncludes(message, named);
  }
  assertEquals(await everything(db), before);
});

Deno.test("an upgrade is the next version's files and the same push: rows stay, and going back is a migration forward", async () => {
  await using project = await theirProject();
  const { db, folder, push } = project;
  await copyInto(folder);
  const args = ["db", "push", "--remote", "--include-all"];
  await push(...args);
  const id = await clinic(db.sql);
  const next = async (name: string, sql: string) => {
    await Deno.writeTextFile(join(folder, "supabase/migrations", name), sql);
    return await push(...args);
  };
  const up = await next("20261201000100_next.sql", "alter table public.clinics add country text;");
  assertEquals(up.code, 0, up.said);
  assertEquals([...await db.sql`select id, country from public.clinics`], [{ id, country: null }]);
  // One that fails leaves nothing of itself.
  const before = await everything(db);
  const bad = await next(
    "20261201000200_bad.sql",
    "create table public.half (id int); select 1/0;",
  );
  assert(bad.code !== 0);
  assertEquals(await everything(db), before);
  await Deno.remove(join(folder, "supabase/migrations/20261201000200_bad.sql"));
  const back = await next(
    "20261201000300_back.sql",
    "alter table public.clinics drop column country;",
  );
  assertEquals(back.code, 0, back.said);
  assertEquals([...await db.sql`select id from public.clinics`], [{ id }]);
});
