/**
 * Asks a deployed project whether everything is in place, and says in plain words what is missing.
 * Usage: deno task preflight URL [ORIGIN]. URL is the project's, ORIGIN one that browsers call from.
 * With SUPABASE_SECRET_KEY set it looks at the queue and the bucket, too.
 */

export interface Finding {
  ok: boolean;
  /** What was looked at, and how it is. */
  text: string;
  /** What to do about it. */
  todo?: string;
}

export interface Asked {
  /** The project's, without a path. */
  url: string;
  /** Without it the queue and the bucket can't be seen. */
  secretKey?: string;
  /** A frontend's, e.g. `https://app.example.com`. */
  origin?: string;
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The sweep runs every 15 seconds. */
const SWEEP_LATE_MS = 60_000;
/** A hint takes a second or two; then only the sweep still starts work. */
const DUE_LATE_SECONDS = 30;

interface Health {
  status: "ok" | "down";
  database: "ok" | "down";
  gemini_client: "ok" | "down";
  model: string;
  queue?: {
    queued: number;
    processing: number;
    oldest_due_seconds: number | null;
    last_sweep_at: string | null;
    failed_last_hour: number;
  } | null;
}

/** Looks at one thing after another; what can't be seen without an earlier one is left out. */
export async function preflight(asked: Asked): Promise<Finding[]> {
  const findings: Finding[] = [];
  const note = (ok: boolean, text: string, todo?: string) => findings.push({ ok, text, todo });
  const key: Record<string, string> = asked.secretKey ? { apikey: asked.secretKey } : {};
  const ask = async (path: string, init: RequestInit = {}) => {
    const signal = AbortSignal.timeout(30_000);
    const answer = await asked.fetch(`${asked.url}${path}`, { ...init, redirect: "error", signal });
    const body = await answer.json().catch(() => null);
    return { status: answer.status, headers: answer.headers, body };
  };
  const route = "/functions/v1/generate-summary";

  let answer;
  try {
    answer = await ask(`${route}/health`, { headers: key });
  } catch {
    note(
      false,
      `Nothing answers at ${asked.url}.`,
      "Check the address, and that it is not paused.",
    );
    return findings;
  }
  const health: Health = answer.body;
  if (health?.gemini_client === undefined) {
    note(false, ...noHealth(answer.status, answer.body));
    return findings;
  }
  note(true, "The function is deployed and starts.");
  if (health.database === "ok") {
    note(true, "It reaches the database, and finds its functions there.");
  } else {
    note(
      false,
      "The database does not answer the function, or lacks its functions.",
      "Run `supabase db push`; see Project Settings → Infrastructure for the database itself.",
    );
  }
  if (health.gemini_client === "ok") note(true, `Gemini knows the key and ${health.model}.`);
  else {
    note(
      false,
      `Gemini does not answer for ${health.model}, or refuses the key.`,
      "Run `supabase secrets set GEMINI_API_KEY=…`, and check GEMINI_MODEL if you set it.",
    );
  }
  if (!asked.secretKey) {
    note(
      false,
      "The queue and the bucket were not looked at.",
      "Set SUPABASE_SECRET_KEY to a secret key of the project.",
    );
  } else {
    if (health.queue) lookAtQueue(health.queue, asked.now, note);
    const bucket = await ask("/storage/v1/bucket/consultations", { headers: key });
    if (bucket.status !== 200) {
      note(false, "There is no bucket `consultations`.", "Run `supabase db push`: it makes one.");
    } else if (bucket.body.public) {
      note(
        false,
        "The bucket `consultations` is public: anyone with an address can read recordings.",
        "Make it private, in the dashboard under Storage, at once.",
      );
    } else note(true, "The bucket `consultations` is there, and private.");
  }
  if (asked.origin) {
    const method = "POST";
    const headers = { origin: asked.origin, "access-control-request-method": method };
    const { headers: answered } = await ask(route, { method: "OPTIONS", headers });
    if (answered.get("access-control-allow-origin") === asked.origin) {
      note(true, `Browsers may call it from ${asked.origin}.`);
    } else {
      note(
        false,
        `Browsers may not call it from ${asked.origin}.`,
        `Run \`supabase secrets set FRONTEND_URL=${asked.origin}\` (several: comma-separated).`,
      );
    }
  }
  return findings;
}

/** Why something else than the function answered. */
function noHealth(
  status: number,
  body: { error?: { code?: string } } | null,
): [text: string, todo: string] {
  if (status === 401 && body?.error?.code === "unauthorized") {
    return [
      "The function does not know the key in SUPABASE_SECRET_KEY.",
      "Take a secret key (sb_secret_…) of this project from Project Settings → API Keys.",
    ];
  }
  if (status === 401) {
    return [
      "The gateway asks for a user's token before the function is called.",
      "Deploy from this project's folder: its config.toml says `verify_jwt = false`.",
    ];
  }
  if (status === 404) {
    return [
      "The function generate-summary is not deployed.",
      "Run `supabase functions deploy generate-summary`.",
    ];
  }
  return [
    `The function does not start or does not answer (status ${status}).`,
    "Look at its logs in the dashboard: Edge Functions → generate-summary → Logs.",
  ];
}

function lookAtQueue(
  queue: NonNullable<Health["queue"]>,
  now: number,
  note: (ok: boolean, text: string, todo?: string) => void,
): void {
  const { queued, processing, oldest_due_seconds: oldest, last_sweep_at, failed_last_hour } = queue;
  if (last_sweep_at !== null && now - Date.parse(last_sweep_at) < SWEEP_LATE_MS) {
    note(true, "The sweep runs.");
  } else {
    note(
      false,
      last_sweep_at === null ? "The sweep has never run." : `The last sweep was ${last_sweep_at}.`,
      "Look for `sweep-summaries` in cron.job and cron.job_run_details; is pg_cron enabled?",
    );
  }
  const depth =
    `${queued} queued, ${processing} at work, ${failed_last_hour} failed in the last hour`;
  if (oldest === null || oldest < DUE_LATE_SECONDS) note(true, `The queue moves: ${depth}.`);
  else {
    note(
      false,
      `The oldest summary has waited for ${Math.round(oldest)} s: ${depth}.`,
      "Are `project_url` and `secret_key` in Vault, and right? net._http_response tells the answers.",
    );
  }
}

if (import.meta.main) {
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
}
