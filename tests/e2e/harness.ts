/** One stack for the tests of a file, and for each test a clinic and a consultation of its own. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  type Clinic,
  makeClinic,
  makeConsultation,
  signIn,
  type Supabase,
  topicOf,
} from "../../local/commands/demo/clinic.ts";
import { type Stack, type StackOptions, startStack } from "../../local/stack/stack.ts";

export interface Scene {
  stack: Stack;
  clinic: Clinic;
  /** Signed in. */
  doctor: Supabase;
  consultation: string;
  /** What Realtime told the doctor, in its order. */
  events: SummaryEvent[];
  /** Uploads a file as the doctor; gives its path in the bucket. */
  upload(file: string | Uint8Array<ArrayBuffer>, type?: string): Promise<string>;
  /** Waits for an event; all that came before count too. */
  event(wanted: Partial<SummaryEvent>): Promise<SummaryEvent>;
  /** The consultation's summaries, oldest first, with the files that each looked at. */
  summaries(): Promise<SummaryRow[]>;
}

export interface SummaryEvent {
  id: string;
  consultation_id: string;
  status: string;
  waiting_for: string | null;
  incomplete: boolean | null;
  review_status: string;
}

export interface SummaryRow {
  id: string;
  status: string;
  summary: string | null;
  error_code: string | null;
  sections: { statements: { text: string; evidence: { text: string }[] }[] }[];
  summary_recordings: {
    recording_id: string;
    object_version: string;
    outcome: string;
    code: string | null;
  }[];
}

/** Runs the tests of a file against one stack, which is stopped at their end. */
export function withStack(options: StackOptions = {}) {
  let starting: Promise<Stack> | undefined;
  Deno.test.afterAll(async () => await (await starting)?.stop());

  return function test(name: string, run: (scene: Scene) => Promise<void>): void {
    Deno.test({
      name,
      // The stack lives on for the next test.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        starting ??= startStack(options);
        const stack = await starting;
        await emptyQueue(stack);
        stack.services.down.clear();
        stack.gemini?.reset();
        const scene = await openScene(stack);
        try {
          await run(scene);
        } finally {
          await scene.doctor.removeAllChannels();
          await scene.doctor.realtime.disconnect();
        }
      },
    });
  };
}

/** What another test left would be worked on, and cleaned up, during the next one. */
export async function emptyQueue({ sql }: Stack): Promise<void> {
  await sql`
    update public.summaries set status = 'cancelled' where status in ('queued', 'processing')`;
  await sql`
    update summaries_private.summary_jobs set cleanup = false, cleanup_after = null where cleanup`;
  await sql`
    update summaries_private.breaker set reason = null, paused_until = null, probe = null,
      probes = 0, failed_at = null, failed_of = null, marked = null, succeeded_at = '-infinity'
    where only_row`;
}

/** Nothing is left at Gemini: neither a file nor an upload that was begun. */
export function assertNothingLeft({ gemini }: Stack): void {
  assertEquals([...gemini!.files.keys()], []);
}

export function sample(name: string): string {
  return fileURLToPath(new URL(`../../local/samples/${name}`, import.meta.url));
}

const TYPES: Record<string, string> = { webm: "audio/webm", jpg: "image/jpeg" };

async function openScene(stack: Stack): Promise<Scene> {
  const clinic = await makeClinic(stack);
  const doctor = await signIn(stack, clinic.doctor);
  const consultation = await makeConsultation(doctor, clinic.id);
  const events: SummaryEvent[] = [];
  const waiting = new Set<() => void>();
  const topic = await topicOf(doctor, clinic.id);
  await new Promise<void>((resolve, reject) => {
    doctor.channel(topic, { config: { private: true } })
      .on("broadcast", { event: "summary" }, ({ payload }) => {
        events.push(payload);
        waiting.forEach((look) => look());
      })
      .subscribe((status, error) => {
        if (status === "SUBSCRIBED") resolve();
        else if (status !== "CLOSED") reject(error ?? new Error(status));
      });
  });

  return {
    stack,
    clinic,
    doctor,
    consultation,
    events,
    async upload(file, type) {
      const bytes = typeof file === "string" ? await Deno.readFile(sample(file)) : file;
      const ending = typeof file === "string" ? file.split(".").at(-1)! : "webm";
      const contentType = type ?? TYPES[ending];
      const path = `${clinic.id}/${consultation}/${crypto.randomUUID()}.${ending}`;
      const { error } = await doctor.storage.from("consultations")
        .upload(path, new Blob([bytes], { type: contentType }), { contentType });
      if (error) throw error;
      return path;
    },
    event(wanted) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          const lines = stack.lines.slice(-20).join("\n");
          reject(
            new Error(
              `No event ${JSON.stringify(wanted)}; there were ${JSON.stringify(events)}\n${lines}`,
            ),
          );
        }, 30_000);
        const look = () => {
          const found = events.find((event) =>
            Object.entries(wanted).every(([key, value]) =>
              event[key as keyof SummaryEvent] === value
            )
          );
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
    async summaries() {
      const { data } = await doctor.from("summaries").select(
        "id, status, summary, error_code, sections, " +
          "summary_recordings(recording_id, object_version, outcome, code)",
      ).eq("consultation_id", consultation).order("created_at").returns<SummaryRow[]>()
        .throwOnError();
      return data;
    },
  };
}
