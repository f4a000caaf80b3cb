/**
 * What it takes to hear long recordings of people who talk without a pause: calls, tokens, dollars and
 * time, as the function wrote them down, beside what the stand-in for Gemini told. Hours pass on a
 * virtual clock. Prints a Markdown table at its end.
 */
import { denseSpeech } from "../local/samples/dense_speech.ts";
import type { UsageMetadata } from "../local/stand_ins/gemini/generation.ts";
import { textTokens } from "../local/stand_ins/gemini/tokens.ts";
import { modelCallMs } from "../supabase/functions/generate-summary/core/times.ts";
import { type Scene, startScenes } from "../tests/faults/harness.ts";
import type { Report } from "./measure.ts";

const MINUTES = [1, 10, 30, 60, 120, 420];
/** Of Supabase's plans: how long an isolate lives, in seconds. */
const PLANS = [150, 400];

/** What gemini-3.8-flash writes a second. */
const TOKENS_PER_SECOND = 150;
/** What it gives at most, thoughts included. */
const MAX_OUTPUT_TOKENS = 65_536;
/** Of audio. */
const TOKENS_PER_MINUTE = 32 * 60;
/** Before an answer, by how much it is asked to think. */
const THOUGHTS = { LOW: 256, MEDIUM: 1024, HIGH: 4096 };

/** By plan: of two hours, the input as a multiple of the audio's own should not be above this. */
const MOST_INPUT: Record<number, number> = { 150: 11, 400: 5 };
/** Real seconds in which seven hours must have passed. */
const PATIENCE_SECONDS = 300;

/** Of calls whose usage was told. */
interface Counted {
  calls: number;
  input: number;
  audio: number;
  output: number;
}

interface Listened {
  minutes: number;
  plan: number;
  /** Of listening, as the ledger has it. */
  listening: Counted & { dollars: number };
  /** Of all calls, the summary's own too: by the ledger, and by the stand-in. */
  booked: Counted;
  told: Counted;
  /** Answers that are in no part. */
  dropped: number;
  /** The fewest calls that all the words fit into. */
  floor: number;
  attempts: number;
  isolates: number;
  /** Minutes from the request to the summary. */
  took: number;
}

export async function benchListening(report: Report): Promise<void> {
  const { openScene, stop } = await startScenes();
  try {
    const rows: string[] = [];
    for (const plan of PLANS) {
      for (const minutes of MINUTES) {
        const listened = await listen(await openScene(), minutes, plan);
        tell(listened, report);
        rows.push(rowOf(listened));
      }
    }
    const lines = [HEADINGS, HEADINGS.map(() => "---")].map((cells) => `| ${cells.join(" | ")} |`);
    console.log(["", ...lines, ...rows, ""].join("\n"));
  } finally {
    await stop();
  }
}

async function listen(scene: Scene, minutes: number, plan: number): Promise<Listened> {
  const { stack: { sql }, gemini, clock } = scene;
  const { bytes, sample } = denseSpeech({ minutes });
  gemini.samples.push(sample);
  gemini.behaviour = {
    pace: { tokensPerSecond: TOKENS_PER_SECOND, clock: clock.service },
    thinks: THOUGHTS,
  };
  const told = watch(scene);
  await scene.replaceIsolate({ WALL_CLOCK_SECONDS: String(plan) });
  scene.isolates.splice(0, 1);
  await scene.upload(bytes);
  const start = clock.now();
  await scene.invoke();
  await scene.until(async () => (await scene.row()).status === "completed", PATIENCE_SECONDS);
  const took = (clock.now() - start) / 60_000;

  const { id, extractions } = await scene.row();
  const heard = extractions.flatMap(({ segments }) => segments.map(({ text }) => text));
  if (heard.join("\n") !== sample.segments.map(({ text }) => text).join("\n")) {
    throw new Error(`What was heard of ${minutes} minutes is not what was said.`);
  }
  const [listening, booked] = await Promise.all(
    [["extract"], ["extract", "compose", "repair", "verify"]].map(
      async (purposes) => {
        const [counted] = await sql<(Counted & { dollars: number })[]>`
        select count(*)::int as calls, sum(input_tokens)::int as input,
          sum(audio_tokens)::int as audio, sum(output_tokens)::int as output,
          sum(dollars)::float as dollars
        from summaries_private.model_calls
        where summary_id = ${id} and purpose in ${sql(purposes)} and not estimated`;
        return counted;
      },
    ),
  );
  const [{ attempts }] = await sql`
    select attempts from summaries_private.summary_jobs where summary_id = ${id}`;
  const words = textTokens(JSON.stringify(sample.segments));
  const longest = Math.min(MAX_OUTPUT_TOKENS, TOKENS_PER_SECOND * modelCallMs(plan) / 1000);
  return {
    ...{ minutes, plan, listening, booked, attempts, took },
    told: told(),
    dropped: scene.counts().listen - extractions.length,
    floor: Math.ceil(words / (longest - THOUGHTS.LOW)),
    isolates: scene.isolates.length,
  };
}

