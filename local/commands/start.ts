/**
 * Leaves the whole stack running, with a clinic to try it on, and prints what a frontend needs.
 * Usage: `deno task start`.
 */
import { startApiPage } from "./start/api_page.ts";
import { makeClinic, makeConsultation, signIn } from "./demo/clinic.ts";
import { filesToShow, openFile } from "./demo/files.ts";
import { startStack } from "../stack/stack.ts";

const page = startApiPage();
const frontends = [page.url, Deno.env.get("FRONTEND_URL")].filter(Boolean).join(",");
const stack = await startStack({
  onStart: (what) => console.log(`Started  ${what}`),
  stopOnSignals: true,
  env: { FRONTEND_URL: frontends },
});
const clinic = await makeClinic(stack);
const { doctor, nurse } = clinic;

const client = await signIn(stack, doctor);
const consultation = await makeConsultation(client, clinic.id);
const [sample] = filesToShow([]);
const file = await openFile(sample);
if ("code" in file) throw new Error(file.message);
const { error } = await client.storage.from("consultations").upload(
  `${clinic.id}/${consultation}/${crypto.randomUUID()}.webm`,
  new Blob([file.bytes], { type: file.type }),
  { contentType: file.type },
);
if (error) throw error;
page.show({
  url: stack.url,
  consultation,
  token: async () => {
    const { data } = await (await signIn(stack, doctor)).auth.getSession();
    return data.session!.access_token;
  },
});

console.log(`
SUPABASE_URL              ${stack.url}
SUPABASE_PUBLISHABLE_KEY  ${stack.keys.publishable}
SUPABASE_SECRET_KEY       ${stack.keys.secret}
SUPABASE_DB_URL           ${stack.databaseUrl}
FRONTEND_URL              ${frontends}

Clinic        ${clinic.id}
Consultation  ${consultation}
Doctor        ${doctor.email}  ${doctor.password}
Nurse         ${nurse.email}  ${nurse.password}

Try the API:  ${page.url}

Ctrl-C stops everything and removes its data.`);
