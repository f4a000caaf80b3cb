/** Tokens on their way into `@supabase/lite` and out of it: it knows the shared secret alone. */
import type { Tokens } from "./tokens.ts";

/** Lite reads HS256 only: a user's ES256 token goes in re-signed, one that fails goes in as it is. */
export async function withSharedToken(request: Request, tokens: Tokens): Promise<Request> {
  const token = request.headers.get("authorization")?.match(/^Bearer\s+(.+)$/i)?.[1];
  if (!token || token.startsWith("sb_")) return request;
  const headers = new Headers(request.headers);
  if (token === headers.get("apikey")) headers.delete("authorization");
  else {
    const shared = await tokens.toShared(token).catch(() => token);
    headers.set("authorization", `Bearer ${shared}`);
  }
  const { url, method } = request;
  // Lite would keep a connection to the database for good when the caller goes away meanwhile.
  const body = request.body && await request.arrayBuffer();
  return new Request(url, { method, headers, body });
}

interface Session {
  access_token?: string;
  user?: { app_metadata: unknown; user_metadata: unknown; is_anonymous?: boolean };
}

/** A session's token goes out signed with the project's key and with the claims Auth puts in. */
export async function withProjectToken(answer: Response, issuer: string, tokens: Tokens) {
  if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) return answer;
  const body = await answer.json() as Session;
  if (body.access_token && body.user) {
    const { claims } = await tokens.callerOf(body.access_token);
    body.access_token = await tokens.sign({
      ...claims,
      iss: issuer,
      phone: "",
      app_metadata: body.user.app_metadata,
      user_metadata: body.user.user_metadata,
      aal: "aal1",
      amr: [{ method: "password", timestamp: claims.iat }],
      is_anonymous: body.user.is_anonymous ?? false,
    });
  }
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  return Response.json(body, { status: answer.status, headers });
}
