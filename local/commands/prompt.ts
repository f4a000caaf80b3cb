/**
 * The exact requests that the model would get for these files, as JSON, for people who tune prompts.
 * They are recorded at the stand-in, after the whole path from the upload on: nothing is sent out.
 * Usage: `deno task prompt [FILE…]`; without files, the project's samples.
 */
import { makeClinic, makeConsultation, signIn } from "./demo/clinic.ts";
import { filesToShow } from "./demo/files.ts";
import { main } from "./main.ts";
import { summarizeFiles } from "./demo/summarize_files.ts";
import { startStack } from "../stack/stack.ts";

Deno.env.delete("GEMINI_API_KEY");
await main(async () => {
  const stack = await startStack({ stopOnSignals: true });
  try {
    const clinic = await makeClinic(stack);
    const doctor = await signIn(stack, clinic.doctor);
    const consultation = await makeConsultation(doctor, clinic.id);
    await summarizeFiles(doctor, clinic.id, consultation, filesToShow(Deno.args), {
      uploading: () => {},
      refused: ({ path, code, message }) => console.error(`${path}: ${message} [${code}]`),
      event: () => {},
    });
    const requests = stack.gemini!.requests.filter(({ kind }) => kind === "generate");
    console.log(JSON.stringify(requests.map(({ path, body }) => ({ path, body })), null, 2));
    return 0;
  } finally {
    await stack.stop();
  }
});
