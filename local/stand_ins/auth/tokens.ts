/**
 * Keys and tokens of a stack, as a hosted project of 2026 has them: publishable and secret API
 * keys, ES256 user tokens with a public key set, and beside them the legacy shared secret with its
 * `anon` and `service_role` keys, which are HS256 tokens.
 */
import * as jose from "jose";

interface Keys {
  publishable: string;
  secret: string;
  /** Legacy keys. */
  anon: string;
  serviceRole: string;
}

/** Claims of a token that passed; `role` is the database role that it acts as. */
type Claims = jose.JWTPayload & { role: string };

export interface Caller {
  role: string;
  claims: Claims;
  /** Which of Storage's calls it makes, as `storage.operation()` tells policies. */
  operation?: string;
}

/** No key, a wrong one, or a token that doesn't verify. The message is safe to show. */
export class CredentialError extends Error {}

export interface Tokens {
  keys: Keys;
  /** The legacy shared secret, for tests that make HS256 tokens. */
  jwtSecret: string;
  /** The public key set, as in `SUPABASE_JWKS` and `/auth/v1/.well-known/jwks.json`. */
  jwks: { keys: jose.JWK[] };
  /** Signs claims with ES256 (the default) or HS256; expires in an hour unless they have `exp`. */
  sign(claims: jose.JWTPayload, algorithm?: "ES256" | "HS256"): Promise<string>;
  /** The same claims signed with the shared secret; expiry is left for the reader to judge. */
  toShared(token: string): Promise<string>;
  /** Who sends these headers (or `?apikey=`). Throws CredentialError. */
  caller(headers: Headers, url?: URL): Promise<Caller>;
  /** The caller a token or API key stands for. Throws CredentialError. */
  callerOf(credential: string): Promise<Caller>;
}

/** What else is made at random. */
export interface FixedKeys {
  publishable: string;
  secret: string;
  jwtSecret: string;
  /** The private key of users' tokens, with its `kid`. */
  signing: jose.JWK_EC_Private & { kid: string };
}

export async function createTokens(fixed?: FixedKeys): Promise<Tokens> {
  const jwtSecret = fixed?.jwtSecret ?? random(40);
  const shared = new TextEncoder().encode(jwtSecret);
  const pair =
    await (fixed ? pairOf(fixed.signing) : jose.generateKeyPair("ES256", { extractable: true }));
  const kid = fixed?.signing.kid ?? crypto.randomUUID();
  const jwk = { ...await jose.exportJWK(pair.publicKey), kid, alg: "ES256", use: "sig" };

  const keyOf = ({ alg, kid: asked }: { alg?: string; kid?: string }) => {
    if (alg === "HS256") return shared;
    if (alg === "ES256" && (asked === undefined || asked === kid)) return pair.publicKey;
    throw new CredentialError("No suitable key or wrong key type");
  };

  function sign(claims: jose.JWTPayload, algorithm: "ES256" | "HS256" = "ES256") {
    const now = Math.floor(Date.now() / 1000);
    return new jose.SignJWT({ iat: now, exp: now + 3600, ...claims })
      .setProtectedHeader({
        alg: algorithm,
        typ: "JWT",
        ...(algorithm === "ES256" ? { kid } : {}),
      })
      .sign(algorithm === "ES256" ? pair.privateKey : shared);
  }

  const legacy = (role: string) =>
    sign(
      { iss: "supabase", role, exp: Math.floor(Date.now() / 1000) + 10 * 365 * 86_400 },
      "HS256",
    );
  const keys: Keys = {
    publishable: fixed?.publishable ?? `sb_publishable_${random(24)}`,
    secret: fixed?.secret ?? `sb_secret_${random(24)}`,
    anon: await legacy("anon"),
    serviceRole: await legacy("service_role"),
  };

  async function callerOf(credential: string): Promise<Caller> {
    if (credential === keys.publishable) return { role: "anon", claims: { role: "anon" } };
    if (credential === keys.secret) {
      return { role: "service_role", claims: { role: "service_role" } };
    }
    if (credential.startsWith("sb_")) throw new CredentialError("Invalid API key");
    try {
      const { payload } = await jose.jwtVerify(credential, keyOf);
      const role = typeof payload.role === "string" ? payload.role : "anon";
      return { role, claims: { ...payload, role } };
    } catch (error) {
      throw new CredentialError(error instanceof Error ? error.message : "Invalid JWT");
    }
  }

  return {
    keys,
    jwtSecret,
    jwks: { keys: [jwk] },
    sign,
    callerOf,
    async toShared(token) {
      const { payload } = await jose.compactVerify(token, keyOf);
      return new jose.CompactSign(payload)
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .sign(shared);
    },
    caller(headers, url) {
      const bearer = headers.get("authorization")?.match(/^Bearer\s+(.+)$/i)?.[1];
      const apikey = headers.get("apikey") ?? url?.searchParams.get("apikey") ?? undefined;
      // As at the hosted gateway: a user's token outranks the key it comes with.
      const credential = bearer && !bearer.startsWith("sb_") ? bearer : apikey;
      if (!credential) return Promise.reject(new CredentialError("No API key found in request"));
      return callerOf(credential);
    },
  };
}

async function pairOf({ d, ...open }: FixedKeys["signing"]): Promise<jose.GenerateKeyPairResult> {
  const load = (jwk: jose.JWK) => jose.importJWK(jwk, "ES256", { extractable: true });
  return {
    privateKey: await load({ ...open, d }) as CryptoKey,
    publicKey: await load(open) as CryptoKey,
  };
}

function random(bytes: number): string {
  return jose.base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)));
}
