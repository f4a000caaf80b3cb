/**
 * A first upload to a deployed project: signs in, opens a consultation, uploads a file and prints its
 * summary. Usage: deno run -A local/deno.ts run -A examples/first_upload.ts URL PUBLISHABLE_KEY EMAIL FILE,
 * with the password in the variable PASSWORD.
 */
import { createClient } from "@supabase/supabase-js";
import { createSummaries } from "../clients/index.ts";

const [url, key, email, file] = Deno.args;
const supabase = createClient(url, key, {
  auth: { autoRefreshToken: false, persistSession: false },
});
const signedIn = await supabase.auth.signInWithPassword({
  email,
  password: Deno.env.get("PASSWORD") ?? "",
});
if (signedIn.error) throw signedIn.error;

const { data: clinic } = await supabase.from("clinics").select("id").limit(1).single()
  .throwOnError();
const summaries = createSummaries(supabase);
const consultationId = await summaries.openConsultation(clinic.id);
await summaries.upload(
  { clinicId: clinic.id, consultationId },
  new Blob([await Deno.readFile(file)]),
  { extension: file.split(".").at(-1) },
);
// The upload has started one already: asking waits for that.
const answer = await summaries.ask(consultationId);
console.log("summary" in answer ? answer.summary : `It is ${answer.status}: look again later.`);
