/** Leaves the whole stack running, with a clinic to try it on, and prints what a frontend needs. */
import { makeClinic } from "./demo/clinic.ts";
import { startStack } from "./stack.ts";

const stack = await startStack({
  onStart: (what) => console.log(`Started  ${what}`),
  stopOnSignals: true,
});
const clinic = await makeClinic(stack);
const { doctor, nurse } = clinic;

console.log(`
SUPABASE_URL              ${stack.url}
SUPABASE_PUBLISHABLE_KEY  ${stack.keys.publishable}
SUPABASE_SECRET_KEY       ${stack.keys.secret}
SUPABASE_DB_URL           ${stack.databaseUrl}

Clinic  ${clinic.id}
Doctor  ${doctor.email}  ${doctor.password}
Nurse   ${nurse.email}  ${nurse.password}

Ctrl-C stops everything and removes its data.`);
