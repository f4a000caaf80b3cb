/**
 * How it compares, on this machine and with the stand-in for Gemini. Prints a line as soon as it is
 * measured. Usage: deno task bench [--json FILE] [NAME…], names being those of `benches`.
 */
import { parseArgs } from "node:util";
import { benchChecks } from "./checks.ts";
import { benchFilesAtOnce } from "./files_at_once.ts";
import { benchJob } from "./job.ts";
import { benchListening } from "./listening.ts";
import { type Line, type Report, verdict } from "./measure.ts";
import { benchQueue } from "./queue.ts";
import { benchSessions } from "./sessions.ts";
import { benchStart } from "./start.ts";
import { benchUpload } from "./upload.ts";
import { benchWhole } from "./whole.ts";

const benches: Record<string, (report: Report) => Promise<void>> = {
  upload: benchUpload,
  files: benchFilesAtOnce,
  whole: benchWhole,
  queue: benchQueue,
  job: benchJob,
  listening: benchListening,
  sessions: benchSessions,
  start: benchStart,
  checks: benchChecks,
};

const { values, positionals } = parseArgs({
  options: { json: { type: "string" } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown[0]}: name some of ${Object.keys(benches).join(", ")}`);
  Deno.exit(2);
}

const WIDTHS = [42, 16, 20, 8, 8, 6];
const row = (cells: string[]) =>
  console.log(
    cells.map((cell, at) => at < 3 ? cell.padEnd(WIDTHS[at]) : cell.padStart(WIDTHS[at] ?? 0))
      .join("  ").trimEnd(),
  );
const figure = (value: number) => value.toFixed(Math.abs(value) < 10 ? 2 : value < 100 ? 1 : 0);

const lines: Line[] = [];
row(["What", "Measure", "Against", "ours", "theirs", "ratio", ""]);
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  await benches[name]((line) => {
    lines.push(line);
    const { what, measure, than, ours, theirs, ratio } = line;
    const figures = [figure(ours), figure(theirs), figure(ratio)];
    row([what, measure, than, ...figures, verdict(line)]);
  });
}
if (values.json) {
  const machine = { deno: Deno.version.deno, cpus: navigator.hardwareConcurrency };
  const text = JSON.stringify({ at: new Date().toISOString(), ...machine, lines }, null, 2);
  await Deno.writeTextFile(values.json, `${text}\n`);
}
