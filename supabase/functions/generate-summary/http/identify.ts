/**
 * Who is calling: the service (a secret key), the database that wakes this function (a key for that
 * alone), or a signed-in user (an access token).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { SupabaseClient } from "@supabase/supabase-js";
import { AppError } from "../core/errors.ts";
import { lazily } from "../core/lazily.ts";
import type { Config } from "../config.ts";

/** `auth.getClaims` of supabase-js. */
export type GetClaims = SupabaseClient["auth"]["getClaims"];

export type Caller = { kind: "service" } | { kind: "database" } | {
  kind: "user";
  id: string;
  token: string;
  session: Session;
};

/** What a user's token claims of the session that it was made in; the database looks after it. */
export interface Session {
  session_id?: string;
  aal?: string;
  /** Of the OAuth app that the token was made for. */
  client_id?: string;
}

/**
 * Looks at `apikey` and `Authorization`. A credential that is there and wrong is refused even when
 * the other one would do. Throws `unauthorized`, `auth_unavailable`.
 *
 * A user's token is checked with `auth.getClaims`: against the project's public keys where it is
 * signed with one of them, by asking Auth where it is signed with the shared secret. It accepts
 * tokens without `sub` and anonymous sign-ins, and checks neither role nor audience nor issuer, so
 * that is done here.
 */
export async function identify(
  headers: Headers,
  config: Pick<Config, "secretKeys" | "hintKey" | "publishableKeys" | "jwks" | "authIssuers">,
  getClaims: GetClaims,
): Promise<Caller> {
  const apikey = headers.get("apikey");
  const authorization = headers.get("authorization");
  const bearer = authorization === null ? null : /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (bearer === undefined) throw new AppError("unauthorized");

  const { hintKey } = config;
  if (bearer === null && apikey !== null && hintKey && includes([hintKey], apikey)) {
    return { kind: "database" };
  }
  // Studio's database webhooks show the service's key as the token, and no apikey.
  const isService = includes(config.secretKeys, apikey ?? bearer ?? "");
  if (apikey !== null && !isService && !includes(config.publishableKeys, apikey)) {
    throw new AppError("unauthorized", { message: "The apikey is not one of this project's." });
  }
  // supabase-js repeats its key as the bearer token while nobody is signed in.
  const oneKey = bearer === null || bearer === apikey;
  if (isService && (oneKey || apikey === null)) return { kind: "service" };
  if (oneKey) throw new AppError("unauthorized");

  const { data, error } = await getClaims(bearer, { jwks: config.jwks })
    .catch((error) => ({ data: null, error }));
  if (error?.name === "AuthRetryableFetchError") throw new AppError("auth_unavailable");
  const claims = data?.claims;
  if (
    error || !claims?.sub || claims.role !== "authenticated" || claims.is_anonymous ||
    ![claims.aud].flat().includes("authenticated") || !config.authIssuers.includes(claims.iss)
  ) {
    throw new AppError("unauthorized");
  }
  const { session_id, aal, client_id } = claims;
  return { kind: "user", id: claims.sub, token: bearer, session: { session_id, aal, client_id } };
}

/** supabase-js, loaded when a user first asks: hints, which are most requests, do without. */
export function createGetClaims(
  { url, key, fetch }: { url: string; key: string; fetch: typeof globalThis.fetch },
): GetClaims {
  const client = lazily(async (): Promise<SupabaseClient> => {
    const { createClient } = await import("@supabase/supabase-js");
    return createClient(url, key, {
      auth: { persistSession: false, autoRefreshToken: false },
      // The key would follow a redirect to any host.
      global: { fetch: (input, init) => fetch(input, { ...init, redirect: "error" }) },
    });
  });
  return async (...args) => await (await client()).auth.getClaims(...args);
}

/** Takes the same time whichever key it is, and wherever they begin to differ. */
function includes(keys: string[], given: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const wanted = hash(given);
  return keys.map((key) => timingSafeEqual(hash(key), wanted)).includes(true);
}
