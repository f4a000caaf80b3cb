import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { migrate, MigrationsChanged } from "../../local/postgres/migrate.ts";
import { database } from "./harness.ts";
import { code, until, withPlatform } from "./platform.ts";

Deno.test("postgres is no superuser, and puts only policies and triggers on what the services own", () =>
  withPlatform(async ({ sql }) => {
    const [role] =
      await sql`select rolsuper, rolbypassrls from pg_roles where rolname = current_user`;
    assertEquals({ ...role }, { rolsuper: false, rolbypassrls: true });

    await sql.unsafe(`
      create function public.seen() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger seen after insert or update or delete on storage.objects
        for each row execute function public.seen();
      create policy "all may read" on storage.objects for select to authenticated using (true);
      create policy "all may listen" on realtime.messages for select to authenticated using (true);
      create table public.profiles (id uuid primary key references auth.users);
      alter publication supabase_realtime add table public.profiles;
      drop trigger seen on storage.objects;
      drop policy "all may read" on storage.objects;`);
    for (
      const refused of [
        "create table storage.more (id int)",
        "create index on storage.objects (owner)",
        "alter table storage.objects enable row level security",
        "create function storage.more() returns int language sql as 'select 1'",
        "alter table auth.users add column note text",
        "insert into vault.secrets (secret) values ('plain')",
      ]
    ) {
      assertEquals(await code(sql.unsafe(refused)), "42501", refused);
    }
  }));

Deno.test("a new table in public is nobody's until granted; with older default privileges it is everybody's", async () => {
  for (const [olderDefaultPrivileges, expected] of [[false, false], [true, true]] as const) {
    const db = await database({ migrations: false, olderDefaultPrivileges });
    try {
      await db.sql.unsafe(`
        create table public.notes (id int);
        create function public.count_notes() returns bigint language sql as 'select 1::bigint';
        revoke execute on function public.count_notes() from public;`);
      for (const role of ["anon", "authenticated", "service_role"]) {
        const [can] = await db.sql`
          select has_table_privilege(${role}, 'public.notes', 'truncate') as "table",
            has_function_privilege(${role}, 'public.count_notes()', 'execute') as function`;
        assertEquals({ ...can }, { table: expected, function: expected }, role);
      }
    } finally {
      await db.close();
    }
  }
});

Deno.test("auth.uid() and auth.role() read the claims, in either setting, and are null without", () =>
  withPlatform(async ({ sql, as }) => {
    const sub = crypto.randomUUID();
    const [claims] = await as("authenticated", { sub }, (tx) => tx`select auth.uid(), auth.role()`);
    assertEquals({ ...claims }, { uid: sub, role: "authenticated" });
    const [legacy] = await sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claim.sub', ${sub}, true)`;
      return await tx`select auth.uid()`;
    });
    assertEquals(legacy.uid, sub);
    const [none] = await sql`select auth.uid(), auth.role(), auth.jwt()`;
    assertEquals({ ...none }, { uid: null, role: null, jwt: null });
  }));

Deno.test("a row of storage.objects is deleted by the Storage service alone", () =>
  withPlatform(async ({ sql, connect }) => {
    await sql`insert into storage.buckets (id, name) values ('files', 'files')`;
    await sql`insert into storage.objects (bucket_id, name) values ('files', 'a/b.c/d.tar.gz')`;
    const [path] = await sql`
      select storage.foldername(name), storage.filename(name), storage.extension(name), path_tokens
      from storage.objects`;
    assertEquals({ ...path }, {
      foldername: ["a", "b.c"],
      filename: "d.tar.gz",
      extension: "gz",
      path_tokens: ["a", "b.c", "d.tar.gz"],
    });

    await assertRejects(
      () => sql`delete from storage.objects where true`,
      Error,
      "Direct deletion",
    );
    assertEquals(await code(sql`delete from storage.objects where true`), "42501");
    const service = connect("supabase_storage_admin");
    assertEquals(await code(service`delete from storage.objects where true`), "42501");
    await service.begin(async (tx) => {
      await tx`select set_config('storage.allow_delete_query', 'true', true)`;
      await tx`delete from storage.objects where true`;
    });
    assertEquals(await sql`select 1 from storage.objects`.then((rows) => rows.length), 0);
    // What its permission probe needs.
    const [probe] = await service.begin(async (tx) => {
      await tx`set local role authenticated`;
      return await tx`select current_user`;
    });
    assertEquals(probe.current_user, "authenticated");
  }));

Deno.test("a secret in the vault is kept encrypted, and read by postgres but not by users", () =>
  withPlatform(async ({ sql, as }) => {
    const [{ id }] = await sql`select vault.create_secret('open sésame', 'door', 'a door') as id`;
    const [secret] = await sql`
      select decrypted_secret, secret, description from vault.decrypted_secrets where name = 'door'`;
    assertEquals(secret.decrypted_secret, "open sésame");
    assert(!secret.secret.includes("open"));
    await sql`select vault.update_secret(${id}, 'closed')`;
    const [changed] = await sql`select name, decrypted_secret from vault.decrypted_secrets`;
    assertEquals({ ...changed }, { name: "door", decrypted_secret: "closed" });
    assertEquals(await code(sql`select vault.create_secret('other', 'door')`), "23505");
    const read = as("authenticated", {}, (tx) => tx`select * from vault.decrypted_secrets`);
    assertEquals(await code(read), "42501");
  }));

