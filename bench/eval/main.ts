/**
 * How good the summaries are, on consultations of yours. Usage:
 *
 *     deno task eval [DIR] [--yes] [--limit N] [--faults N] [--out DIR]
 *         [--record FILE] [--replay FILE] [--stand-in] [--labels FILE]
 *
 * DIR is a checkout of ACI-Bench or PriMock57, or holds JSON of this project's own (see cases.ts); without
 * it, the scripted consultations of the tests are taken. With GEMINI_API_KEY set each is heard (where there
 * is sound), composed and read again, after the cost was told and agreed to. Without a key the checks of the
 * code are evaluated on the summaries that are there. --stand-in has the stand-in for Gemini read them.
 */
import { parseArgs } from "node:util";
import { systemClock as clock } from "../../supabase/functions/generate-summary/core/clock.ts";
import { asAppError } from "../../supabase/functions/generate-summary/core/errors.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import { modelCallMs } from "../../supabase/functions/generate-summary/core/times.ts";
import { geminiApi } from "../../supabase/functions/generate-summary/models/gemini_api/gemini_api.ts";
import type { Model } from "../../supabase/functions/generate-summary/models/model.ts";
import { createReader } from "../../supabase/functions/generate-summary/verify/verify.ts";
import { startGemini } from "../../local/stand_ins/gemini/server.ts";
import { CONSULTATIONS } from "../../tests/function/consultations/all.ts";
import { type Case, loadCases } from "./cases.ts";
import { estimate } from "./cost.ts";
import { evaluate, type Evaluated } from "./evaluate.ts";
import { labelSheet, readLabels } from "./labels.ts";
import { NotRecorded, type Recording, recording, replaying } from "./recorded.ts";
import { markdownOf, reportOf } from "./report.ts";

const { values, positionals: [folder] } = parseArgs({
  allowPositionals: true,
  options: {
    yes: { type: "boolean", default: false },
    limit: { type: "string", default: "10" },
    faults: { type: "string", default: "1" },
    out: { type: "string", default: "eval" },
    record: { type: "string" },
    replay: { type: "string" },
    "stand-in": { type: "boolean", default: false },
    labels: { type: "string" },
  },
});
const times = count("faults", values.faults);
const cases = (folder ? await loadCases(folder) : scripted()).slice(
  0,
  count("limit", values.limit),
);
const standIn = values["stand-in"];
const apiKey = standIn || values.replay ? undefined : Deno.env.get("GEMINI_API_KEY");
const name = Deno.env.get("GEMINI_MODEL") || "gemini-3.8-flash";
const log = createLog(() => {});
await using gemini = standIn ? await startGemini() : null;
const model = apiKey ? modelOf(apiKey, name) : null;
const reader = gemini
  ? modelOf(gemini.apiKey, name, gemini.url)
  : apiKey
  ? modelOf(apiKey, Deno.env.get("VERIFY_MODEL") || name)
  : values.replay
  ? replaying(JSON.parse(await Deno.readTextFile(values.replay)))
  : null;

if (model) {
  const dollars = estimate(cases, name, times * 15);
  console.log(`${cases.length} consultations cost about $${dollars.toFixed(2)} at the most.`);
  if (!values.yes && !(Deno.stdin.isTerminal() && confirm("Spend it?"))) {
    console.log("Nothing was asked: say --yes to go on.");
    Deno.exit(2);
  }
} else if (!cases.some(({ answer }) => answer)) {
  console.log("These hold no summaries: set GEMINI_API_KEY to have them composed.");
  Deno.exit(2);
}

const recorded: Recording = {};
const evaluated: Evaluated[] = [];
const failed: { name: string; code: string }[] = [];
for (const one of cases) {
  try {
    const done = await evaluate(one, {
      model,
      reader: reader && createReader({
        reader: recording(reader, recorded),
        signal: undefined,
        callSeconds: modelCallMs(400) / 1000,
        deadline: clock.now() + 3_600_000,
        clock,
        triesLeft: 1,
        log,
      }),
      clock,
      log,
      times,
    });
    if (done) evaluated.push(done);
  } catch (error) {
    const code = error instanceof NotRecorded ? error.message : asAppError(error).code;
    failed.push({ name: one.name, code });
  }
  console.log(`${evaluated.length + failed.length} of ${cases.length}: ${one.name}`);
}

const labelled = values.labels ? readLabels(await Deno.readTextFile(values.labels)) : [];
const data = folder ?? "the project's scripted consultations, on which the checks were made";
const report = reportOf(evaluated, { data, failed, standIn, labelled });
await Deno.mkdir(values.out, { recursive: true });
const files: Record<string, string> = {
  "report.json": `${JSON.stringify(report, null, 2)}\n`,
  "report.md": markdownOf(report),
  "labels.csv": labelSheet(evaluated),
};
for (const [file, text] of Object.entries(files)) {
  await Deno.writeTextFile(`${values.out}/${file}`, text);
}
if (values.record) {
  await Deno.writeTextFile(values.record, `${JSON.stringify(recorded, null, 2)}\n`);
}
console.log(`\n${files["report.md"]}\nWrote ${Object.keys(files).join(", ")} to ${values.out}/`);

function scripted(): Case[] {
  return CONSULTATIONS.map(({ name, template, recordings, answer }) => (
    { name, template, recordings, answer, facts: [] }
  ));
}

function modelOf(apiKey: string, model: string, baseUrl?: string): Model {
  return geminiApi({ apiKey, baseUrl, model }, { fetch, clock, log, longest: modelCallMs(400) });
}

function count(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name} must be a number, and is ${text}`);
  Deno.exit(2);
}
