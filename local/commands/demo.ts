/**
 * The main job, end to end: a doctor uploads files, and a summary appears.
 * Usage: `deno task demo [--json] [FILE…]`; without files, the project's samples.
 */
import { parseArgs } from "node:util";
import { makeClinic, makeConsultation, signIn, topicOf } from "./demo/clinic.ts";
import { filesToShow } from "./demo/files.ts";
import { createPrinter } from "./demo/printer.ts";
import { summarizeFiles } from "./demo/summarize_files.ts";
import { startStack } from "../stack/stack.ts";

const { values, positionals } = readArguments();
const print = createPrinter(values.json ? console.error : console.log, Deno.stderr);

let completed = false;
const stack = await startStack({
  onStart: (what) => print.line(`Started    ${what}`),
  stopOnSignals: true,
});
try {
  const clinic = await makeClinic(stack);
  const doctor = await signIn(stack, clinic.doctor);
  const consultation = await makeConsultation(doctor, clinic.id);
  print.line(`Signed in  ${clinic.doctor.email}, listening to ${await topicOf(doctor, clinic.id)}`);
  const done = await summarizeFiles(
    doctor,
    clinic.id,
    consultation,
    filesToShow(positionals),
    print,
  );
  await doctor.realtime.disconnect();
  print.result(done);
  if (values.json) console.log(JSON.stringify(done.result));
  completed = done.result.status === "completed";
} finally {
  print.stop();
  await stack.stop();
}
// Realtime's client keeps timers for some seconds after it was disconnected.
Deno.exit(completed ? 0 : 1);

function readArguments() {
  try {
    return parseArgs({
      args: Deno.args,
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: deno task demo [--json] [FILE…]`);
    Deno.exit(2);
  }
}
