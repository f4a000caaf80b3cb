/**
 * What only a member can try: whether the function takes their token, and whether Storage lets them
 * sign addresses, which would outlive their membership.
 */
import * as jose from "jose";
import { type Finding, inPlace, missing } from "./finding.ts";

export interface Member {
  /** A publishable one. */
  key: string;
  email: string;
  password: string;
}

type Call = (path: string, body?: unknown, token?: string) => Promise<{
  ok: boolean;
  // deno-lint-ignore no-explicit-any
  body: any;
}>;

/** Nothing is left behind. */
export async function lookAtMember(
  url: string,
  { key, email, password }: Member,
  fetch: typeof globalThis.fetch,
): Promise<Finding[]> {
  const call: Call = async (path, body, token) => {
    const answer = await fetch(url + path, {
      method: body ? "POST" : "GET",
      headers: {
        apikey: key,
        "content-type": "application/json",
        ...token ? { authorization: `Bearer ${token}` } : {},
      },
      body: body ? JSON.stringify(body) : undefined,
      redirect: "error",
      signal: AbortSignal.timeout(30_000),
    });
    return { ok: answer.ok, body: await answer.json().catch(() => null) };
  };

  const signedIn = await call("/auth/v1/token?grant_type=password", { email, password });
  const token = signedIn.body?.access_token;
  if (!token) {
    return [
      missing(
        "MEMBER_EMAIL can't sign in: what members may was not tried.",
        "Take a member who signs in by a password alone, and check SUPABASE_PUBLISHABLE_KEY.",
      ),
    ];
  }
  return [await lookAtToken(token, call), await lookAtSigning(token, call)];
}

/** Asks for a consultation that isn't there. */
async function lookAtToken(token: string, call: Call): Promise<Finding> {
  const asked = { consultation_id: crypto.randomUUID() };
  const { body } = await call("/functions/v1/generate-summary", asked, token);
  if (body?.error?.code !== "unauthorized") return inPlace("The function takes members' tokens.");
  const { iss } = jose.decodeJwt(token);
  return missing(
    "The function does not take a member's token.",
    `Auth calls itself ${iss}: where that is not SUPABASE_URL with /auth/v1, run ` +
      `\`supabase secrets set AUTH_ISSUER=${iss}\`.`,
  );
}

/** Reads a recording of theirs and signs for it, and for an upload beside it. */
async function lookAtSigning(token: string, call: Call): Promise<Finding> {
  const recordings = "/rest/v1/recordings?select=object_path&deleted_at=is.null&limit=1";
  const [recording] = (await call(recordings, undefined, token)).body ?? [];
  const path: string | undefined = recording?.object_path;
  const storage = "/storage/v1/object";
  if (!path || !(await call(`${storage}/info/consultations/${path}`, undefined, token)).ok) {
    return missing(
      "MEMBER_EMAIL reads no recording: whether members can sign addresses was not tried.",
      "Upload one in a clinic of theirs (step 7 of docs/deploying.md), and ask again.",
    );
  }
  const beside = path.replace(/[^/]+$/, `${crypto.randomUUID()}.webm`);
  const [one, many, upload] = await Promise.all([
    call(`${storage}/sign/consultations/${path}`, { expiresIn: 1 }, token),
    call(`${storage}/sign/consultations`, { expiresIn: 1, paths: [path] }, token),
    call(`${storage}/upload/sign/consultations/${beside}`, {}, token),
  ]);
  return one.ok || many.body?.[0]?.signedURL || upload.ok
    ? missing(
      "A member can sign addresses of recordings: they hold after the member has left.",
      "Run `supabase db push`; does this project's Storage say which of its routes is called " +
        "(`storage.operation()`)?",
    )
    : inPlace("Members can't sign addresses of recordings.");
}
