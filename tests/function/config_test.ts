import { assertEquals, assertThrows } from "@std/assert";
import { readConfig } from "../../supabase/functions/generate-summary/config.ts";

/** What Supabase sets itself. */
const SET: Record<string, string> = {
  SUPABASE_URL: "https://project.example",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_one"}',
};

const read = (changes: Record<string, string | undefined> = {}) =>
  readConfig((name) => ({ ...SET, ...changes })[name]);

Deno.test("what Supabase sets is enough, the rest has its defaults", () => {
  assertEquals(read(), {
    supabaseUrl: "https://project.example",
    secretKeys: ["sb_secret_one"],
    hintKey: undefined,
    publishableKeys: [],
    jwks: undefined,
    authIssuers: ["https://project.example/auth/v1"],
    model: {
      provider: undefined,
      model: "gemini-3.8-flash",
      fallbackModel: undefined,
      geminiApi: { apiKey: "", baseUrl: undefined },
      googleCloud: { key: undefined, location: undefined, bucket: undefined, baseUrl: undefined },
    },
    verifyModel: undefined,
    frontendOrigins: [],
    wallClockSeconds: 150,
  });
});

Deno.test("a setting that is empty is as if it weren't there", () => {
  const empty = Object.fromEntries(
    ("HINT_KEY SUPABASE_SERVICE_ROLE_KEY SUPABASE_PUBLISHABLE_KEYS SUPABASE_ANON_KEY SUPABASE_JWKS " +
      "GEMINI_API_KEY GEMINI_BASE_URL GEMINI_MODEL GEMINI_FALLBACK_MODEL VERIFY_MODEL " +
      "MODEL_PROVIDER GOOGLE_CLOUD_KEY GOOGLE_CLOUD_LOCATION GOOGLE_CLOUD_BUCKET " +
      "GOOGLE_CLOUD_BASE_URL FRONTEND_URL AUTH_ISSUER WALL_CLOCK_SECONDS").split(" ")
      .map((name) => [name, ""]),
  );
  assertEquals(read(empty), read());
});

Deno.test("settings are read, addresses without the slashes at their ends", () => {
  const config = read({
    SUPABASE_URL: "https://project.example//",
    HINT_KEY: "hint",
    GEMINI_API_KEY: "key",
    GEMINI_BASE_URL: "https://proxy.example/",
    GEMINI_MODEL: "gemini-next",
    GEMINI_FALLBACK_MODEL: "gemini-last",
    VERIFY_MODEL: "off",
    MODEL_PROVIDER: "google-cloud",
    GOOGLE_CLOUD_KEY: "{}",
    GOOGLE_CLOUD_LOCATION: "eu",
    GOOGLE_CLOUD_BUCKET: "bucket-1",
    GOOGLE_CLOUD_BASE_URL: "https://cloud.example//",
    FRONTEND_URL: " https://a.example/ ,,https://b.example",
    WALL_CLOCK_SECONDS: "400",
  });
  assertEquals(config.authIssuers, ["https://project.example/auth/v1"]);
  assertEquals(read({ AUTH_ISSUER: "https://a.example/auth/v1/, b" }).authIssuers, [
    "https://a.example/auth/v1",
    "b",
  ]);
  assertEquals([config.supabaseUrl, config.hintKey], ["https://project.example", "hint"]);
  assertEquals(config.model, {
    provider: "google-cloud",
    model: "gemini-next",
    fallbackModel: "gemini-last",
    geminiApi: { apiKey: "key", baseUrl: "https://proxy.example" },
    googleCloud: {
      key: "{}",
      location: "eu",
      bucket: "bucket-1",
      baseUrl: "https://cloud.example",
    },
  });
  assertEquals(config.frontendOrigins, ["https://a.example", "https://b.example"]);
  assertEquals([config.verifyModel, config.wallClockSeconds], ["off", 400]);
});

Deno.test("of several keys the default is the first, a legacy one the last", () => {
  const config = read({
    SUPABASE_SECRET_KEYS: '{"automations":"sb_secret_two","default":"sb_secret_one"}',
    SUPABASE_SERVICE_ROLE_KEY: "legacy",
    SUPABASE_PUBLISHABLE_KEYS: '{"web":"sb_publishable_web","default":"sb_publishable_one"}',
    SUPABASE_ANON_KEY: "anon",
  });
  assertEquals(config.secretKeys, ["sb_secret_one", "sb_secret_two", "legacy"]);
  assertEquals(config.publishableKeys, ["sb_publishable_one", "sb_publishable_web", "anon"]);
});

Deno.test("a project with the legacy keys alone works", () => {
  const { secretKeys, publishableKeys } = read({
    SUPABASE_SECRET_KEYS: undefined,
    SUPABASE_SERVICE_ROLE_KEY: "legacy",
    SUPABASE_ANON_KEY: "anon",
  });
  assertEquals([secretKeys, publishableKeys], [["legacy"], ["anon"]]);
});

Deno.test("signing keys of a kind that can't be checked with are left out", () => {
  const good = { kty: "EC" as const, kid: "a", alg: "ES256", crv: "P-256", x: "x", y: "y" };
  const keys = [good, { kty: "OKP", crv: "Ed25519", x: "x" }, "no key", null];
  const { jwks } = read({ SUPABASE_JWKS: JSON.stringify({ keys }) });
  assertEquals(jwks, { keys: [{ ...good, key_ops: ["verify"] }] });
});

for (
  const [name, value] of [
    ["SUPABASE_URL", undefined],
    ["SUPABASE_SECRET_KEYS", undefined],
    ["SUPABASE_SECRET_KEYS", "{}"],
    ["SUPABASE_SECRET_KEYS", '{"default":""}'],
    ["SUPABASE_SECRET_KEYS", "sb_secret_one"],
    ["SUPABASE_SECRET_KEYS", '["sb_secret_one"]'],
    ["SUPABASE_SECRET_KEYS", '{"default":1}'],
    ["SUPABASE_PUBLISHABLE_KEYS", "sb_publishable_one"],
    ["SUPABASE_PUBLISHABLE_KEYS", '"sb_publishable_one"'],
    ["SUPABASE_JWKS", "{"],
    ["SUPABASE_JWKS", "[]"],
    ["SUPABASE_JWKS", "{}"],
    ["WALL_CLOCK_SECONDS", "149"],
    ["WALL_CLOCK_SECONDS", "0"],
    ["WALL_CLOCK_SECONDS", "two minutes"],
  ] as const
) {
  Deno.test(`${name} as ${value} is an error that names it, and not its value`, () => {
    const { message } = assertThrows(() => read({ [name]: value }), Error, name);
    if (value?.includes("sb_")) assertEquals(message.includes("sb_"), false);
  });
}
