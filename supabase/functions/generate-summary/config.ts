/** The settings: the only place that reads the environment. */

export interface Config {
  /** Address of the project, without a slash at its end. */
  supabaseUrl: string;
  /** What a caller may show to be the service; the first is the one this function calls with. */
  secretKeys: string[];
  /** What a frontend sends as `apikey`. */
  publishableKeys: string[];
  /** The project's public signing keys; without them tokens are checked by asking Auth. */
  jwks?: { keys: Record<string, unknown>[] };
  gemini: { apiKey: string; baseUrl?: string; model: string; fallbackModel?: string };
  /** Origins that browsers may call from. */
  frontendOrigins: string[];
  /** Life of an isolate in seconds: 150 on the free plan, 400 on paid ones. */
  wallClockSeconds: number;
}

/**
 * Reads the settings that the README's table lists. Throws an `Error` that names the variable when
 * one that Supabase itself sets is missing or malformed. A missing `GEMINI_API_KEY` is no error
 * here: the health route tells it, and jobs fail with `model_key`.
 */
export function readConfig(env: (name: string) => string | undefined): Config {
  const secretKeys = keys(env, "SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY");
  if (secretKeys.length === 0) throw new Error("SUPABASE_SECRET_KEYS is not set.");
  const wallClockSeconds = Number(env("WALL_CLOCK_SECONDS") || 150);
  if (!(wallClockSeconds >= 150)) {
    throw new Error("WALL_CLOCK_SECONDS must be 150 (free plan) or 400 (paid plans).");
  }
  const url = env("SUPABASE_URL");
  if (!url) throw new Error("SUPABASE_URL is not set.");
  return {
    supabaseUrl: url.replace(/\/+$/, ""),
    secretKeys,
    publishableKeys: keys(env, "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"),
    jwks: json(env, "SUPABASE_JWKS"),
    gemini: {
      apiKey: env("GEMINI_API_KEY") ?? "",
      baseUrl: env("GEMINI_BASE_URL")?.replace(/\/+$/, "") || undefined,
      model: env("GEMINI_MODEL") || "gemini-3.8-flash",
      fallbackModel: env("GEMINI_FALLBACK_MODEL") || undefined,
    },
    frontendOrigins: (env("FRONTEND_URL") ?? "").split(",")
      .map((origin) => origin.trim().replace(/\/+$/, "")).filter(Boolean),
    wallClockSeconds,
  };
}

/** `{"default": "sb_…", …}`, the default one first, then the legacy key where it is still set. */
function keys(env: (name: string) => string | undefined, name: string, legacy: string): string[] {
  const { default: first, ...others } = json<Record<string, string>>(env, name) ?? {};
  return [first, ...Object.values(others), env(legacy)].filter((key) => key !== undefined)
    .filter(Boolean);
}

function json<T>(env: (name: string) => string | undefined, name: string): T | undefined {
  const text = env(name);
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} is not JSON.`);
  }
}
