/**
 * Asks a deployed project whether everything is in place, and says in plain words what is missing.
 * Usage: deno task preflight URL [ORIGIN]. URL is the project's, ORIGIN one that browsers call from.
 * With SUPABASE_SECRET_KEY set it looks at the queue and the bucket, too.
 */
import { preflight } from "./preflight/preflight.ts";

const [address, origin] = Deno.args;
if (!URL.canParse(address ?? "")) {
  console.error("Usage: deno task preflight https://REF.supabase.co [https://app.example.com]");
  Deno.exit(2);
}
const findings = await preflight({
  url: new URL(address).origin,
  secretKey: Deno.env.get("SUPABASE_SECRET_KEY"),
  origin,
  fetch,
  now: Date.now(),
});
for (const { ok, text, todo } of findings) {
  console.log(`${ok ? "✓" : "✗"} ${text}${todo ? `\n  → ${todo}` : ""}`);
}
Deno.exit(findings.every(({ ok }) => ok) ? 0 : 1);
