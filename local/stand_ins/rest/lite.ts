/**
 * A stand-in for the Data API and for Auth, both by `@supabase/lite` on the stack's Postgres. What it
 * does unlike PostgREST is put right in connection.ts, what unlike Auth in auth/lite_tokens.ts.
 */
import { App } from "@supabase/lite";
import type { MiddlewareHandler } from "hono";
import type { LoginRole } from "../../postgres/server.ts";
import { withProjectToken, withSharedToken } from "../auth/lite_tokens.ts";
import type { Tokens } from "../auth/tokens.ts";
import { type Catalog, LiteConnection } from "./connection.ts";

interface LiteOptions {
  /** Database address for a role. Migrations are done: the catalog is read once. */
  databaseUrl(role: LoginRole): string;
  tokens: Tokens;
}

interface Lite {
  /** Answers `/rest/v1/*` and `/auth/v1/*`. */
  fetch(request: Request): Promise<Response>;
  stop(): Promise<void>;
}

/** Lite looks for a token's user and session unless these are set; PostgREST goes by the token. */
const trustToken: MiddlewareHandler = (context, next) => {
  const user = /^Bearer\s+(?!sb_)/i.test(context.req.header("authorization") ?? "");
  if (user) {
    context.set("userId", "of the token");
    context.set("sessionId", "of the token");
  }
  return next();
};

export async function startLite({ databaseUrl, tokens }: LiteOptions): Promise<Lite> {
  const { keys } = tokens;
  const resolver = async (key: string) => {
    if (key.startsWith("sb_") && key !== keys.publishable && key !== keys.secret) return null;
    const caller = await tokens.callerOf(key).catch(() => null);
    // Any other role is a user's, and a user's token is no API key.
    if (caller?.role === "anon") return { type: "publishable" as const, claims: caller.claims };
    if (caller?.role === "service_role") return { type: "secret" as const, claims: caller.claims };
    return null;
  };
  const open = (role: LoginRole, catalog?: Catalog) => {
    const connection = new LiteConnection(databaseUrl(role), catalog);
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
  const reader = new LiteConnection(databaseUrl("postgres"));
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
      // Lite's own close waits for as long as a statement takes; this for one second.
      await Promise.all(
        [rest, auth].map(({ connection }) => connection.driver.end({ timeout: 1 })),
      );
    },
  };
}
