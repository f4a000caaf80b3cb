import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { type Project, project } from "./project.ts";

const schema = `
  create table public.notes (
    id bigint generated always as identity primary key,
    author uuid not null default auth.uid(),
    text text not null check (text <> ''),
    at timestamptz not null default now(),
    more jsonb
  );
  create table public.secrets (id int primary key);
  alter table public.notes enable row level security;
  alter table public.secrets enable row level security;
  grant select, insert, update, delete on public.notes to authenticated, service_role;
  create policy "authors see their notes" on public.notes for all to authenticated
    using (author = (select auth.uid())) with check (author = (select auth.uid()));
  create function public.refuse(code text) returns jsonb language plpgsql as $$
  begin
    raise exception 'refused' using errcode = code, detail = 'why', hint = 'what to do';
  end $$;
  create function public.wait_a_minute() returns void language plpgsql as $$
  begin
    raise sqlstate 'PGRST' using
      message = '{"code": "rate_limited", "message": "Ask again later"}',
      detail = '{"status": 429, "headers": {"Retry-After": "60"}}';
  end $$;
  create function public.echo(a jsonb, b uuid default null, c text default 'c', d numeric default 1.5)
    returns jsonb language sql as $$ select jsonb_build_object('a', a, 'b', b, 'c', c, 'd', d) $$;
  create function public.word() returns text language sql as $$ select 'saved' $$;
  create function public.yes() returns boolean language sql as $$ select true $$;
  create function public.nothing() returns void language sql as $$ $$;
  create function public.whoami() returns jsonb language sql as $$
    select jsonb_build_object('uid', auth.uid(), 'role', auth.role(), 'user', current_user,
                              'session', session_user, 'claims', auth.jwt())
  $$;
  grant execute on all functions in schema public to anon, authenticated, service_role;
`;

Deno.test("a user signs in and reads and writes only what is theirs", async () => {
  await using made = await project(schema);
  const [ada, bob] = [await made.user(), await made.user()];
  const { data, error } = await ada.from("notes").insert({ text: "one" }).select().single();
  assertEquals(error, null);
  assertEquals(data.author, ada.userId);
  assertMatch(data.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);

  assertEquals((await bob.from("notes").select()).data, []);
  assertEquals(
    (await bob.from("notes").update({ text: "mine" }).eq("id", data.id).select()).data,
    [],
  );
  const forged = await bob.from("notes").insert({ text: "x", author: ada.userId });
  assertEquals([forged.status, forged.error?.code], [403, "42501"]);

  const service = made.client(made.services.tokens.keys.secret);
  assertEquals((await service.from("notes").select("id", { count: "exact" })).count, 1);
  assertEquals((await ada.from("notes").delete().eq("id", data.id)).status, 204);
});

Deno.test("grants are what the migrations say, after any number of requests", async () => {
  await using made = await project(schema);
  const [anon, user] = [made.client(), await made.user()];
  const service = made.client(made.services.tokens.keys.secret);
  for (let round = 0; round < 2; round++) {
    const refused = [await anon.from("notes").select(), await user.from("secrets").select()];
    assertEquals(refused.map(({ status, error }) => [status, error?.code]), [
      [401, "42501"],
      [403, "42501"],
    ]);
    assertEquals((await service.from("secrets").select()).error?.code, "42501");
    assertEquals((await user.from("notes").select()).status, 200);
  }
});

Deno.test("an error of the database answers with PostgREST's status and all its parts", async () => {
  await using made = await project(schema);
  const user = await made.user();
  const expected = {
    P0001: 400,
    P0002: 500,
    "23514": 400,
    "22023": 400,
    "40001": 500,
    "42501": 403,
    "55P03": 500,
    PT409: 409,
    PT429: 429,
  };
  for (const [code, status] of Object.entries(expected)) {
    const answer = await user.rpc("refuse", { code });
    const { name: _, ...error } = { ...answer.error! };
    assertEquals([code, answer.status], [code, status]);
    assertEquals(
      { ...error, message: answer.error!.message },
      { code, message: "refused", details: "why", hint: "what to do" },
    );
  }
  assertEquals((await made.client().rpc("refuse", { code: "42501" })).status, 401);
  const limited = await user.rpc("wait_a_minute");
  assertEquals([limited.status, limited.error?.code], [429, "rate_limited"]);
  const headers = { apikey: made.services.tokens.keys.secret };
  const raw = await fetch(`${made.services.url}/rest/v1/rpc/wait_a_minute`, {
    method: "POST",
    headers,
  });
  assertEquals(raw.headers.get("retry-after"), "60");
  await raw.body?.cancel();
  const empty = await user.from("notes").insert({ text: "" });
  assertEquals([empty.status, empty.error?.code], [400, "23514"]);
  assertStringIncludes(empty.error!.message, "violates check constraint");
});

