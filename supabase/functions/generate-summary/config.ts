/** The settings: the only place that reads the environment. Loaded at each start: without schemas. */
import type { ModelSettings } from "./models/settings.ts";

const KEY_TYPES = ["RSA", "EC", "oct"] as const;

/** A public signing key as supabase-js takes it. */
interface SigningKey {
  kty: typeof KEY_TYPES[number];
  key_ops: string[];
  [parameter: string]: unknown;
}

export interface Config {
  /** Address of the project, without a slash at its end. */
  supabaseUrl: string;
  /** What a caller may show to be the service; the first is the one this function calls with. */
  secretKeys: string[];
  /** What the database wakes this function with, and can do nothing else. */
  hintKey?: string;
  /** What a frontend sends as `apikey`. */
  publishableKeys: string[];
  /** Whose users' tokens are taken: Auth, by the addresses that it gives itself. */
  authIssuers: string[];
  /** The project's public signing keys; without them tokens are checked by asking Auth. */
  jwks?: { keys: SigningKey[] };
  model: ModelSettings;
  /** What reads a summary a second time: a model's name, or `off`; the one that writes unless told. */
  verifyModel?: string;
  /** Origins that browsers may call from. */
  frontendOrigins: string[];
  /** Life of an isolate in seconds: 150 on the free plan, 400 on paid ones. */
  wallClockSeconds: number;
}

/**
 * Reads the settings that the README's table lists. Throws an `Error` that names the variable when
 * one that Supabase itself sets is missing or malformed. What is missing of the model's is no error
 * here: the health route tells it, and jobs wait with `model_key` or `model_settings`.
 */
export function readConfig(env: ReadEnv): Config {
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
    hintKey: env("HINT_KEY") || undefined,
    publishableKeys: keys(env, "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"),
    authIssuers: list(env("AUTH_ISSUER") || `${url.replace(/\/+$/, "")}/auth/v1`),
    jwks: signingKeys(env, "SUPABASE_JWKS"),
    model: readModelSettings(env),
    verifyModel: env("VERIFY_MODEL") || undefined,
    frontendOrigins: list(env("FRONTEND_URL") ?? ""),
    wallClockSeconds,
  };
}

/** What is set of the ways to the model, whether or not it fits. */
export function readModelSettings(env: ReadEnv): ModelSettings {
  return {
    provider: env("MODEL_PROVIDER") || undefined,
    model: env("GEMINI_MODEL") || "gemini-3.8-flash",
    fallbackModel: env("GEMINI_FALLBACK_MODEL") || undefined,
    geminiApi: {
      apiKey: env("GEMINI_API_KEY") ?? "",
      baseUrl: address(env, "GEMINI_BASE_URL"),
    },
    googleCloud: {
      key: env("GOOGLE_CLOUD_KEY") || undefined,
      location: env("GOOGLE_CLOUD_LOCATION") || undefined,
      bucket: env("GOOGLE_CLOUD_BUCKET") || undefined,
      baseUrl: address(env, "GOOGLE_CLOUD_BASE_URL"),
    },
  };
}

type ReadEnv = (name: string) => string | undefined;

/** Addresses by comma, without the slashes at their ends. */
const list = (text: string) =>
  text.split(",").map((address) => address.trim().replace(/\/+$/, "")).filter(Boolean);

/** Without the slash at its end. */
const address = (env: ReadEnv, name: string) => env(name)?.replace(/\/+$/, "") || undefined;

/** `{"default": "sb_…", …}`, the default one first, then the legacy key where it is still set. */
function keys(env: ReadEnv, name: string, legacy: string): string[] {
  const { default: first, ...others } = object(env, name) ?? {};
  const all = [first, ...Object.values(others)].filter((key) => key !== undefined);
  if (!all.every((key) => typeof key === "string")) throw notWhatIsSet(name);
  return [...all, env(legacy) ?? ""].filter(Boolean);
}

/** `{"keys": […]}`, without those of a kind that supabase-js can't check with. */
function signingKeys(env: ReadEnv, name: string): Config["jwks"] {
  const jwks = object(env, name);
  if (!jwks) return undefined;
  if (!Array.isArray(jwks.keys)) throw notWhatIsSet(name);
  return {
    keys: jwks.keys.filter(isObject).flatMap(({ kty, key_ops, ...rest }): SigningKey[] => {
      const known = KEY_TYPES.find((type) => type === kty);
      const ops = Array.isArray(key_ops) ? key_ops.map(String) : ["verify"];
      return known ? [{ ...rest, kty: known, key_ops: ops }] : [];
    }),
  };
}

function object(env: ReadEnv, name: string): Record<string, unknown> | undefined {
  const text = env(name);
  if (!text) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} is not JSON.`);
  }
  if (!isObject(value)) throw notWhatIsSet(name);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const notWhatIsSet = (name: string) => new Error(`${name} is not what Supabase sets.`);