/** Gives what the stand-in told of the tokens of all its answers since, by what of them came through. */
function watch({ clock }: Scene): () => Counted {
  const answers: string[] = [];
  const { fetch } = clock;
  clock.fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!response.body || !String(input).includes("alt=sse")) return response;
    const index = answers.push("") - 1;
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        answers[index] += decoder.decode(value, { stream: true });
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(body, response);
  };
  return () => {
    const told = answers.flatMap((answer) => {
      const last = answer.split("\r\n\r\n").at(-2);
      return last ? JSON.parse(last.slice("data: ".length)).usageMetadata as UsageMetadata : [];
    });
    const sum = (count: (usage: UsageMetadata) => number | undefined) =>
      told.reduce((all, usage) => all + (count(usage) ?? 0), 0);
    return {
      calls: told.length,
      input: sum((usage) => usage.promptTokenCount),
      audio: sum(({ promptTokensDetails }) =>
        promptTokensDetails?.find(({ modality }) => modality === "AUDIO")?.tokenCount
      ),
      output: sum((usage) => usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0)),
    };
  };
}

function tell({ minutes, plan, listening, booked, told, floor }: Listened, report: Report): void {
  const what = `${minutes} minutes heard, ${plan} s`;
  const line = (measure: string, than: string, [ours, theirs]: number[], goal?: object) =>
    report({ what, measure, than, ours, theirs, ratio: ours / theirs, rounds: 1, ...goal });
  line("calls", "the fewest", [listening.calls, floor]);
  const goal = minutes === 120 ? { goal: MOST_INPUT[plan] } : {};
  line("input tokens", "the audio's own", [listening.input, minutes * TOKENS_PER_MINUTE], goal);
  for (const key of ["calls", "input", "audio", "output"] as const) {
    const same = { goal: 1, least: 1 };
    line(`booked: ${key}`, "told", [booked[key], told[key]], same);
  }
}

const HEADINGS = [
  ...["heard", "plan", "calls", "fewest", "attempts", "isolates", "input", "× its own"],
  ...["output", "dollars", "took", "dropped"],
];

function rowOf(listened: Listened): string {
  const { minutes, plan, listening, floor, attempts, isolates, took, dropped } = listened;
  const { calls, input, output, dollars } = listening;
  const cells = [
    minutes < 60 ? `${minutes} min` : `${minutes / 60} h`,
    `${plan} s`,
    ...[calls, floor, attempts, isolates],
    input.toLocaleString("en"),
    (input / (minutes * TOKENS_PER_MINUTE)).toFixed(1),
    output.toLocaleString("en"),
    dollars.toFixed(dollars < 0.1 ? 3 : 2),
    `${took.toFixed(1)} min`,
    dropped,
  ];
  return `| ${cells.join(" | ")} |`;
}
