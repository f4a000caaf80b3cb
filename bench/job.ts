/**
 * What a summary of one short file costs, Gemini answering at once: CPU of its isolate beside what
 * starting one takes, and time in the whole stack, on the hosted limits.
 */
import { functionImportMap } from "../local/import_map.ts";
import { type FunctionsHost, startFunctionsHost } from "../local/stand_ins/functions/host.ts";
import { type Stack, startStack } from "../local/stack/stack.ts";
import { queue, work } from "../tests/load/whole_queue.ts";
import { bothDenos, compare, here, type Report } from "./measure.ts";

/** Of its CPU, and of the whole stack. */
const ROUNDS = { cpu: 5, whole: 3 };
/** An isolate's first ones load what it needs. */
const WARM_UP = 5;
const JOBS = 25;
/** The default of `max_in_flight`. */
const AT_ONCE = 20;
/** Summaries of a round, many at once and one at a time. */
const MANY = 200;
const FEW = 40;

/** Milliseconds of CPU of a summary. */
const MOST_CPU = 25;
/** Milliseconds of a summary: thirty-five a second. */
const MOST_MS = 28.5;

export async function benchJob(report: Report): Promise<void> {
  for (const deno of await bothDenos()) await cpu(deno, report);
  await whole(report);
}

async function cpu(deno: string, report: Report): Promise<void> {
  // So high that one isolate does all.
  const stack = await startStack({ deno, cpuMs: 60_000 });
  const empty = await startEmpty(deno);
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS.cpu; round++) {
      await stack.functions.kill("SIGKILL");
      await work(stack, await queue(stack, WARM_UP), { cap: AT_ONCE });
      const { cpuMs, hints, isolates } = await work(stack, await queue(stack, JOBS), {
        cap: AT_ONCE,
      });
      if (isolates > 0) throw new Error("Another isolate was started meanwhile.");
      ours.push(cpuMs / JOBS);
      theirs.push(await answering(empty, hints) / JOBS);
    }
    report(compare(
      {
        what: `a summary, ${stack.functions.version}`,
        measure: "CPU ms",
        than: "its hints, empty",
        most: MOST_CPU,
      },
      ours,
      theirs,
    ));
  } finally {
    await empty.stop();
    await stack.stop();
  }
}

function startEmpty(deno: string): Promise<FunctionsHost> {
  return startFunctionsHost({
    entrypoint: here("empty_function.ts"),
    importMap: functionImportMap,
    deno,
    env: {},
    wallClockSeconds: 400,
    cpuMs: 60_000,
    onLine: () => {},
  });
}

/** CPU ms that a function which does nothing takes to answer that many requests. */
async function answering(empty: FunctionsHost, requests: number): Promise<number> {
  const url = `${await empty.url()}/name`;
  const used = () => empty.lives().reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const ask = async () => {
    await (await fetch(url, { method: "POST", body: "{}" })).body?.cancel();
  };
  for (let n = 0; n < WARM_UP; n++) await ask();
  const before = used();
  for (let n = 0; n < requests; n++) await ask();
  return used() - before;
}

async function whole(report: Report): Promise<void> {
  const stack = await startStack();
  try {
    const many: number[] = [];
    const few: number[] = [];
    await perSummary(stack, JOBS, AT_ONCE);
    for (let round = 0; round < ROUNDS.whole; round++) {
      many.push(await perSummary(stack, MANY, AT_ONCE));
      few.push(await perSummary(stack, FEW, 1));
    }
    report(compare(
      {
        what: `a summary, ${AT_ONCE} at once`,
        measure: "ms",
        than: "one at a time",
        most: MOST_MS,
      },
      many,
      few,
    ));
  } finally {
    await stack.stop();
  }
}

async function perSummary(stack: Stack, count: number, cap: number): Promise<number> {
  const { seconds, took } = await work(stack, await queue(stack, count), { cap });
  if (took.length !== count) throw new Error(`${took.length} were completed of ${count}.`);
  return seconds * 1000 / count;
}
