/** An upload never fails because of the project, and is never forgotten. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { assertNothingLeft, sample, type Scene, withStack } from "../e2e/harness.ts";
import { ended, statusOf, stopCron, sweep } from "./run.ts";

const test = withStack();

interface Trouble {
  name: string;
  begin(scene: Scene): Promise<unknown>;
  end(scene: Scene): Promise<unknown>;
  /** Whether the trigger could take the upload all the same. */
  taken: boolean;
}

const TROUBLES: Trouble[] = [
  {
    name: "without the secrets in Vault",
    begin: ({ stack }) => stack.sql`delete from vault.secrets where true`,
    end: async ({ stack }) => {
      await stack.sql`select vault.create_secret(${stack.url}, 'project_url')`;
      await stack.sql`select vault.create_secret(${stack.keys.hint}, 'hint_key')`;
    },
    taken: true,
  },
  {
    name: "without pg_net",
    begin: ({ stack }) => stack.sql`drop extension pg_net cascade`,
    end: ({ stack }) => stack.sql`create extension pg_net with schema extensions`,
    taken: true,
  },
  {
    name: "while pg_net's queue takes nothing more",
    begin: ({ stack }) =>
      stack.sql.unsafe(`
        create function public.disk_full() returns trigger language plpgsql as
          $$ begin raise disk_full; end $$;
        create trigger disk_full before insert on net.http_request_queue
          for each row execute function public.disk_full();`),
    end: ({ stack }) => stack.sql`drop function public.disk_full cascade`,
    taken: true,
  },
  {
    name: "while the trigger is missing, as after a dump and a restore,",
    begin: ({ stack }) => stack.sql`drop trigger take_recording on storage.objects`,
    end: ({ stack }) => stack.sql`select summaries_private.watch_uploads()`,
    taken: false,
  },
  {
    name: "while the tables of the project can't be written",
    begin: ({ stack }) =>
      stack.sql`alter table public.recordings add constraint full_up check (false) not valid`,
    end: ({ stack }) => stack.sql`alter table public.recordings drop constraint full_up`,
    taken: false,
  },
];

for (const { name, begin, end, taken } of TROUBLES) {
  test(`${name} an upload succeeds, and is summarized when that is over`, async (scene) => {
    await stopCron(scene.stack);
    await begin(scene);
    try {
      await scene.upload("consultation.webm");
      assertEquals(await statusOf(scene), taken ? "queued" : undefined);
    } finally {
      await end(scene);
    }
    await sweep(scene);
    assertEquals(await ended(scene), "completed");
    assertEquals((await scene.stack.sql`select from summaries_private.missed_uploads`).count, 0);
    assertNothingLeft(scene.stack);
  });
}

test("while its consultation is locked an upload succeeds, and is taken by a later sweep", async (scene) => {
  const { sql } = scene.stack;
  await stopCron(scene.stack);
  const other = await sql.reserve();
  await other`begin`;
  await other`select from public.consultations where id = ${scene.consultation} for update`;
  try {
    await scene.upload("consultation.webm");
    // Nor does the sweep wait for it.
    await sweep(scene);
    assertEquals(await statusOf(scene), undefined);
    const [missed] = await sql`select reason, replay, tries from summaries_private.missed_uploads`;
    assertEquals(missed, { reason: "55P03", replay: true, tries: 1 });
  } finally {
    await other`rollback`;
    other.release();
  }
  await sweep(scene);
  assertEquals(await ended(scene), "completed");
  assertEquals((await sql`select from summaries_private.missed_uploads`).count, 0);
});

test("files that belong nowhere are kept in Storage, and shown to the operator", async (scene) => {
  const { stack, clinic, consultation } = scene;
  await stopCron(stack);
  await stack.sql`delete from public.consultations where id = ${consultation}`;
  const service = createClient(stack.url, stack.keys.secret, { auth: { persistSession: false } });
  const type = "audio/webm";
  const bytes = new Blob([await Deno.readFile(sample("consultation.webm"))], { type });
  for (const path of [`${clinic.id}/${consultation}/${crypto.randomUUID()}.webm`, "one.webm"]) {
    const { error } = await service.storage.from("consultations")
      .upload(path, bytes, { contentType: type });
    assertEquals(error, null);
  }
  await sweep(scene);
  const seen = await stack.sql`
    select state, error_code, summaries::int from summaries_private.queue
    where status = 'missed upload' order by 1`;
  assertEquals([...seen], [
    { state: "given up", error_code: "malformed_path", summaries: 1 },
    { state: "replayed", error_code: "unknown_consultation", summaries: 1 },
  ]);
});
