/** Access tokens of a service account: asked for with a JWT that its key signs (RFC 7523). */
import { type Clock, within } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { SHORT_MS } from "../client.ts";
import { faultOf } from "../faults.ts";
import { Fault } from "../policy.ts";
import { ask } from "../requests.ts";
import type { ServiceAccount } from "./settings.ts";

export interface Tokens {
  /**
   * One that is good for five minutes at least. Throws a `Fault`: `key` when the account or its key is
   * refused, else what passes.
   */
  get(): Promise<string>;
  /** The present one was refused. */
  forget(): void;
}

interface TokenDeps {
  account: ServiceAccount;
  /** The origin of Google's token endpoint. */
  host: string;
  fetch: typeof fetch;
  clock: Clock;
}

/** Who the JWT is for, whatever stands in between. */
const AUDIENCE = "https://oauth2.googleapis.com/token";
/** One scope for both: what may be done, the account's roles say. */
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const SECONDS = 3600;
/** A token is asked for anew when it has no more left than this. */
const REFRESH_MS = 5 * 60_000;
/** Clocks differ: so much is always allowed for. */
const SKEW_MS = 30_000;
const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

export function createTokens({ account, host, fetch, clock }: TokenDeps): Tokens {
  let current: { token: string; until: number } | undefined;
  let refreshing: Promise<string> | undefined;
  /** How much later it is at Google's, in milliseconds, as far as that is known. */
  let ahead = 0;

  async function refresh(): Promise<string> {
    const asked = clock.now();
    let answer = await request();
    if ("date" in answer) {
      const before = ahead;
      ahead = answer.date - clock.now();
      // Else it is not the time that is refused.
      if (!(Math.abs(ahead - before) > SKEW_MS)) throw new Fault("key");
      answer = await request();
      if ("date" in answer) throw new Fault("key");
    }
    const { token, seconds } = answer;
    current = { token, until: asked + seconds * 1000 - REFRESH_MS };
    return token;
  }

  /** A token, or when it was refused what time it is there. */
  async function request(): Promise<{ token: string; seconds: number } | { date: number }> {
    const assertion = await sign(account, clock.now() + ahead);
    const body = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    });
    const init = { method: "POST", body };
    return await within(
      clock,
      SHORT_MS,
      new Fault("timed_out"),
      undefined,
      (signal) =>
        ask({ fetch }, `${host}/token`, { ...init, signal }, async (response) => {
          if (response.status === 400) {
            return { date: Date.parse(response.headers.get("date") ?? "") };
          }
          if (response.status === 401 || response.status === 403) throw new Fault("key");
          if (!response.ok) throw await faultOf(response);
          const given = await response.json().catch(() => null);
          if (!given?.access_token) throw new Fault("server_error");
          return { token: String(given.access_token), seconds: Number(given.expires_in) || 0 };
        }),
    );
  }

  return {
    async get() {
      if (current && clock.now() < current.until) return current.token;
      // Whoever asks meanwhile waits for the same.
      return await (refreshing ??= refresh().finally(() => refreshing = undefined));
    },
    forget() {
      current = undefined;
    },
  };
}

/** A JWT for a token. `now`: milliseconds since the epoch. */
async function sign({ email, keyId, privateKey }: ServiceAccount, now: number): Promise<string> {
  const iat = Math.floor((now - SKEW_MS) / 1000);
  const header = { alg: "RS256", typ: "JWT", kid: keyId };
  const claims = { iss: email, scope: SCOPE, aud: AUDIENCE, iat, exp: iat + SECONDS };
  const text = new TextEncoder();
  const signed = [header, claims].map((part) => base64url(text.encode(JSON.stringify(part))))
    .join(".");
  const key = await crypto.subtle.importKey("pkcs8", privateKey, ALGORITHM, false, ["sign"])
    .catch(() => {
      throw new AppError("model_settings", {
        message: "GOOGLE_CLOUD_KEY has a private_key that can't be read: make another key.",
      });
    });
  const signature = await crypto.subtle.sign(ALGORITHM.name, key, text.encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