Deno.test("net.http_post raises for a null address and for a body that is not JSON", () =>
  withPlatform(async ({ sql }) => {
    assertEquals(await code(sql`select net.http_post(null)`), "23502");
    const text = sql`select net.http_post('http://x', headers => '{"content-type": "text/plain"}')`;
    assertEquals(await code(text), "P0001");
  }));

Deno.test("realtime.send writes the message and its id, and tells who listens after the commit", () =>
  withPlatform(async ({ sql, as }) => {
    const heard: string[] = [];
    await sql.listen("realtime_messages", (id) => heard.push(id));
    await sql.begin(async (tx) => {
      await tx`select realtime.send('{"status": "queued"}', 'summary', 'clinic:1')`;
      throw new Error("rolled back");
    }).catch(() => {});
    await sql`select realtime.send('{"id": "mine"}', 'summary', 'clinic:1', false)`;
    await sql`select realtime.send('{"status": "queued"}', 'summary', 'clinic:1')`;
    const rows = await sql`select * from realtime.messages order by inserted_at`;
    assertEquals(rows.map((row) => [row.topic, row.event, row.extension, row.private]), [
      ["clinic:1", "summary", "broadcast", false],
      ["clinic:1", "summary", "broadcast", true],
    ]);
    assertEquals(rows[0].payload, { id: "mine" });
    assertEquals(rows[1].payload, { id: rows[1].id, status: "queued" });
    await until(() => Promise.resolve(heard.length === 2));
    assertEquals(heard, rows.map((row) => row.id));

    // Row level security is on, and no policy lets a user in.
    const seen = await as("authenticated", {}, (tx) => tx`select * from realtime.messages`);
    assertEquals(seen.length, 0);
  }));

Deno.test("realtime.send swallows every error, and the caller's transaction goes on", () =>
  withPlatform(async ({ sql }) => {
    await sql.begin(async (tx) => {
      await tx`create table public.kept (id int)`;
      await tx`select realtime.send('{}', 'summary', null)`;
    });
    assertEquals((await sql`select to_regclass('public.kept') as kept`)[0].kept, "kept");
    assertEquals((await sql`select * from realtime.messages`).length, 0);
  }));

Deno.test("cron.schedule takes seconds and five fields, and refuses the rest", () =>
  withPlatform(async ({ sql }) => {
    const good = [
      "15 seconds",
      "1 second",
      "59 seconds",
      "* * * * *",
      "*/5 0-6,12 1 * mon-fri",
      "0 0 $ * *",
      "@daily",
    ];
    for (const schedule of good) {
      const [{ kept }] = await sql`
        with s as (select cron.schedule('job', ${schedule}, 'select 1') as id) select id > 0 as kept from s`;
      assert(kept, schedule);
    }
    const bad = [
      "0 seconds",
      "60 seconds",
      "15 minutes",
      "* * * *",
      "60 * * * *",
      "* * 0 * *",
      "every day",
      "",
    ];
    for (const schedule of bad) {
      assertEquals(
        await code(sql`select cron.schedule('bad', ${schedule}, 'select 1')`),
        "22023",
        schedule,
      );
    }
    // The same name: one job.
    const jobs =
      await sql`select jobname, schedule, username, database = current_database() as here from cron.job`;
    assertEquals(jobs.map((job) => ({ ...job })), [
      { jobname: "job", schedule: "@daily", username: "postgres", here: true },
    ]);
    await sql`select cron.unschedule('job')`;
    await assertRejects(
      () => sql`select cron.unschedule('job')`,
      Error,
      "could not find valid entry",
    );
  }));

Deno.test("a migration is applied once, whole or not at all, and an error names its file and line", () =>
  withPlatform(async ({ sql, url }) => {
    const dir = await Deno.makeTempDir();
    const write = (name: string, text: string) => Deno.writeTextFile(join(dir, name), text);
    try {
      await write(
        "001_first.sql",
        "-- one; comment\ncreate table public.a (t text default ';');\n" +
          "create function public.f() returns int language plpgsql as $f$ begin return 1; end $f$;\n",
      );
      await migrate(url(), dir);
      await write(
        "002_second.sql",
        "create table public.b (id int);\n\nselect 1,\n  missing\nfrom public.b;\n",
      );
      await assertRejects(
        () => migrate(url(), dir),
        Error,
        '002_second.sql:4: column "missing" does not exist (42703)',
      );
      assertEquals((await sql`select to_regclass('public.b') as b`)[0].b, null);
      await write(
        "002_second.sql",
        "select 1;\n\n do $$\nbegin\n  raise exception 'stop';\nend $$;",
      );
      await assertRejects(() => migrate(url(), dir), Error, "002_second.sql:3: stop (P0001)");

      await write("002_second.sql", "create table public.b (id int);");
      await migrate(url(), dir);
      const rows = await sql`select * from supabase_migrations.schema_migrations order by version`;
      assertEquals(rows.map((row) => [row.version, row.name, row.statements.length]), [
        ["001", "first", 2],
        ["002", "second", 1],
      ]);

      // Data that are kept were made by what it said then.
      await migrate(url(), dir);
      await write("002_second.sql", "create table public.b (id bigint);");
      await assertRejects(
        () => migrate(url(), dir),
        MigrationsChanged,
        "002_second.sql was edited",
      );
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  }));
