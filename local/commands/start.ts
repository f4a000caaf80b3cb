/**
 * Leaves the whole stack running as frontends are used to it from `supabase start`: a fixed port, the keys
 * that everybody has, people who can sign in. Usage: `deno task start --help`.
 */
import { fileURLToPath } from "node:url";
import { makeConsultation, signIn } from "./demo/clinic.ts";
import { filesToShow, openFile } from "./demo/files.ts";
import { main } from "./main.ts";
import { startApiPage } from "./start/api_page.ts";
import { createSwitch } from "./start/faults.ts";
import { startOptions, USAGE } from "./start/options.ts";
import { type Stack, startStack } from "../stack/stack.ts";

/** Of the seed. */
const PASSWORD = "password";
const DOCTOR = { email: "doctor@example.com", password: PASSWORD };
const SEED = fileURLToPath(new URL("../../supabase/seed.sql", import.meta.url));

await main(async () => {
  if (Deno.args.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const { port, keep, slow, fail } = startOptions(Deno.args);
  const frontends = Deno.env.get("FRONTEND_URL");
  const stack = await startStack({
    onStart: (what) => console.log(`Started  ${what}`),
    onLine: (line) => console.log(line),
    stopOnSignals: true,
    port,
    keep,
    // The pages of this machine are allowed as one origin, see gateway.ts.
    env: frontends ? { FRONTEND_URL: `http://localhost,${frontends}` } : {},
  });
  await stack.sql.unsafe(await Deno.readTextFile(SEED));
  const faults = stack.gemini && createSwitch(stack.gemini, slow, fail);
  const page = startApiPage({
    url: stack.url,
    file: await sampleFile(stack),
    token: async () => {
      const { data } = await (await signIn(stack, DOCTOR)).auth.getSession();
      return data.session!.access_token;
    },
    faults,
    mailbox: stack.services.mailbox,
    sql: stack.sql,
  });

  console.log(`
# For a frontend's .env; Vite wants VITE_ before the names, Next.js NEXT_PUBLIC_
SUPABASE_URL=${stack.url}
SUPABASE_PUBLISHABLE_KEY=${stack.keys.publishable}
SUPABASE_SECRET_KEY=${stack.keys.secret}
SUPABASE_DB_URL=${stack.databaseUrl}

Sign in as    doctor@, nurse@, receptionist@ or admin@example.com, password: ${PASSWORD}
Pages         of http://localhost and http://127.0.0.1 may ask, whatever their port${
    frontends ? `, and ${frontends}` : ""
  }
Try the API:  ${page}
Tables:       ${page}/tables
Mail:         ${page}/mail
Faults:       ${faults ? `${page}/faults` : "none: Google itself is asked"}

${
    keep
      ? `Ctrl-C stops everything. Its data stay in ${stack.stateDir}.`
      : "Ctrl-C stops everything and removes its data."
  }`);
  return await new Promise<number>(() => {});
});

/** The path in Storage of a sample that the doctor has uploaded, in this start or an earlier one. */
async function sampleFile(stack: Stack): Promise<string> {
  const client = await signIn(stack, DOCTOR);
  const { data: [there] } = await client.from("recordings").select("object_path")
    .is("deleted_at", null).eq("kind", "audio").order("created_at").limit(1).throwOnError();
  if (there) return there.object_path;
  const { data: clinic } = await client.from("clinics").select("id").limit(1).single()
    .throwOnError();
  const { data: [open] } = await client.from("consultations").select("id").limit(1).throwOnError();
  const consultation = open?.id ?? await makeConsultation(client, clinic.id);
  const file = await openFile(filesToShow([])[0]);
  if ("code" in file) throw new Error(file.message);
  const path = `${clinic.id}/${consultation}/${crypto.randomUUID()}.webm`;
  const { error } = await client.storage.from("consultations")
    .upload(path, new Blob([file.bytes], { type: file.type }), { contentType: file.type });
  if (error) throw error;
  return path;
}