const JSON_VALUES = [
  [{ x: 1 }, "two"],
  [],
  {},
  { deep: { er: [null, 0.25, "ü \" \\ '"] } },
  [1, 2],
  "a word",
  7,
];

Deno.test("a JSON column holds what was written into it", async () => {
  await using made = await project(schema);
  const user = await made.user();
  for (const more of [...JSON_VALUES, null]) {
    const { data } = await user.from("notes").insert({ text: "one", more }).select().single();
    assertEquals(data.more, more);
    const changed = await user.from("notes").update({ more: [more] }).eq("id", data.id).select();
    assertEquals(changed.data![0].more, [more]);
  }
  const [{ kinds }] = await made.db.sql`
    select array_agg(distinct jsonb_typeof(more)) as kinds from public.notes`;
  assertEquals(kinds, ["array"]);
  assertEquals((await user.from("notes").select().contains("more", [7])).data!.length, 1);
  assertEquals((await user.from("notes").select("more->0->deep")).status, 200);
});

Deno.test("only a unique constraint makes one of many: neither a unique index nor a partial one", async () => {
  await using made = await project(`
    create table public.visits (id int primary key);
    create table public.jobs (id int primary key, visit int references public.visits, active boolean);
    create unique index one_active on public.jobs (visit) where active;
    create table public.stickers (id int primary key, visit int references public.visits);
    create unique index one_sticker on public.stickers (visit);
    create table public.bills (id int primary key, visit int unique references public.visits);
    grant select on all tables in schema public to service_role;
    insert into public.visits values (1);
    insert into public.jobs values (1, 1, true), (2, 1, false);
    insert into public.stickers values (1, 1);
    insert into public.bills values (1, 1);`);
  const service = made.client(made.services.tokens.keys.secret);
  const { data } = await service.from("visits").select("id, jobs(id), stickers(id), bills(id)")
    .throwOnError();
  assertEquals<unknown>(data, [
    { id: 1, jobs: [{ id: 1 }, { id: 2 }], stickers: [{ id: 1 }], bills: { id: 1 } },
  ]);
});

Deno.test("a function takes JSON and gives scalars, JSON and nothing as they are", async () => {
  await using made = await project(schema);
  const service = made.client(made.services.tokens.keys.secret);
  const b = crypto.randomUUID();
  for (const a of JSON_VALUES) {
    assertEquals((await service.rpc("echo", { a, b, c: null, d: 3 })).data, {
      a,
      b,
      c: null,
      d: 3,
    });
    assertEquals((await service.rpc("echo", { a })).data, { a, b: null, c: "c", d: 1.5 });
  }
  assertEquals((await service.rpc("word")).data, "saved");
  assertEquals((await service.rpc("yes")).data, true);
  const nothing = await service.rpc("nothing");
  assertEquals([nothing.status, nothing.data, nothing.error], [204, null, null]);
  const unknown = await service.rpc("word", { x: 1 });
  assertEquals([unknown.status, unknown.error?.code], [404, "PGRST202"]);
});

Deno.test("a session's token is ES256, verifiable with the key set, with the claims of Auth", async () => {
  await using made = await project(schema);
  const user = await made.user();
  assertEquals(decodeProtectedHeader(user.token).alg, "ES256");
  const url = `${made.services.url}/auth/v1`;
  const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(user.token, keys, { issuer: url });
  assertEquals(payload.sub, user.userId);
  assertEquals(payload.role, "authenticated");
  assertEquals(payload.is_anonymous, false);
  assertEquals(payload.app_metadata, { provider: "email", providers: ["email"] });

  const { data } = await user.auth.getClaims();
  assertEquals(data?.claims.sub, user.userId);
  assertEquals((await user.auth.getUser()).data.user?.id, user.userId);
  const refreshed = await user.auth.refreshSession();
  assertEquals(decodeProtectedHeader(refreshed.data.session!.access_token).alg, "ES256");
  const wrong = await made.client().auth.signInWithPassword({ email: "a@b.c", password: "no" });
  assertEquals(wrong.error?.code, "invalid_credentials");
});

