/**
 * Moves files from where an earlier backend had them into consultations. It can be stopped at any
 * moment and started again with the same list: a file's new name follows from its old one.
 * Usage: deno task move-files URL FILE.jsonl [--summarize], with SUPABASE_SECRET_KEY set. Each line of
 * the file is {"from": "bucket/path", "clinic_id": "…", "consultation_id": "…"}; each line that is
 * printed, {"from", "to", "outcome"}: moved, there (since an earlier run), missing or refused.
 */
import { createClient } from "@supabase/supabase-js";
import { parseArgs } from "node:util";
import { moveFile, parseLine, theirClinics } from "./move_files/move_file.ts";

const USAGE = "Usage: deno task move-files https://REF.supabase.co FILE.jsonl [--summarize]";
const fail = (text: string): never => {
  console.error(text);
  Deno.exit(2);
};

const { values, positionals: [url, file] } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: { summarize: { type: "boolean", default: false } },
});
const key = Deno.env.get("SUPABASE_SECRET_KEY");
if (!URL.canParse(url ?? "") || !file) fail(USAGE);
if (!key) fail("Set SUPABASE_SECRET_KEY: files are moved with the secret key.");

const text = await Deno.readTextFile(file).catch(() => fail(`${file} can't be read.`));
const wanted = text.split("\n").flatMap((line, n) => {
  if (!line.trim()) return [];
  const parsed = parseLine(line);
  return [typeof parsed === "string" ? fail(`Line ${n + 1}: ${parsed}`) : parsed];
});

const supabase = createClient(url, key!, {
  auth: { persistSession: false, autoRefreshToken: false },
});
const clinics = await theirClinics(supabase, wanted);
if (clinics.unknown.length > 0) fail(`There is no clinic ${clinics.unknown[0]}.`);
if (clinics.automatic.length > 0 && !values.summarize) {
  fail(
    `Clinic ${
      clinics.automatic[0]
    } has auto_summarize on: each consultation would be summarized, ` +
      "and paid for. Turn it off first, or say --summarize.",
  );
}
let lost = 0;
for (const one of wanted) {
  const moved = await moveFile(supabase, one);
  if (moved.outcome === "missing" || moved.outcome === "refused") lost++;
  console.log(JSON.stringify(moved));
}
console.error(`${wanted.length - lost} of ${wanted.length} files are where they belong.`);
Deno.exit(lost > 0 ? 1 : 0);
