/** Google's token endpoint: a JWT that the service account's key signed, for a token of an hour. */
import { compactVerify, exportPKCS8, generateKeyPair, type JWTPayload } from "jose";
import type { WireRequest } from "../gemini/wire.ts";
import { CLOUD_REFUSALS } from "./refusals.ts";

const AUDIENCE = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const LONGEST_SECONDS = 3600;
/** Seconds: clocks differ. Google does not say how much it allows. */
const TOLERANCE = 60;

/** A service account with one key, as the JSON that Google gives once. */
export async function makeAccount(project: string) {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const email = `summaries@${project}.iam.gserviceaccount.com`;
  const key = {
    type: "service_account",
    project_id: project,
    private_key_id: "0123456789abcdef0123456789abcdef01234567",
    private_key: await exportPKCS8(privateKey),
    client_email: email,
    client_id: "100000000000000000000",
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: AUDIENCE,
  };
  return { email, key, publicKey };
}

export type Account = Awaited<ReturnType<typeof makeAccount>>;

export class Tokens {
  readonly #given = new Set<string>();

  constructor(readonly account: Account) {}

  /** A test has the key deleted: tokens that were given stay good. */
  keyDeleted = false;

  async answer(body: WireRequest["body"]): Promise<Response> {
    let form = "";
    const decoder = new TextDecoder();
    for await (const bytes of body) form += decoder.decode(bytes, { stream: true });
    const fields = new URLSearchParams(form);
    if (fields.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
      throw CLOUD_REFUSALS.grantType();
    }
    await this.#check(fields.get("assertion") ?? "");
    const access_token = `ya29.${crypto.randomUUID()}`;
    this.#given.add(access_token);
    return Response.json({ access_token, expires_in: 3599, token_type: "Bearer" });
  }

  async #check(assertion: string): Promise<void> {
    const { email, key, publicKey } = this.account;
    const verified = await compactVerify(assertion, publicKey, { algorithms: ["RS256"] })
      .catch(() => null);
    if (this.keyDeleted || verified?.protectedHeader.kid !== key.private_key_id) {
      throw CLOUD_REFUSALS.grant("Invalid JWT Signature.");
    }
    const claims: JWTPayload = JSON.parse(new TextDecoder().decode(verified.payload));
    const { iss, aud, scope, sub, iat = NaN, exp = NaN } = claims;
    if (iss !== email) throw CLOUD_REFUSALS.grant("Invalid grant: account not found");
    if (aud !== AUDIENCE) throw CLOUD_REFUSALS.grant("Invalid JWT: Failed audience check.");
    if (sub !== undefined) throw CLOUD_REFUSALS.grant("Invalid grant: not delegated.");
    if (scope !== SCOPE) throw CLOUD_REFUSALS.scope();
    const now = Date.now() / 1000;
    const fits = iat <= now + TOLERANCE && exp > now - TOLERANCE && exp - iat <= LONGEST_SECONDS;
    if (!fits) {
      throw CLOUD_REFUSALS.grant(
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
          "Check your iat and exp values in the JWT claim.",
      );
    }
  }

  has(authorization: string | null): boolean {
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? "") ?? [];
    return token !== undefined && this.#given.has(token);
  }

  /** Nothing that was given is good any more. */
  revoke(): void {
    this.#given.clear();
  }
}
