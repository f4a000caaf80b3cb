/**
 * The whole function in the test's own process, so that its clock is the test's: real requests to a
 * stack's Data API, Auth, Storage and stand-in for Gemini, real rows, and no waiting.
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Clinic,
  makeClinic,
  makeConsultation,
  signIn,
  type Supabase,
} from "../../local/commands/demo/clinic.ts";
import type { ModelService } from "../../local/stand_ins/gemini/service.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { endPause } from "../database/worker_calls.ts";
import { emptyQueue } from "../e2e/harness.ts";
import { type Counts, NONE, reads } from "./counts.ts";
import { type Isolate, startIsolate } from "./isolate.ts";
import { type VirtualClock, virtualClock } from "./virtual_clock.ts";

export interface Scene {
  stack: Stack;
  gemini: ModelService;
  clock: VirtualClock;
  consultation: string;
  doctor: Supabase;
  /** What the function logged. */
  lines: Line[];
  /** Uploads a file as the doctor; gives its path in the bucket. */
  upload(bytes: Uint8Array, type?: string, ending?: string): Promise<string>;
  /** Asks for a summary as the doctor and waits for the answer. */
  invoke(options?: object): Promise<Answered>;
  /** When each isolate started, by the clock. One takes requests for half of its wall clock. */
  isolates: number[];
  /** The isolate in charge is told that it goes; others, with these settings, take over. */
  replaceIsolate(settings?: Record<string, string>): Promise<void>;
  /** What waits after an error is due now, and for the next probe. */
  due(): Promise<void>;
  /** Nothing goes wrong any more; what is at Gemini is forgotten, and not counted. */
  mend(): void;
  /** Waits until what ended summaries left at Gemini is deleted. */
  cleaned(): Promise<void>;
  /** Waits for something that others do, so many real seconds at most: 15 unless told. */
  until(happened: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
  /** The newest summary. */
  row(): Promise<Row>;
  /** Requests since the last time that this was asked. */
  counts(): Counts;
  /** Which attempt is the last one that a job has. */
  allowAttempts(count: number): Promise<void>;
}

export interface Answered {
  status: number;
  // deno-lint-ignore no-explicit-any -- the answers' shapes are what the tests assert
  body: any;
}

interface Line {
  level: string;
  event: string;
  code?: string;
  ms?: number;
  summary_id?: string;
  recording_id?: string;
}

export interface Row {
  id: string;
  status: string;
  error_code: string | null;
  waiting_for: string | null;
  /** Attempts that gained nothing, by the job's own fault. */
  fruitless: number;
  model: string | null;
  sections: { statements: { text: string; evidence: { text: string }[] }[] }[] | null;
  files: { kind: string; outcome: string; code: string | null }[];
  extractions: {
    part: number;
    from_seconds: number;
    to_seconds: number | null;
    segments: { text: string }[];
    model: string;
    usage: { calls: number; input_tokens: number; output_tokens: number };
  }[];
}

export const sample = (name: string) =>
  Deno.readFile(new URL(`../../local/samples/${name}`, import.meta.url));

/** Runs the tests of a file against one stack, which is stopped at their end. */
export function withFunction() {
  let starting: Promise<Awaited<ReturnType<typeof startScenes>>> | undefined;
  Deno.test.afterAll(async () => await (await starting)?.stop());

  return function test(name: string, run: (scene: Scene) => Promise<void>): void {
    Deno.test({
      name,
      // The stack lives on for the next test.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        starting ??= startScenes();
        const { openScene } = await starting;
        await run(await openScene());
      },
    });
  };
}

