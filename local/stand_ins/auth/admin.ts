/**
 * Auth's calls for the service, which `@supabase/lite` lacks: users are made, listed, deleted and
 * invited. Mail is sent to nobody: it lies in a mailbox. Bodies and codes as Auth's source has them.
 */
import type { Sql } from "postgres";
import type { Tokens } from "./tokens.ts";

export interface Mail {
  to: string;
  subject: string;
  /** What the person is to open. */
  link: string;
}

interface AdminOptions {
  sql: Sql;
  tokens: Tokens;
  /** Of the rest of Auth, which begins a session. */
  auth(request: Request): Promise<Response>;
  mailbox: Mail[];
}

interface NewUser {
  email?: string;
  password?: string;
  email_confirm?: boolean;
  user_metadata?: object;
  app_metadata?: object;
}

/** Answers what is for the service, and passes on all else. */
export function withAdmin({ sql, tokens, auth, mailbox }: AdminOptions) {
  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.slice("/auth/v1".length);
    if (path === "/verify") return await verify(request, url);
    if (path !== "/invite" && !/^\/admin\/users(\/|$)/.test(path)) return await auth(request);
    const caller = await tokens.caller(request.headers, url).catch(() => undefined);
    if (!caller) return refusal(401, "no_authorization", "This endpoint requires a valid token");
    if (caller.role !== "service_role") return refusal(403, "not_admin", "User not allowed");

    const id = path.split("/")[3];
    if (id) return await one(request.method, id);
    if (request.method === "GET") return await list(url.searchParams);
    const body: NewUser & { data?: object } = await request.json();
    return path === "/invite"
      ? await invite(body, url)
      : await make(body, { confirmed: body.email_confirm === true });
  }

  /** `invited`: the token of the invitation. */
  async function make(user: NewUser, state: { confirmed?: boolean; invited?: string }) {
    const { password, user_metadata, app_metadata } = user;
    const email = user.email?.toLowerCase();
    if (!email) return refusal(400, "validation_failed", "An email address is required");
    const id = crypto.randomUUID();
    const own = { provider: "email", providers: ["email"], ...app_metadata };
    const made = await sql`
      insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, invited_at,
        confirmation_token, raw_app_meta_data, raw_user_meta_data)
      values (${id}, 'authenticated', 'authenticated', ${email},
        ${password ?? null}::text, case when ${state.confirmed ?? false} then now() end,
        case when ${state.invited !== undefined} then now() end, ${state.invited ?? ""},
        ${sql.json(own)}, ${sql.json({ ...user_metadata })})
      on conflict do nothing returning id`;
    if (made.length === 0) {
      const message = "A user with this email address has already been registered";
      return refusal(422, "email_exists", message);
    }
    if (password) await setPassword(id, password);
    await sql`
      insert into auth.identities (provider, provider_id, user_id, identity_data)
      values ('email', ${id}, ${id}, ${sql.json({ sub: id, email, email_verified: false })})`;
    return await one("GET", id);
  }

  const setPassword = (id: string, password: string) =>
    sql`update auth.users
        set encrypted_password = extensions.crypt(${password}, extensions.gen_salt('bf', 6))
        where id = ${id}`;

  async function one(method: string, id: string): Promise<Response> {
    const uuid = /^[0-9a-f-]{36}$/.test(id);
    if (!uuid) return refusal(404, "validation_failed", "user_id must be an UUID");
    const [found] = await users(sql`where u.id = ${id}`);
    if (!found) return refusal(404, "user_not_found", "User not found");
    if (method === "GET") return Response.json(found);
    if (method !== "DELETE") return refusal(405, "not_here", "The local stack has no such call");
    await sql`delete from auth.users where id = ${id}`;
    return Response.json({});
  }

  async function list(search: URLSearchParams): Promise<Response> {
    const page = Number(search.get("page") || 1);
    const size = Number(search.get("per_page") || 50);
    const found = await users(
      sql`order by u.created_at desc, u.id limit ${size} offset ${(page - 1) * size}`,
    );
    const [{ total }] = await sql`select count(*)::int as total from auth.users`;
    const at = (page: number, rel: string) => `</admin/users?page=${page}>; rel="${rel}"`;
    const last = Math.max(1, Math.ceil(total / size));
    const links = [...page < last ? [at(page + 1, "next")] : [], at(last, "last")];
    return Response.json({ users: found, aud: "authenticated" }, {
      headers: { "x-total-count": String(total), link: links.join(", ") },
    });
  }

  const users = (which: ReturnType<typeof sql>) =>
    sql`
      select u.id, u.aud, u.role, u.email, u.email_confirmed_at, u.confirmed_at, u.invited_at,
        coalesce(u.phone, '') as phone, u.last_sign_in_at, u.created_at, u.updated_at, u.is_anonymous,
        u.raw_app_meta_data as app_metadata, u.raw_user_meta_data as user_metadata,
        coalesce((select jsonb_agg(to_jsonb(i)) from auth.identities i where i.user_id = u.id), '[]')
          as identities
      from auth.users u ${which}`;

  async function invite({ email, data }: NewUser & { data?: object }, url: URL) {
    const token = crypto.randomUUID().replaceAll("-", "");
    const answer = await make({ email, user_metadata: data }, { invited: token });
    if (!answer.ok) return answer;
    const link = new URL(`${url.origin}/auth/v1/verify`);
    link.searchParams.set("token", token);
    link.searchParams.set("type", "invite");
    link.searchParams.set("redirect_to", url.searchParams.get("redirect_to") ?? url.origin);
    mailbox.push({ to: email!, subject: "You have been invited", link: link.href });
    return answer;
  }

  /** An invitation is taken, once: by its link, or by `verifyOtp` with its token. */
  async function verify(request: Request, url: URL): Promise<Response> {
    const { searchParams } = url;
    const got = request.method === "GET";
    const asked = got ? Object.fromEntries(searchParams) : await request.json();
    if (asked.type !== "invite") return refusal(403, "otp_expired", "Email link is invalid");
    const token = String(asked.token_hash ?? asked.token ?? "");
    const [user] = await sql`
      update auth.users set confirmation_token = '', email_confirmed_at = now()
      where confirmation_token = ${token} and ${token} <> '' returning id, email`;
    const page = searchParams.get("redirect_to") ?? "";
    if (!user) {
      const message = "Email link is invalid or has expired";
      return got
        ? moved(page, { error: "access_denied", error_code: "otp_expired" })
        : refusal(403, "otp_expired", message);
    }
    // The rest of Auth begins sessions by password alone.
    const password = crypto.randomUUID();
    await setPassword(user.id, password);
    const session = await auth(
      new Request(`${url.origin}/auth/v1/token?grant_type=password`, {
        method: "POST",
        headers: { apikey: tokens.keys.publishable, "content-type": "application/json" },
        body: JSON.stringify({ email: user.email, password }),
      }),
    );
    await sql`update auth.users set encrypted_password = null where id = ${user.id}`;
    if (!got || !session.ok) return session;
    const { access_token, refresh_token, expires_in } = await session.json();
    return moved(page, {
      access_token,
      expires_in: String(expires_in),
      refresh_token,
      token_type: "bearer",
      type: "invite",
    });
  }

  return answer;
}

const moved = (page: string, told: Record<string, string>) =>
  new Response(null, {
    status: 303,
    headers: { location: `${page}#${new URLSearchParams(told)}` },
  });

const refusal = (status: number, code: string, message: string) =>
  Response.json({ code, message }, { status, headers: { "x-supabase-api-version": "2024-01-01" } });
