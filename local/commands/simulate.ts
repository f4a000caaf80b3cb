/**
 * How long summaries wait, by how many come and what is set: the queue in simulated time.
 * Usage: `deno task simulate [--per-day N] [--peak N] [--cap N] [--seconds N] [--per-minute N]`, for
 * summaries a day and a second, `max_in_flight`, seconds of model a summary, answers a minute.
 */
import { parseArgs } from "node:util";
import { type Outcome, type Settings, simulate } from "./simulate/simulation.ts";

const option = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    "per-day": option,
    peak: option,
    cap: option,
    seconds: option,
    "per-minute": option,
  },
});
const given = (name: keyof typeof values) =>
  values[name] === undefined ? NaN : Number(values[name]);

/** As measured on two cores, see docs/figures.md. */
const MEASURED: Settings = {
  waiting: 0,
  arrivals: () => 0,
  seconds: 0,
  cap: 20,
  modelSeconds: 4,
  // Heard, written, read again.
  answers: 3,
  answersPerMinute: Infinity,
  hintSeconds: 0.3,
  startSeconds: 0.5,
  cpu: { start: 0.24, summary: 0.0135, enough: 1.2 },
  lifeSeconds: 200,
  database: { summary: 0.003, cores: 2 },
};

/** Summaries a second with a peak at noon, and as many over the day as are asked for. */
function day(perDay: number, peak: number) {
  const mean = perDay / 86_400;
  // A wave that is never below nothing; its width makes the day's sum right.
  const width = mean / peak * 86_400 / Math.sqrt(2 * Math.PI);
  return (second: number) => peak * Math.exp(-((second - 43_200) ** 2) / (2 * width ** 2));
}

const HOUR = 3600;
const scenarios: [string, Partial<Settings>][] = [
  ["500 wait, hints at once", { waiting: 500, hintSeconds: 0 }],
  ["500 wait, hints after 300 ms", { waiting: 500 }],
  ["500 wait, a model that answers at once", { waiting: 500, modelSeconds: 0 }],
  ["4 a second for an hour", { arrivals: () => 4, seconds: HOUR }],
  ["4 a second, the model away for an hour", {
    arrivals: () => 4,
    seconds: 3 * HOUR,
    outage: [HOUR, 2 * HOUR],
  }],
  ["4 a second, 300 answers a minute", {
    arrivals: () => 4,
    seconds: HOUR,
    answersPerMinute: 300,
  }],
  ["100 a second for ten minutes, cap 450", { arrivals: () => 100, seconds: 600, cap: 450 }],
];

if (Object.keys(values).length > 0) {
  const peak = given("peak") || 100;
  const own: Partial<Settings> = {
    arrivals: day(given("per-day") || 1_000_000, peak),
    seconds: 86_400,
    cap: given("cap") || MEASURED.cap,
    modelSeconds: given("seconds") || MEASURED.modelSeconds,
    answersPerMinute: given("per-minute") || Infinity,
  };
  scenarios.splice(0, Infinity, ["a day", own]);
}

const widths = [40, 9, 9, 9, 9, 9, 9, 9, 9];
const row = (cells: string[]) =>
  console.log(
    cells.map((cell, at) => at ? cell.padStart(widths[at]) : cell.padEnd(widths[at])).join(""),
  );
row(["", "done", "a second", "of cap", "wait p50", "wait p95", "longest", "isolates", "hints"]);
for (const [name, changes] of scenarios) {
  const settings = { ...MEASURED, ...changes };
  row([name, ...cellsOf(simulate(settings), settings)]);
}
console.log("Waits in seconds; of cap: of what max_in_flight allows; hints a summary.");

function cellsOf({ done, seconds, waits, isolates, hints }: Outcome, settings: Settings): string[] {
  const sorted = Float64Array.from(waits).sort();
  const quantile = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const rate = done / seconds;
  const most = settings.cap / (settings.modelSeconds + settings.cpu.summary);
  return [
    String(done),
    rate.toFixed(1),
    (rate / most).toFixed(2),
    ...[0.5, 0.95, 1].map((share) => quantile(share).toFixed(1)),
    String(isolates),
    (hints / done).toFixed(2),
  ];
}
