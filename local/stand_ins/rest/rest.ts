/**
 * The Data API and Auth, by `@supabase/lite` on this stack's Postgres. What it does differently
 * from PostgREST and Auth is put right here: errors, timestamps, grants, and ES256 tokens.
 */
import { App } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import type { MiddlewareHandler } from "hono";
import type { LoginRole } from "../../postgres/server.ts";
import { postgrestError } from "./postgrest_errors.ts";
import type { Tokens } from "../auth/tokens.ts";

interface RestOptions {
  /** Database address for a role. Migrations are done: the catalog is read once. */
  databaseUrl(role: LoginRole): string;
  tokens: Tokens;
}

export interface Rest {
  /** Answers `/rest/v1/*` and `/auth/v1/*`. */
  fetch(request: Request): Promise<Response>;
  stop(): Promise<void>;
}

const isoTimestamp = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => value,
  // 2026-11-22 08:00:00.12+00 → 2026-11-22T08:00:00.12+00:00, as PostgREST prints it
  parse: (text: string) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"),
});

/** Lite hands JSON over as text already; the driver would encode it once more. */
const json = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => isJson(value) ? value : JSON.stringify(value),
  parse: (text: string) => JSON.parse(text),
});

function isJson(value: unknown): value is string {
  try {
    return typeof value === "string" && JSON.parse(value) !== undefined;
  } catch {
    return false;
  }
}

type Catalog = ReturnType<PostgresConnection["introspect"]>;

class Connection extends PostgresConnection {
  /** `catalog`: tables and functions, where the role itself is allowed to see none of them. */
  constructor(url: string, private readonly catalog?: Catalog) {
    super({
      url,
      postgresOptions: {
        max: 10,
        onnotice: () => {},
        types: {
          timestamp: isoTimestamp(1114),
          timestamptz: isoTimestamp(1184),
          json: json(114),
          jsonb: json(3802),
        },
      },
    });
    // Lite would grant everything on every table with policies to anon; grants are the project's.
    Object.assign(this, { ensureRlsContext: () => Promise.resolve(true) });
  }

  override introspect(...given: Parameters<PostgresConnection["introspect"]>): Catalog {
    return this.catalog ?? super.introspect(...given);
  }

  /** A refusal of the database becomes PostgREST's answer to it; lite passes answers on. */
  override async withContext<T>(...given: Parameters<PostgresConnection["withContext"]>) {
    try {
      return await super.withContext(...given) as T;
    } catch (error) {
      const auth = given[0]?.auth as { role?: string } | undefined;
      const answer = postgrestError(error, (auth?.role ?? "anon") === "anon");
      if (!answer) throw error;
      return answer as T;
    }
  }
}

/** The Data API goes by the token alone: lite needn't look for its user and session. */
const trustToken: MiddlewareHandler = (context, next) => {
  const user = /^Bearer\s+(?!sb_)/i.test(context.req.header("authorization") ?? "");
  if (user) {
    context.set("userId", "of the token");
    context.set("sessionId", "of the token");
  }
  return next();
};

export async function startRest({ databaseUrl, tokens }: RestOptions): Promise<Rest> {
  const { keys } = tokens;
  const resolver = async (key: string) => {
    if (key.startsWith("sb_") && key !== keys.publishable && key !== keys.secret) return null;
    const caller = await tokens.callerOf(key).catch(() => null);
    // An API key is never a user.
    if (caller?.role === "anon") return { type: "publishable" as const, claims: caller.claims };
    if (caller?.role === "service_role") return { type: "secret" as const, claims: caller.claims };
    return null;
  };
  const open = (role: LoginRole, catalog?: Catalog) => {
    const connection = new Connection(databaseUrl(role), catalog);
    const app = new App({
      connection,
      auth: {
        enabled: true,
        jwt_secret: tokens.jwtSecret,
        publishable_key: keys.publishable,
        secret_key: keys.secret,
      },
      options: { server: { apiKeys: { resolver }, middlewares: catalog && [trustToken] } },
    });
    return { app, connection };
  };
  const reader = new Connection(databaseUrl("postgres"));
  const catalog = reader.introspect();
  await catalog.finally(() => reader.close());
  const rest = open("authenticator", catalog);
  const auth = open("supabase_auth_admin");

  return {
    async fetch(request) {
      const url = new URL(request.url);
      if (url.pathname === "/auth/v1/.well-known/jwks.json") return Response.json(tokens.jwks);
      const inward = await withSharedToken(request, tokens);
      if (url.pathname.startsWith("/rest/")) return await rest.app.fetch(inward);
      return await withProjectToken(await auth.app.fetch(inward), `${url.origin}/auth/v1`, tokens);
    },
    async stop() {
      // Lite's own close waits for as long as a statement takes.
      await Promise.all(
        [rest, auth].map(({ connection }) => connection.driver.end({ timeout: 1 })),
      );
    },
  };
}

/** Lite reads HS256 only: a user's ES256 token goes in re-signed, one that fails goes in as it is. */
async function withSharedToken(request: Request, tokens: Tokens): Promise<Request> {
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
async function withProjectToken(answer: Response, issuer: string, tokens: Tokens) {
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