Deno.test("new and legacy keys and tokens of both kinds say who is calling", async () => {
  await using made = await project(schema);
  const { keys, sign } = made.services.tokens;
  const sub = crypto.randomUUID();
  const claims = { sub, role: "authenticated", custom: 1 };
  const whoami = async (apikey: string, bearer?: string) => {
    const answer = await fetch(`${made.services.url}/rest/v1/rpc/whoami`, {
      method: "POST",
      headers: { apikey, ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
    });
    return { status: answer.status, ...await answer.json() };
  };
  for (const algorithm of ["ES256", "HS256"] as const) {
    const me = await whoami(keys.publishable, await sign(claims, algorithm));
    assertEquals([me.uid, me.role, me.user], [sub, "authenticated", "authenticated"]);
    assertEquals([me.session, me.claims.custom], ["authenticator", 1]);
  }
  assertEquals((await whoami(keys.publishable)).user, "anon");
  assertEquals((await whoami(keys.secret)).user, "service_role");
  assertEquals((await whoami(keys.anon, keys.anon)).user, "anon");
  assertEquals((await whoami(keys.serviceRole, keys.serviceRole)).user, "service_role");

  assertEquals((await whoami("sb_secret_wrong")).status, 401);
  assertEquals((await whoami(await sign(claims))).status, 401);
  const expired = await whoami(keys.publishable, await sign({ ...claims, exp: 1 }));
  assertEquals([expired.status, expired.code], [401, "PGRST303"]);
  const [head, body] = (await sign(claims)).split(".");
  assertEquals((await whoami(keys.publishable, `${head}.${body}.AAAA`)).status, 401);
});

Deno.test("the gateway lets any origin read, and answers 503 for what is switched off", async () => {
  await using made = await project(schema);
  const { url, down, tokens: { keys } } = made.services;
  const get = (path: string) => fetch(`${url}${path}`, { headers: { apikey: keys.secret } });
  const status = async (path: string) => {
    const answer = await get(path);
    await answer.body?.cancel();
    return answer.status;
  };
  const preflight = await fetch(`${url}/rest/v1/notes`, {
    method: "OPTIONS",
    headers: { "access-control-request-headers": "apikey,prefer" },
  });
  assertEquals(preflight.headers.get("access-control-allow-headers"), "apikey,prefer");
  assert(preflight.ok);
  assertEquals((await get("/rest/v1/notes")).headers.get("access-control-allow-origin"), "*");
  for (const service of ["rest", "auth", "storage", "realtime"] as const) {
    down.add(service);
    assertEquals(await status(`/${service}/v1/notes`), 503);
    down.delete(service);
  }
  assertEquals(await status("/rest/v1/notes"), 200);
  assertEquals(await status("/nothing/v1/notes"), 404);
});

Deno.test("a function is called without the prefix, its answer passed on as it comes", async () => {
  await using made = await project(schema);
  const call = (path: string, init?: RequestInit) =>
    fetch(`${made.services.url}/functions/v1${path}`, init);
  assertEquals((await call("/hello")).status, 503);
  const seen: string[] = [];
  const host = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    seen.push(new URL(request.url).pathname + new URL(request.url).search);
    return new Response(await request.text(), {
      status: 202,
      headers: { "x-request-id": request.headers.get("x-request-id")! },
    });
  });
  made.services.functionsUrl = () => Promise.resolve(`http://127.0.0.1:${host.addr.port}`);
  const answer = await call("/hello/there?a=1", {
    method: "POST",
    body: "ping",
    headers: { "x-request-id": "r1" },
  });
  assertEquals([answer.status, await answer.text()], [202, "ping"]);
  assertEquals(answer.headers.get("x-request-id"), "r1");
  assertEquals(answer.headers.get("access-control-allow-origin"), null);
  assertEquals(seen, ["/hello/there?a=1"]);
  await host.shutdown();
  assertEquals((await call("/hello")).status, 502);
});

Deno.test("requests work again after Postgres was restarted", async () => {
  await using made: Project = await project(schema);
  const service = made.client(made.services.tokens.keys.secret);
  assertEquals((await service.from("notes").select()).status, 200);
  const { postgresOfTests } = await import("../database/harness.ts");
  await (await postgresOfTests()).restart();
  // A connection that was lost is seen by the request that finds it so.
  const statuses = [];
  for (let tries = 0; tries < 12; tries++) {
    statuses.push((await service.from("notes").select()).status);
  }
  assertEquals(statuses.at(-1), 200);
  assert(statuses.every((status) => [200, 503].includes(status)), String(statuses));
});
