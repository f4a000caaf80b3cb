/**
 * Asks a deployed project whether everything is in place, and says in plain words what is missing.
 * Usage: deno task preflight URL [ORIGIN]. URL is the project's, ORIGIN one that browsers call from.
 * With SUPABASE_SECRET_KEY set it looks at the queue and the bucket, too; with SUPABASE_PUBLISHABLE_KEY,
 * MEMBER_EMAIL and MEMBER_PASSWORD it tries as that member to sign addresses; with GOOGLE_CLOUD_KEY and the
 * others set as the function has them, at Google Cloud, with GOOGLE_CLOUD_CMEK=1 also for a key of your own.
 */
import { readModelSettings } from "../../supabase/functions/generate-summary/config.ts";
import { lookAtGoogleCloud } from "./preflight/google_cloud.ts";
import { preflight } from "./preflight/preflight.ts";

const [address, origin] = Deno.args;
if (!URL.canParse(address ?? "")) {
  console.error("Usage: deno task preflight https://REF.supabase.co [https://app.example.com]");
  Deno.exit(2);
}
const settings = readModelSettings((name) => Deno.env.get(name));
const [key, email, password] = ["SUPABASE_PUBLISHABLE_KEY", "MEMBER_EMAIL", "MEMBER_PASSWORD"]
  .map((name) => Deno.env.get(name));
const findings = await preflight({
  url: new URL(address).origin,
  secretKey: Deno.env.get("SUPABASE_SECRET_KEY"),
  member: key && email && password ? { key, email, password } : undefined,
  origin,
  fetch,
  now: Date.now(),
});
if (Object.values(settings.googleCloud).some(Boolean)) {
  const cmek = Boolean(Deno.env.get("GOOGLE_CLOUD_CMEK"));
  findings.push(...await lookAtGoogleCloud({ settings, cmek, fetch }));
}
for (const { ok, text, todo } of findings) {
  console.log(`${ok ? "✓" : "✗"} ${text}${todo ? `\n  → ${todo}` : ""}`);
}
Deno.exit(findings.every(({ ok }) => ok) ? 0 : 1);
