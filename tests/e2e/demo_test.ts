/** The demo, as a process of its own: what it prints, what it does with bad files, whom it asks. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { onCloud } from "../../local/stack/stack.ts";
import { importArgs } from "../../local/import_map.ts";
import { makeAccount } from "../../local/stand_ins/google_cloud/tokens.ts";

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Starts `local/commands/demo.ts` with the imports that the tests run with. */
function demo(args: string[], env: Record<string, string> = {}): Deno.ChildProcess {
  const local = fileURLToPath(new URL("../../local/", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...importArgs, `${local}commands/demo.ts`, ...args],
    env: { GEMINI_API_KEY: "", GOOGLE_CLOUD_KEY: "", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(process: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await process.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("the demo tells the whole story in order, and exits with 0", async () => {
  const { code, stdout, stderr } = await ended(demo([]));
  assertEquals(code, 0, stderr + stdout);
  const story = [
    "Started    Postgres 17",
    "Started    REST, Auth, Storage and Realtime",
    `Started    a stand-in for ${onCloud ? "Google Cloud" : "Gemini"}, which can't listen`,
    "Upload     ",
    "  queued",
    "  processing",
    "  completed",
    "Symptoms",
    "↳ ",
    "s from the upload's commit to the summary's event",
  ];
  let at = 0;
  for (const part of story) {
    const found = stdout.indexOf(part, at);
    assert(found >= at, `“${part}” is missing after:\n${stdout.slice(0, at)}\nin:\n${stdout}`);
    at = found;
  }
});

Deno.test("bad files are named, the rest goes on, and --json prints one object", async () => {
  const dir = await Deno.makeTempDir();
  const text = `${dir}/notes.mp3`;
  const empty = `${dir}/empty.webm`;
  const large = `${dir}/large.wav`;
  const good = fileURLToPath(new URL("../../local/samples/consultation.webm", import.meta.url));
  await Deno.writeTextFile(text, "These are notes, not sound.\n".repeat(50));
  await Deno.writeTextFile(empty, "");
  await Deno.writeFile(large, new Uint8Array(60_000_000));
  try {
    const files = [`${dir}/missing.mp3`, text, empty, large, good];
    const { code, stdout, stderr } = await ended(demo(["--json", ...files]));
    assertEquals(code, 0, stderr);
    assertEquals(stdout.trim().split("\n").length, 1);
    const result = JSON.parse(stdout);
    assertEquals(Object.keys(result), [
      "summary_id",
      "status",
      "error_code",
      "seconds",
      "events",
      "files_processed",
      "sections",
    ]);
    assertEquals([result.status, result.error_code], ["completed", null]);
    const { audio, errors } = result.files_processed;
    assertEquals(audio, 1);
    const codes = Object.fromEntries(
      errors.map(({ path, code }: { path: string; code: string }) => [path, code]),
    );
    assertEquals(codes, {
      [`${dir}/missing.mp3`]: "file_missing",
      [text]: "file_type",
      [empty]: "file_empty",
      [large]: "file_too_large",
    });
    assert(result.seconds > 0);
    assertEquals(result.events.at(-1).status, "completed");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("with nothing usable the demo says so, and exits with 1", async () => {
  const { code, stdout } = await ended(demo(["--json", "/nowhere/a.mp3"]));
  assertEquals(code, 1);
  assertEquals(JSON.parse(stdout).error_code, "no_usable_files");
});

/** What Google gives, for an account that nobody has. */
async function keyOfNobody(): Promise<string> {
  const { key } = await makeAccount("nobody-1");
  return JSON.stringify(key);
}

Deno.test("with a key it asks Google and nobody else", async () => {
  const asked = new Set<string>();
  let heard = 0;
  let enough = () => {};
  const several = new Promise<void>((resolve) => enough = resolve);
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const refusing = (async () => {
    for await (const connection of proxy) {
      // CONNECT host:port HTTP/1.1 — noted, and never made.
      const buffer = new Uint8Array(4096);
      const length = await connection.read(buffer) ?? 0;
      asked.add(new TextDecoder().decode(buffer.subarray(0, length)).split(" ")[1]);
      await connection.write(new TextEncoder().encode("HTTP/1.1 403 Forbidden\r\n\r\n"));
      connection.close();
      if (++heard === 3) enough();
    }
  })();
  const address = `http://127.0.0.1:${proxy.addr.port}`;
  const process = demo([], {
    ...onCloud
      ? {
        GOOGLE_CLOUD_KEY: await keyOfNobody(),
        GOOGLE_CLOUD_LOCATION: "eu",
        GOOGLE_CLOUD_BUCKET: "nobody-1",
      }
      : { GEMINI_API_KEY: "not-a-key" },
    HTTP_PROXY: address,
    HTTPS_PROXY: address,
    NO_PROXY: "127.0.0.1",
  });
  const output = ended(process);
  await Promise.race([several, output]);
  process.kill("SIGTERM");
  const { stdout, stderr } = await output;
  proxy.close();
  await refusing;
  const host = onCloud ? "oauth2.googleapis.com:443" : "generativelanguage.googleapis.com:443";
  assertEquals([...asked], [host], stdout + stderr);
});
