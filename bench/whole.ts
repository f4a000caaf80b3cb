/**
 * The whole stack, Gemini answering at once: from an upload's commit to the summary's event, and
 * what another language costs.
 */
import {
  makeClinic,
  makeConsultation,
  signIn,
  type Supabase,
  topicOf,
} from "../local/commands/demo/clinic.ts";
import { type Stack, startStack } from "../local/stack/stack.ts";
import { compare, quantile, type Report } from "./measure.ts";

const SUMMARIES = 30;
const ROUNDS = 5;
const SAMPLE = new URL("../local/samples/consultation.webm", import.meta.url);

interface Place {
  clinic: string;
  doctor: Supabase;
}

/** Milliseconds of one summary. */
interface Times {
  total: number;
  hint: number;
  extract: number;
  compose: number;
  event: number;
}

export async function benchWhole(report: Report): Promise<void> {
  const stack = await startStack();
  const settings = stack
    .sql`update summaries_private.settings set user_requests_per_hour = 1000000 where only_row`;
  await settings;
  try {
    const bytes = await Deno.readFile(SAMPLE);
    await toEvent(stack, bytes, report);
    await regenerate(stack, bytes, report);
  } finally {
    await stack.stop();
  }
}

async function toEvent(stack: Stack, bytes: Uint8Array<ArrayBuffer>, report: Report) {
  const automatic = await open(stack);
  const asking = await open(stack);
  await stack.sql`update public.clinics set auto_summarize = false where id = ${asking.clinic}`;
  const completed = new Map<string, (at: number) => void>();
  const topic = await topicOf(automatic.doctor, automatic.clinic);
  const channel = automatic.doctor.channel(topic, {
    config: { private: true },
  });
  channel.on("broadcast", { event: "summary" }, ({ payload }) => {
    if (payload.status === "completed") completed.get(payload.consultation_id)?.(Date.now());
  });
  await new Promise<void>((resolve, reject) =>
    channel.subscribe((status, error) => status === "SUBSCRIBED" ? resolve() : reject(error))
  );

  const ours: Times[] = [];
  const asked: number[] = [];
  for (let n = -3; n < SUMMARIES; n++) {
    const consultation = await makeConsultation(automatic.doctor, automatic.clinic);
    const told = new Promise<number>((resolve) => completed.set(consultation, resolve));
    await upload(automatic, consultation, bytes);
    const times = await timesOf(stack, consultation, await told);

    const second = await makeConsultation(asking.doctor, asking.clinic);
    await upload(asking, second, bytes);
    const began = performance.now();
    const { error } = await asking.doctor.functions.invoke("generate-summary", {
      body: { consultation_id: second },
    });
    if (error) throw error;
    // The first few only warm up.
    if (n < 0) continue;
    ours.push(times);
    asked.push(performance.now() - began);
  }
  await automatic.doctor.removeAllChannels();
  await automatic.doctor.realtime.disconnect();

  const totals = ours.map(({ total }) => total);
  const what = "upload's commit to event";
  const than = "invoke to answer";
  report(compare({ what: `${what}, p50`, measure: "ms", than }, totals, asked));
  const late = { ours: quantile(totals, 0.95), theirs: quantile(asked, 0.95) };
  report({
    what: `${what}, p95`,
    measure: "ms",
    than,
    ...late,
    ratio: late.ours / late.theirs,
    rounds: SUMMARIES,
  });
  const parts = {
    hint: "commit to claim",
    extract: "peek, upload, listen, save",
    compose: "compose, check, complete",
    event: "complete to event",
  };
  for (const [part, name] of Object.entries(parts)) {
    report(compare(
      { what: `of it: ${name}`, measure: "ms", than: "all of it" },
      ours.map((times) => times[part as keyof Times]),
      totals,
    ));
  }
}

/** What the database noted; its clock is this machine's. */
async function timesOf(stack: Stack, consultation: string, told: number): Promise<Times> {
  const [at] = await stack.sql<Record<string, Date>[]>`
    select r.created_at as committed, s.started_at as claimed, s.completed_at as completed,
      (select max(e.at) from public.summary_events e
        where e.summary_id = s.id and e.event = 'stage' and e.detail ->> 'to' = 'composing')
        as composing
    from public.recordings r
    join public.summaries s on s.consultation_id = r.consultation_id
    where r.consultation_id = ${consultation}`;
  return {
    total: told - +at.committed,
    hint: +at.claimed - +at.committed,
    extract: +at.composing - +at.claimed,
    compose: +at.completed - +at.composing,
    event: told - +at.completed,
  };
}

