/** The settings: the only place that reads the environment. */
import { z } from "zod";
import type { GeminiSettings } from "./models/gemini_api/client.ts";

/** A public signing key; of a kind that supabase-js can't check with it is left out. */
const SigningKey = z.looseObject({
  kty: z.enum(["RSA", "EC", "oct"]),
  key_ops: z.array(z.string()).default(["verify"]),
  alg: z.string().optional(),
  kid: z.string().optional(),
});
const SigningKeys = z.object({ keys: z.array(SigningKey.nullable().catch(null)) })
  .transform(({ keys }) => ({ keys: keys.filter((key) => key !== null) }));
const ApiKeys = z.record(z.string(), z.string());

export interface Config {
  /** Address of the project, without a slash at its end. */
  supabaseUrl: string;
  /** What a caller may show to be the service; the first is the one this function calls with. */
  secretKeys: string[];
  /** What a frontend sends as `apikey`. */
  publishableKeys: string[];
  /** The project's public signing keys; without them tokens are checked by asking Auth. */
  jwks?: z.infer<typeof SigningKeys>;
  gemini: GeminiSettings;
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
    jwks: json(env, "SUPABASE_JWKS", SigningKeys),
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
  const { default: first, ...others } = json(env, name, ApiKeys) ?? {};
  return [first, ...Object.values(others), env(legacy)].filter((key) => key !== undefined)
    .filter(Boolean);
}

function json<T>(
  env: (name: string) => string | undefined,
  name: string,
  schema: z.ZodType<T>,
): T | undefined {
  const text = env(name);
  if (!text) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} is not JSON.`);
  }
  const { data, error } = schema.safeParse(value);
  if (error) throw new Error(`${name} is not what Supabase sets: ${error.issues[0].message}.`);
  return data;
}
