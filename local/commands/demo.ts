/**
 * The main job, end to end: a doctor uploads files, and a summary appears.
 * Usage: `deno task demo [--json] [FILE…]`; without files, the project's samples.
 */
import { parseArgs } from "node:util";
import { makeClinic, makeConsultation, signIn, topicOf } from "./demo/clinic.ts";
import { filesToShow } from "./demo/files.ts";
import { createPrinter } from "./demo/printer.ts";
import { main } from "./main.ts";
import { summarizeFiles } from "./demo/summarize_files.ts";
import { startStack } from "../stack/stack.ts";

await main(async () => {
  const { values, positionals } = readArguments();
  const print = createPrinter(values.json ? console.error : console.log, Deno.stderr);
  try {
    const stack = await startStack({
      onStart: (what) => print.line(`Started    ${what}`),
      stopOnSignals: true,
    });
    try {
      const clinic = await makeClinic(stack);
      const doctor = await signIn(stack, clinic.doctor);
      const consultation = await makeConsultation(doctor, clinic.id);
      print.line(
        `Signed in  ${clinic.doctor.email}, listening to ${await topicOf(doctor, clinic.id)}`,
      );
      const files = filesToShow(positionals);
      const done = await summarizeFiles(doctor, clinic.id, consultation, files, print);
      await doctor.realtime.disconnect();
      print.result(done);
      if (values.json) console.log(JSON.stringify(done.result));
      return done.result.status === "completed" ? 0 : 1;
    } finally {
      await stack.stop();
    }
  } finally {
    print.stop();
  }
});

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