async function regenerate(stack: Stack, bytes: Uint8Array<ArrayBuffer>, report: Report) {
  const gemini = stack.gemini;
  if (!gemini) throw new Error("Unset GEMINI_API_KEY: this is measured with the stand-in.");
  const place = await open(stack);
  await stack.sql`update public.clinics set auto_summarize = false where id = ${place.clinic}`;
  const costs = { first: [] as Cost[], again: [] as Cost[] };
  for (let round = 0; round < ROUNDS; round++) {
    const consultation = await makeConsultation(place.doctor, place.clinic);
    await upload(place, consultation, bytes);
    const run = async (language: string) => {
      gemini.requests.length = 0;
      const before = await tokens(stack, consultation);
      const { error } = await place.doctor.functions.invoke("generate-summary", {
        body: { consultation_id: consultation, template_config: { language } },
      });
      if (error) throw error;
      const of = (kind: string) => gemini.requests.filter((request) => request.kind === kind);
      return {
        calls: of("generate").length,
        tokens: await tokens(stack, consultation) - before,
        bytes: of("bytes").reduce((sum, { contentLength }) => sum + (contentLength ?? 0), 0),
      };
    };
    costs.first.push(await run("English"));
    // The stand-in knows its scripts in English only.
    gemini.answer = ({ files, texts: [input] }) =>
      files.length > 0 ? undefined : JSON.parse(input).template ? SWEDISH : READ;
    costs.again.push(await run("Swedish"));
    gemini.answer = undefined;
  }
  for (const measure of ["calls", "tokens", "bytes"] as const) {
    report(compare(
      {
        what: "again in another language",
        measure: `${measure} to Gemini`,
        than: "the first time",
      },
      costs.again.map((cost) => cost[measure]),
      costs.first.map((cost) => cost[measure]),
    ));
  }
}

interface Cost {
  /** Of `generateContent`. */
  calls: number;
  /** Input tokens. */
  tokens: number;
  /** Of files. */
  bytes: number;
}

/** What the model says of the sample in Swedish, cut down to a statement. */
const SWEDISH = {
  clinical_content: true,
  sections: [
    ["symptoms", "Symtom", [{ text: "Patienten har hosta.", evidence: ["s2"], medication: null }]],
    ["history", "Anamnes", []],
    ["allergies", "Överkänslighet", []],
    ["examination", "Undersökning", []],
    ["diagnosis", "Diagnos", []],
    ["prescription", "Ordination", []],
    ["advice", "Råd", []],
    ["follow_up", "Uppföljning", []],
  ].map(([section, heading, statements]) => ({ section, heading, statements })),
};

/** What a second reader says of it. */
const READ = {
  verdicts: [{ n: 1, words: [], aspect: null, verdict: "supported" }],
  left_out: [],
};

/** Input tokens paid for, as the tables have recorded them. */
async function tokens(stack: Stack, consultation: string): Promise<number> {
  const [{ sum }] = await stack.sql`
    select coalesce(sum((usage ->> 'input_tokens')::int), 0)::int as sum from (
      select s.usage from public.summaries s where s.consultation_id = ${consultation}
      union all
      select e.usage from public.extractions e
      join public.recordings r on r.id = e.recording_id
      where r.consultation_id = ${consultation}) all_of_it`;
  return sum;
}

async function open(stack: Stack): Promise<Place> {
  const clinic = await makeClinic(stack);
  return { clinic: clinic.id, doctor: await signIn(stack, clinic.doctor) };
}

async function upload(place: Place, consultation: string, bytes: Uint8Array<ArrayBuffer>) {
  const path = `${place.clinic}/${consultation}/${crypto.randomUUID()}.webm`;
  const { error } = await place.doctor.storage.from("consultations")
    .upload(path, new Blob([bytes], { type: "audio/webm" }), { contentType: "audio/webm" });
  if (error) throw error;
}
