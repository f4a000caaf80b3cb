/** `deno task move-files`, as a process: an earlier backend's files go into consultations. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { fileURLToPath } from "node:url";
import { importArgs } from "../../local/import_map.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { sample, withStack } from "./harness.ts";

const test = withStack();

function start(stack: Stack, list: string, ...more: string[]): Deno.ChildProcess {
  const program = fileURLToPath(new URL("../../local/commands/move_files.ts", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...importArgs, program, stack.url, list, ...more],
    env: { SUPABASE_SECRET_KEY: stack.keys.secret, DENO_NO_UPDATE_CHECK: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(process: Deno.ChildProcess) {
  const { code, stdout, stderr } = await process.output();
  const text = new TextDecoder();
  const lines = text.decode(stdout).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return { code, lines, stderr: text.decode(stderr) };
}

/** A bucket of the earlier backend with files in it, and the list that says where each belongs. */
async function earlier(stack: Stack, clinic: string, consultations: string[], each: number) {
  const bucket = `old-${crypto.randomUUID()}`;
  const service = createClient(stack.url, stack.keys.secret, { auth: { persistSession: false } });
  await stack.sql`insert into storage.buckets (id, name) values (${bucket}, ${bucket})`;
  const bytes = await Deno.readFile(sample("consultation.webm"));
  const wanted = [];
  for (const consultation_id of consultations) {
    for (let n = 0; n < each; n++) {
      const path = `uploads/dr smith/${consultation_id.slice(0, 4)} ${n}.WEBM`;
      const { error } = await service.storage.from(bucket)
        .upload(path, new Blob([bytes], { type: "audio/webm" }));
      assertEquals(error, null);
      wanted.push({ from: `${bucket}/${path}`, clinic_id: clinic, consultation_id });
    }
  }
  return { bucket, wanted };
}

async function listOf(wanted: object[]): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".jsonl" });
  await Deno.writeTextFile(file, wanted.map((one) => `${JSON.stringify(one)}\n`).join(""));
  return file;
}

test("killed in the middle it goes on where it was, and each file is in its consultation once", async ({ stack, clinic }) => {
  const { sql } = stack;
  await sql`update public.clinics set auto_summarize = false where id = ${clinic.id}`;
  const consultations = [crypto.randomUUID(), crypto.randomUUID()];
  const { bucket, wanted } = await earlier(stack, clinic.id, consultations, 15);
  const list = await listOf(wanted);
  try {
    const left = async () =>
      (await sql`select count(*)::int as n from storage.objects where bucket_id = ${bucket}`)[0].n;
    // Three times: whatever it was doing.
    for (const before of [28, 20, 9]) {
      const killed = start(stack, list);
      const over = killed.output();
      while (await left() > before) await new Promise((resolve) => setTimeout(resolve, 5));
      killed.kill("SIGKILL");
      assertEquals((await over).signal, "SIGKILL");
      assert(await left() > 0, "it was killed too late");
    }
    const last = await ended(start(stack, list));
    assertEquals(last.code, 0, last.stderr);
    assertStringIncludes(last.stderr, "30 of 30");
    const outcomes = new Set(last.lines.map(({ outcome }) => outcome));
    assertEquals(outcomes, new Set(["there", "moved"]));
    assertEquals(await left(), 0);

    const recordings = await sql`
      select object_path, consultation_id, kind, deleted_at from public.recordings
      where clinic_id = ${clinic.id}`;
    assertEquals(
      recordings.map(({ object_path }) => object_path).sort(),
      last.lines.map(({ to }) => to).sort(),
    );
    for (const { consultation_id, kind, deleted_at } of recordings) {
      assert(consultations.includes(consultation_id));
      assertEquals([kind, deleted_at], ["audio", null]);
    }
    const again = await ended(start(stack, list));
    assertEquals([again.code, again.lines.map(({ outcome }) => outcome)], [
      0,
      Array(30).fill("there"),
    ]);
  } finally {
    await Deno.remove(list);
  }
});

test("a moved file is asked for as one that was uploaded", async (scene) => {
  const { stack, clinic, doctor } = scene;
  await stack.sql`update public.clinics set auto_summarize = false where id = ${clinic.id}`;
  const { wanted } = await earlier(stack, clinic.id, [scene.consultation], 1);
  const list = await listOf(wanted);
  const { lines: [{ to }] } = await ended(start(stack, list));
  await Deno.remove(list);
  const { data, error } = await doctor.functions.invoke("generate-summary", {
    body: {
      primary_audio_url: to,
      additional_audio_urls: ["https://old.example/gone.mp3"],
      image_urls: null,
      template_config: { tone: null, style: "brief" },
      submitted_by: null,
      patient: 5,
    },
  });
  assertEquals(error, null);
  assertEquals(data.files_processed, {
    audio: 1,
    images: 0,
    errors: [{
      path: "https://old.example/gone.mp3",
      code: "url_not_allowed",
      message: "The address names no recording of your clinic.",
    }],
  });
  assertEquals(data.ignored, ["patient", "template_config.style"]);
});

test("what can't be moved is named, and the rest goes on", async ({ stack, clinic }) => {
  await stack.sql`update public.clinics set auto_summarize = false where id = ${clinic.id}`;
  const { bucket, wanted } = await earlier(stack, clinic.id, [crypto.randomUUID()], 2);
  const [other] = await stack.sql`
    with clinic as (insert into public.clinics (name) values ('Other') returning id)
    insert into public.consultations (clinic_id) select id from clinic returning id`;
  const list = await listOf([
    { ...wanted[0], from: `${bucket}/nowhere.mp3` },
    { ...wanted[0], consultation_id: other.id },
    wanted[1],
  ]);
  const { code, lines, stderr } = await ended(start(stack, list));
  await Deno.remove(list);
  assertEquals([code, lines.map(({ outcome }) => outcome)], [1, ["missing", "refused", "moved"]]);
  assertStringIncludes(stderr, "1 of 3");
});

test("nothing is moved into a clinic that would summarize it all, nor from a wrong list", async ({ stack, clinic }) => {
  const { wanted } = await earlier(stack, clinic.id, [crypto.randomUUID()], 1);
  for (
    const [lines, said] of [
      [wanted, "auto_summarize"],
      [[{ ...wanted[0], clinic_id: crypto.randomUUID() }], "There is no clinic"],
      [[wanted[0], { ...wanted[0], clinic_id: "5" }], "Line 2: clinic_id must be a uuid."],
    ] as const
  ) {
    const list = await listOf([...lines]);
    const { code, stderr } = await ended(start(stack, list));
    await Deno.remove(list);
    assertEquals(code, 2);
    assertStringIncludes(stderr, said);
  }
  const [{ n }] = await stack.sql`
    select count(*)::int as n from public.recordings where clinic_id = ${clinic.id}`;
  assertEquals(n, 0);
});
