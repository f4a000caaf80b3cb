/**
 * A first upload to a deployed project: signs in, opens a consultation, uploads a file and prints its
 * summary. Usage: deno run -A local/deno.ts run -A examples/first_upload.ts URL PUBLISHABLE_KEY EMAIL FILE,
 * with the password in the variable PASSWORD.
 */
import { createClient } from "@supabase/supabase-js";
import type { Database } from "../clients/types.ts";
import { askForSummary } from "./ask.ts";
import { uploadRecording } from "./upload.ts";

const [url, key, email, file] = Deno.args;
const supabase = createClient<Database>(url, key, {
  auth: { autoRefreshToken: false, persistSession: false },
});
const signedIn = await supabase.auth.signInWithPassword({
  email,
  password: Deno.env.get("PASSWORD") ?? "",
});
if (signedIn.error) throw signedIn.error;

const { data: clinic } = await supabase.from("clinics").select("id").limit(1).single()
  .throwOnError();
const { data: consultation } = await supabase.from("consultations")
  .insert({ clinic_id: clinic.id }).select("id").single().throwOnError();
await uploadRecording(
  supabase,
  { clinicId: clinic.id, consultationId: consultation.id },
  new Blob([await Deno.readFile(file)]),
  file.split(".").at(-1)!,
);
// The upload has started one already: asking waits for that.
const answer = await askForSummary(supabase, consultation.id);
console.log("summary" in answer ? answer.summary : `It is ${answer.status}: look again later.`);
