/**
 * CPU of an isolate's thread from its start to the answer of a hint, and to the first request to the
 * model, without a code cache: what each isolate pays of the two seconds that it has for its life.
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { functionImportArgs } from "../local/import_map.ts";
import { compare, here, type Report } from "./measure.ts";

const ROUNDS = 5;
/** Milliseconds. */
const MOST = { hint: 250, model: 350 };

const INDEX = here("../supabase/functions/generate-summary/index.ts");
const EMPTY = here("empty_function.ts");

export async function benchStartCpu(deno: string, version: string, report: Report): Promise<void> {
  const ours: Cpu[] = [];
  const empty: Cpu[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await start(deno, INDEX));
    empty.push(await start(deno, EMPTY));
  }
  const line = { measure: "CPU ms", than: "an empty function" };
  report(compare(
    { what: `start to a hint's answer, ${version}`, ...line, most: MOST.hint },
    ours.map(({ hint }) => hint),
    empty.map(({ hint }) => hint),
  ));
  report(compare(
    { what: `start to the model's first request, ${version}`, ...line, most: MOST.model },
    ours.map(({ model }) => model),
    empty.map(({ hint }) => hint),
  ));
}

interface Cpu {
  hint: number;
  /** The same as `hint` where nothing is asked of a model. */
  model: number;
}

async function start(deno: string, entrypoint: string): Promise<Cpu> {
  const asked = Promise.withResolvers<void>();
  const stop = new AbortController();
  const serving = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: stop.signal };
  const server = Deno.serve(serving, (request) => {
    const { pathname } = new URL(request.url);
    // Whether the file is there is asked before it is uploaded.
    if (!/^\/(upload|v1beta)\//.test(pathname)) return answer(pathname);
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const child = new Deno.Command(deno, {
    args: [
      "run",
      "-A",
      "--no-lock",
      "--no-code-cache",
      ...functionImportArgs,
      here("start_way.ts"),
      entrypoint,
    ],
    env: {
      SUPABASE_URL: url,
      SUPABASE_SECRET_KEYS: '{"default":"key"}',
      GEMINI_API_KEY: "key",
      GEMINI_BASE_URL: url,
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const ended = child.status.then(() => {
    throw new Error("The isolate ended before it was measured.");
  });
  ended.catch(() => {});
  try {
    const hint = await Promise.race([answered(child.stdout), ended]);
    if (entrypoint === EMPTY) return { hint: hint.cpu, model: hint.cpu };
    await Promise.race([asked.promise, ended]);
    const stat = await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/schedstat`);
    return { hint: hint.cpu, model: Number(stat.split(" ")[0]) / 1e6 };
  } finally {
    // It may have ended by itself.
    await Promise.race([ended, Promise.resolve()]).then(() => child.kill("SIGKILL")).catch(
      () => {},
    );
    await ended.catch(() => {});
    stop.abort();
  }
}

/** The rest is read too: a process whose output nobody takes comes to an end. */
function answered(stdout: ReadableStream<Uint8Array>): Promise<{ cpu: number }> {
  return new Promise((resolve) => {
    // deno-lint-ignore no-explicit-any -- Node's type of the same stream
    createInterface({ input: Readable.fromWeb(stdout as any) }).on("line", (line) => {
      if (line.startsWith('{"status"')) resolve(JSON.parse(line));
    });
  });
}

const SUMMARY = {
  summary_id: crypto.randomUUID(),
  clinic_id: crypto.randomUUID(),
  consultation_id: crypto.randomUUID(),
  attempt: 1,
  tries_left: 5,
  draft: null,
};

const INPUTS = {
  submitted_by: "doctor",
  templates: { clinic: null, consultation: null, summary: null },
  recordings: [{
    recording_id: crypto.randomUUID(),
    object_version: "1",
    bucket_id: "consultations",
    object_path: "a/b/c.wav",
    kind: "audio",
    declared_type: "audio/wav",
    size_bytes: 4096,
    etag: '"1"',
    created_at: "2026-11-22T08:00:00Z",
    excluded: null,
    take: 1,
    earlier: [],
    extractions: [],
  }],
};

/** The Data API and Storage, as far as the work goes before it asks the model. */
function answer(pathname: string): Response {
  if (pathname.includes("/storage/")) {
    const wav = new Uint8Array(4096);
    wav.set(new TextEncoder().encode("RIFF....WAVE"));
    const headers = { etag: '"1"', "content-type": "audio/wav", "content-length": "4096" };
    return new Response(wav, { headers });
  }
  const answers: Record<string, unknown> = {
    claim_next: { outcome: "claimed", job: SUMMARY, inputs: INPUTS },
  };
  return Response.json(answers[pathname.split("/").at(-1)!] ?? true);
}
