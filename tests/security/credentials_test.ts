/** Credentials against the whole stack: which are taken, and that no other one is. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import * as jose from "jose";
import { makeConsultation, signIn } from "../../local/commands/demo/clinic.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { createUser } from "../../local/stand_ins/auth/users.ts";
import { withStack } from "../e2e/harness.ts";

const test = withStack();

const NOBODY = "00000000-0000-4000-8000-000000000000";

async function call({ url }: Stack, headers: HeadersInit, body: unknown) {
  const answer = await fetch(`${url}/functions/v1/generate-summary`, {
    method: "POST",
    headers: [["content-type", "application/json"], ...new Headers(headers)],
    body: JSON.stringify(body),
  });
  const { error } = await answer.json();
  return error ? `${answer.status} ${error.code}` : `${answer.status}`;
}

/** Of a signed-in user. */
async function tokenOf(client: Awaited<ReturnType<typeof signIn>>): Promise<string> {
  const { data } = await client.auth.getSession();
  return data.session!.access_token;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A token of these parts, signed by what is given. */
function forge(header: object, claims: object, sign: (data: string) => string): string {
  const encoded = [header, claims].map((part) => jose.base64url.encode(JSON.stringify(part)));
  return `${encoded.join(".")}.${sign(encoded.join("."))}`;
}

test("users' tokens are taken, signed with ES256 and with HS256, with new and legacy keys", async ({ stack, doctor, consultation }) => {
  const { tokens } = stack.services;
  const es256 = await tokenOf(doctor);
  assertEquals(jose.decodeProtectedHeader(es256).alg, "ES256");
  const hs256 = await tokens.toShared(es256);
  assertEquals(jose.decodeProtectedHeader(hs256).alg, "HS256");
  for (const token of [es256, hs256]) {
    const keys: Record<string, string>[] = [
      {},
      { apikey: tokens.keys.publishable },
      { apikey: tokens.keys.anon },
    ];
    for (const key of keys) {
      // Past the credentials: what is missing is the recording.
      const body = { consultation_id: consultation };
      assertEquals(await call(stack, { ...bearer(token), ...key }, body), "422 no_recordings");
    }
  }
});

test("the service's keys are taken in apikey and as the token, the new one and the legacy one", async ({ stack }) => {
  const { secret, serviceRole } = stack.services.tokens.keys;
  const body = { summary_id: NOBODY };
  assertEquals(await call(stack, { apikey: secret }, body), "202");
  assertEquals(await call(stack, { apikey: serviceRole }, body), "202");
  // As Studio's database webhooks send the legacy one.
  assertEquals(await call(stack, bearer(secret), body), "202");
  assertEquals(await call(stack, bearer(serviceRole), body), "202");
  // As supabase-js sends a key while nobody is signed in.
  assertEquals(await call(stack, { apikey: secret, ...bearer(secret) }, body), "202");
  assertEquals(await call(stack, { apikey: serviceRole, ...bearer(serviceRole) }, body), "202");
});

test("no other credential is taken, and one that is wrong is not passed over", async ({ stack, doctor, clinic, consultation }) => {
  const { tokens } = stack.services;
  const { publishable, secret, anon, serviceRole } = tokens.keys;
  const good = await tokenOf(doctor);
  const claims = jose.decodeJwt(good);
  const { kid } = jose.decodeProtectedHeader(good);
  const [jwk] = tokens.jwks.keys;
  const now = Math.floor(Date.now() / 1000);
  const foreign = await jose.generateKeyPair("ES256");
  const signedByForeign = (header: { kid?: string }) =>
    new jose.SignJWT(claims).setProtectedHeader({ alg: "ES256", ...header })
      .sign(foreign.privateKey);
  const hs256WithPublicKey = (key: string, header: object) => {
    const bytes = new TextEncoder().encode(key);
    return new jose.SignJWT(claims).setProtectedHeader({ alg: "HS256", ...header }).sign(bytes);
  };
  const [, payload, signature] = good.split(".");
  const pem = await jose.exportSPKI(await jose.importJWK(jwk, "ES256") as CryptoKey);

  const refused: Record<string, HeadersInit> = {
    "nothing": {},
    "an empty key": { apikey: "" },
    "an empty token": { authorization: "" },
    "Bearer alone": { authorization: "Bearer" },
    "publishable key alone": { apikey: publishable },
    "publishable key twice": { apikey: publishable, ...bearer(publishable) },
    "anon key": { apikey: anon, ...bearer(anon) },
    "wrong secret key": { apikey: `${secret}x` },
    "the secret key's beginning": { apikey: secret.slice(0, -1) },
    "two secret keys": { apikey: `${secret}, ${secret}` },
    "wrong secret key as the token": bearer(`${secret}x`),
    "legacy service key with another signature, as the token": bearer(serviceRole.slice(0, -4)),
    "wrong key beside the secret key as the token": { apikey: `${secret}x`, ...bearer(secret) },
    "secret key beside the publishable one": { apikey: publishable, ...bearer(secret) },
    "legacy service key beside the publishable one": {
      apikey: publishable,
      ...bearer(serviceRole),
    },
    "swapped: token as the key, key as the token": { apikey: good, ...bearer(publishable) },
    "token as the key": { apikey: good },
    "secret key in another header": { "x-api-key": secret },
    "token without Bearer": { authorization: good },
    "Basic": { authorization: `Basic ${btoa(`user:${secret}`)}` },
    "two tokens": { authorization: `Bearer ${good}, Bearer ${good}` },
    "wrong key beside a good token": { apikey: "sb_secret_wrong", ...bearer(good) },
    "wrong token beside the secret key": { apikey: secret, ...bearer("wrong") },
    "expired": bearer(await tokens.sign({ ...claims, exp: now - 60 })),
    "expired, HS256": bearer(await tokens.sign({ ...claims, exp: now - 60 }, "HS256")),
    "of another project, the same kid": bearer(await signedByForeign({ kid })),
    "of another project, its own kid": bearer(await signedByForeign({ kid: "theirs" })),
    "of another project, without kid": bearer(await signedByForeign({})),
    "alg none": bearer(forge({ alg: "none" }, claims, () => "")),
    "alg none, with kid": bearer(forge({ alg: "none", kid }, claims, () => "")),
    "alg None, with the signature": bearer(forge({ alg: "None", kid }, claims, () => signature)),
    "HS256 signed with the public key": bearer(await hs256WithPublicKey(pem, {})),
    "HS256 signed with the public key, with kid": bearer(await hs256WithPublicKey(pem, { kid })),
    "HS256 signed with the public JWK": bearer(await hs256WithPublicKey(JSON.stringify(jwk), {})),
    "RS256 in the header": bearer(forge({ alg: "RS256", kid }, claims, () => signature)),
    "another's claims": bearer(
      good.replace(payload, jose.base64url.encode(JSON.stringify({ ...claims, sub: NOBODY }))),
    ),
    "a cut signature": bearer(good.slice(0, -4)),
    "of another issuer": bearer(
      await tokens.sign({ ...claims, iss: "https://other.test/auth/v1" }),
    ),
    "for another audience": bearer(await tokens.sign({ ...claims, aud: "others" })),
    "without sub": bearer(await tokens.sign({ ...claims, sub: undefined })),
    "an empty sub": bearer(await tokens.sign({ ...claims, sub: "" })),
    "anonymous sign-in": bearer(await tokens.sign({ ...claims, is_anonymous: true })),
    "role anon": bearer(await tokens.sign({ ...claims, role: "anon" })),
    "role service_role": bearer(await tokens.sign({ ...claims, role: "service_role" })),
    "role service_role, HS256": bearer(
      await tokens.sign({ ...claims, role: "service_role" }, "HS256"),
    ),
    "no JWT": bearer("a.b.c"),
  };
  const before = stack.lines.length;
  for (const body of [{ consultation_id: consultation }, { summary_id: NOBODY }]) {
    for (const [name, headers] of Object.entries(refused)) {
      assertEquals([name, await call(stack, headers, body)], [name, "401 unauthorized"]);
    }
  }
  assertEquals(await summariesOf(stack, clinic.id), 0);
  // Nothing of a credential is in the logs, whole or in part.
  const lines = stack.lines.slice(before).join("\n");
  for (const text of [good, payload, signature, secret, serviceRole, publishable]) {
    assertEquals(lines.includes(text), false);
  }
});

test("of a session that has ended, of none, and of an OAuth app a token is not taken", async ({ stack, doctor, consultation }) => {
  const { tokens } = stack.services;
  const claims = jose.decodeJwt(await tokenOf(doctor));
  const ask = async (other: object) =>
    await call(stack, bearer(await tokens.sign({ ...claims, ...other })), {
      consultation_id: consultation,
    });
  assertEquals(await ask({}), "422 no_recordings");
  for (
    const other of [{ session_id: NOBODY }, { session_id: undefined }, { client_id: NOBODY }]
  ) {
    assertEquals(await ask(other), "401 unauthorized");
  }
});

test("a clinic that asks for a second factor gets nothing done without one", async ({ stack, clinic, doctor, consultation }) => {
  await stack.sql`update public.clinics set require_aal2 = true where id = ${clinic.id}`;
  const { tokens } = stack.services;
  const claims = jose.decodeJwt(await tokenOf(doctor));
  const ask = async (aal: string) =>
    await call(stack, bearer(await tokens.sign({ ...claims, aal })), {
      consultation_id: consultation,
    });
  assertEquals(await ask("aal1"), "403 second_factor");
  assertEquals(await ask("aal2"), "422 no_recordings");
  assertEquals((await doctor.from("consultations").select("id")).data, []);
});

test("a user may not send the service's bodies, nor the service a user's", async (scene) => {
  const { stack, doctor, consultation } = scene;
  await stack.sql`delete from vault.secrets where true`;
  await scene.upload("consultation.webm");
  await stack.sql`select vault.create_secret(${stack.url}, 'project_url')`;
  await stack.sql`select vault.create_secret(${stack.keys.hint}, 'hint_key')`;
  const [{ id }] = await scene.summaries();
  const record = { id, consultation_id: consultation };
  const user = bearer(await tokenOf(doctor));
  const webhook = {
    type: "INSERT",
    table: "summaries",
    schema: "public",
    record,
    old_record: null,
  };
  for (const body of [{ summary_id: id }, webhook]) {
    assertEquals(await call(stack, user, body), "403 forbidden");
  }
  assertEquals((await scene.summaries())[0].status, "queued");
  for (const service of [{ apikey: stack.keys.secret }, bearer(stack.keys.secret)]) {
    for (const body of [{ consultation_id: consultation }, { primary_audio_url: "x" }]) {
      assertEquals(await call(stack, service, body), "403 forbidden");
    }
  }
});

test("another clinic's consultation and one that isn't there get the same answer", async (scene) => {
  const { stack, consultation } = scene;
  const path = await scene.upload("silence.webm");
  const stranger = await strangerOf(stack);
  const token = bearer(stranger.token);
  for (const id of [consultation, NOBODY]) {
    assertEquals(await call(stack, token, { consultation_id: id }), "404 not_found");
  }
  for (const url of [path, `${NOBODY}/${NOBODY}/${NOBODY}.webm`]) {
    assertEquals(await call(stack, token, { primary_audio_url: url }), "422 url_not_allowed");
  }
  const own = { consultation_id: stranger.consultation };
  assertEquals(await call(stack, token, own), "422 no_recordings");
});

test("who was a member is none from that moment, with the same token", async ({ stack, clinic, doctor, consultation }) => {
  const token = bearer(await tokenOf(doctor));
  const ask = () => call(stack, token, { consultation_id: consultation });
  assertEquals(await ask(), "422 no_recordings");
  const { sql } = stack;
  const { id } = clinic.doctor;
  await sql`update public.clinic_members set disabled_at = now() where user_id = ${id}`;
  assertEquals(await ask(), "404 not_found");
  await sql`update public.clinic_members set disabled_at = null where user_id = ${id}`;
  assertEquals(await ask(), "422 no_recordings");
  // The user is gone, and the session too; the token, which nobody can call back, is valid for an hour.
  await sql`delete from auth.users where id = ${id}`;
  assertEquals(await ask(), "401 unauthorized");
  const { data } = await doctor.from("consultations").select("id");
  assertEquals(data, []);
});

test("while Auth is down, tokens that need it get 503, the others go on", async ({ stack, doctor, consultation }) => {
  const es256 = await tokenOf(doctor);
  const hs256 = await stack.services.tokens.toShared(es256);
  stack.services.down.add("auth");
  try {
    const body = { consultation_id: consultation };
    assertEquals(await call(stack, bearer(es256), body), "422 no_recordings");
    assertEquals(await call(stack, bearer(hs256), body), "503 auth_unavailable");
  } finally {
    stack.services.down.delete("auth");
  }
});

async function summariesOf({ sql }: Stack, clinic: string): Promise<number> {
  return (await sql`select from public.summaries where clinic_id = ${clinic}`).count;
}

/** A doctor of another clinic, with a consultation there. */
async function strangerOf(stack: Stack) {
  const { sql, url, keys } = stack;
  const [{ id }] = await sql`insert into public.clinics (name) values ('Other') returning id`;
  const password = crypto.randomUUID();
  const email = `${password}@example.com`;
  const user = await createUser(sql, { email, password });
  await sql`insert into public.clinic_members (clinic_id, user_id, role) values (${id}, ${user}, 'doctor')`;
  const client = createClient(url, keys.publishable, { auth: { persistSession: false } });
  await client.auth.signInWithPassword({ email, password });
  await client.auth.stopAutoRefresh();
  return { token: await tokenOf(client), consultation: await makeConsultation(client, id) };
}