/** A stack, and scenes on it: one at a time. */
export async function startScenes() {
  const stack = await startStack();
  const gemini = stack.gemini!;
  const lines: Line[] = [];
  const storageRequests: string[] = [];
  let counted = 0;
  const isolates: number[] = [];
  let clock: VirtualClock;
  let settings: Record<string, string>;
  let isolate: Isolate;
  function replace(): void {
    isolates.push(clock.now());
    isolate = startIsolate({
      stack,
      clock,
      settings,
      onLine: (line) => lines.push(JSON.parse(line)),
      onStorage: (kind) => storageRequests.push(kind),
    });
  }
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (clock.now() >= isolate.retires) replace();
    return isolate.fetch(request);
  });
  stack.services.functionsUrl = () => Promise.resolve(`http://127.0.0.1:${server.addr.port}`);

  // Jitter is at its least: how often something fits into the time is always the same.
  const random = Math.random;
  Math.random = () => 0;
  const clinic: Clinic = await makeClinic(stack);
  const doctor = await signIn(stack, clinic.doctor);
  // No trigger, no dispatcher: what starts the work is the test's own doing.
  await stack.sql`update public.clinics set auto_summarize = false where id = ${clinic.id}`;
  await stack.sql`update cron.job set active = false where true`;
  await stack.sql`
    update summaries_private.settings set user_requests_per_hour = 100000, clinic_requests_per_hour = 100000 where only_row`;

  async function openScene(): Promise<Scene> {
    await emptyQueue(stack);
    clock = virtualClock();
    settings = {};
    isolates.length = 0;
    replace();
    lines.length = 0;
    const consultation = await makeConsultation(doctor, clinic.id);
    const scene: Scene = {
      stack,
      gemini,
      clock,
      consultation,
      doctor,
      lines,
      async upload(bytes, type = "audio/webm", ending = "webm") {
        const path = `${clinic.id}/${consultation}/${crypto.randomUUID()}.${ending}`;
        const body = new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
        const { error } = await doctor.storage.from("consultations")
          .upload(path, body, { contentType: type });
        if (error) throw error;
        return path;
      },
      async invoke(options = {}) {
        const { data, error, response } = await doctor.functions.invoke("generate-summary", {
          body: { consultation_id: consultation, ...options },
        });
        if (!response) throw error;
        return { status: response.status, body: data ?? await response.json() };
      },
      isolates,
      async replaceIsolate(others = {}) {
        const old = isolate;
        settings = others;
        replace();
        await old.unload();
      },
      async due() {
        await stack.sql`
          update summaries_private.summary_jobs set run_after = clock_timestamp()
          where run_after is not null and summary_id in (
            select id from public.summaries where consultation_id = ${consultation})`;
        await endPause(stack.sql);
      },
      mend() {
        gemini.reset();
        stack.services.storage.faults.length = 0;
        storageRequests.length = 0;
        counted = 0;
      },
      async cleaned() {
        await scene.until(async () => {
          const [{ left }] = await stack.sql`
            select count(*)::int as left from summaries_private.summary_jobs
            where cleanup and ended_at is not null`;
          return left === 0 && !clock.busy;
        });
      },
      async until(happened, seconds = 15) {
        const late = Date.now() + seconds * 1000;
        while (!await happened()) {
          assert(
            Date.now() < late,
            `It never happened; the function said ${JSON.stringify(lines)}`,
          );
          await new Promise((go) => setTimeout(go, 20));
        }
      },
      async row() {
        const [row] = await stack.sql<Row[]>`
          select s.id, s.status, s.error_code, s.waiting_for, j.fruitless, s.model, s.sections,
            coalesce((
              select jsonb_agg(jsonb_build_object(
                'kind', r.kind, 'outcome', f.outcome, 'code', f.code) order by r.created_at)
              from public.summary_recordings f join public.recordings r on r.id = f.recording_id
              where f.summary_id = s.id), '[]') as files,
            coalesce((
              select jsonb_agg(to_jsonb(e) order by e.part)
              from public.extractions e join public.recordings r on r.id = e.recording_id
              where r.consultation_id = s.consultation_id and r.kind = 'audio'), '[]')
              as extractions
          from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
          where s.consultation_id = ${consultation}
          order by s.created_at desc limit 1`;
        return row;
      },
      counts() {
        const kinds = [
          ...storageRequests.splice(0),
          ...gemini.requests.slice(counted).map(({ kind, body }) =>
            kind !== "generate"
              ? kind
              : JSON.stringify(body).includes("fileData")
              ? "listen"
              : reads(body)
              ? "verify"
              : "compose"
          ),
        ];
        counted = gemini.requests.length;
        const counts = { ...NONE };
        // Tokens and sweeps are no part of what a recording costs.
        for (const kind of kinds) if (kind in counts) counts[kind as keyof Counts]++;
        return counts;
      },
      async allowAttempts(count) {
        await stack
          .sql`update summaries_private.settings set max_attempts = ${count} where only_row`;
      },
    };
    scene.mend();
    await scene.allowAttempts(5);
    return scene;
  }

  async function stop() {
    Math.random = random;
    await server.shutdown();
    await stack.stop();
  }
  return { openScene, stop };
}

/** No file is left at Gemini once a worker had nothing else to do. */
export async function assertNothingLeft(scene: Scene): Promise<void> {
  await scene.cleaned();
  assertEquals([...scene.gemini.files.keys()], []);
}
