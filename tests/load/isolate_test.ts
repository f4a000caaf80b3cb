/**
 * Summaries of the length that they have in use, in isolates with the hosted limits: as fast as the
 * cap allows, whatever a hint takes.
 */
import { assert, assertEquals } from "@std/assert";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { doubled, mostInFlight, queue, retaken, type Seen, work } from "./whole_queue.ts";

/** More of them show the rate, fewer the same way of working. */
const TOTAL = Number(Deno.env.get("QUEUED") ?? 250);
const IN_FLIGHT = 20;
/** That run one at a time, to know how long one takes. */
const ALONE = 3;
/** Of each of the three answers that a summary needs: four seconds in all. */
const ANSWER_MS = 1333;
/** pg_net sleeps for up to a second, and a batch waits for its slowest answer. */
const HINT_LATENCIES_MS = [0, 300];

/** Of what the cap allows: `IN_FLIGHT` at once, each as long as one alone. */
const GOAL = 0.95;
/** Asserted: less is another way of working, and not a busy machine. */
const LEAST_SHARE = 0.75;
/** The sweep's, and one now and then. */
const MOST_HINTS = 1.1;
/**
 * The extraction, the summary before it is read again and with what was said of it, and the result with
 * the next claim; beside the heartbeat, and the claim that begins each loop of an isolate.
 */
const MOST_CALLS = 4.1;

for (const hintLatencyMs of HINT_LATENCIES_MS) {
  Deno.test({
    name: `${TOTAL} summaries go at the cap's rate, ${hintLatencyMs} ms to a hint`,
    // CPU time is counted on Linux alone.
    ignore: Deno.build.os !== "linux",
    async fn() {
      const stack = await startStack({ hintLatencyMs });
      try {
        await measure(stack);
      } finally {
        await stack.stop();
      }
    },
  });
}

async function measure(stack: Stack): Promise<void> {
  stack.gemini!.answer = async () => {
    // Undefined: what it would say by itself.
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    return undefined;
  };
  // The first one loads what an isolate needs.
  await work(stack, await queue(stack, 1), { cap: 1 });
  const alone = await work(stack, await queue(stack, ALONE), { cap: 1 });
  const queued = await queue(stack, TOTAL);
  const seen = await work(stack, queued, { cap: IN_FLIGHT });

  const taken = median(alone.took) / 1000;
  const rate = seen.took.length / seen.seconds;
  const share = rate / (IN_FLIGHT / taken);
  const { heartbeat_summary: beats = 0, claim_next: begun = 0, ...calls } = Object.fromEntries(
    seen.calls,
  );
  const lost = await retaken(stack, queued.clinics);
  // One that was given back is worked on twice.
  const callsEach = Object.values(calls).reduce((sum, count) => sum + count, 0) / (TOTAL + lost);
  print(stack, { seen, taken, rate, share, calls, beats, begun, callsEach, lost });

  const states = await stack.sql`
    select status, count(*)::int from public.summaries
    where clinic_id in ${stack.sql(queued.clinics)} group by 1`;
  assertEquals([...states], [{ status: "completed", count: TOTAL }]);
  assertEquals(await doubled(stack), 0);
  const most = await mostInFlight(stack);
  assert(most <= IN_FLIGHT, `${most} in flight`);
  assertEquals(stack.functions.lives().filter(({ endedBy }) => endedBy === "cpu"), []);
  const hintsEach = seen.hints / TOTAL;
  assert(hintsEach <= MOST_HINTS, `${hintsEach} hints a summary`);
  assert(callsEach <= MOST_CALLS, `${callsEach} calls of the database a summary`);
  assert(share >= LEAST_SHARE, `${share} of the rate that the cap allows`);
}

interface Figures {
  seen: Seen;
  /** Seconds of one alone. */
  taken: number;
  /** A second. */
  rate: number;
  share: number;
  calls: Record<string, number>;
  beats: number;
  /** Claims that began a loop. */
  begun: number;
  callsEach: number;
  lost: number;
}

function print(stack: Stack, figures: Figures): void {
  const { seen, taken, rate, share, calls, beats, begun, callsEach, lost } = figures;
  const each = (count: number) => (count / TOTAL).toFixed(2);
  const byName = Object.entries(calls).sort().map(([name, count]) => `${name} ${each(count)}`);
  const lives = stack.functions.lives();
  const heard = Map.groupBy(lives.flatMap(({ unloads }) => unloads), (reason) => reason);
  const cpu = lives.map(({ cpuMs, endedBy }) => `${cpuMs.toFixed(0)}${endedBy ? "†" : ""}`);
  console.log(`
${TOTAL} summaries, ${IN_FLIGHT} at once, ${taken.toFixed(2)} s one alone
  time              ${seen.seconds.toFixed(1)} s, ${rate.toFixed(2)} a second
  share of the cap  ${share.toFixed(3)}, goal ${GOAL}
  of a summary      ${each(seen.hints)} hints; ${(seen.cpuMs / TOTAL).toFixed(1)} ms of CPU
  calls             ${callsEach.toFixed(2)}: ${byName.join(", ")}; heartbeat_summary ${
    each(beats)
  }, claim_next ${each(begun)}
  isolates          ${lives.length}, ${seen.isolates} of them started meanwhile
  their CPU, ms     ${cpu.join(" ")}  (†: a limit ended it)
  beforeunload      ${[...heard].map(([why, all]) => `${why} ${all.length}`).join(", ") || "none"}
  taken once more   ${lost}`);
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
