/** The stand-in for Google Cloud, asked by plain HTTP: what the real one would refuse, it refuses. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { importPKCS8, SignJWT } from "jose";
import {
  type GoogleCloudStandIn,
  startGoogleCloud,
} from "../../local/stand_ins/google_cloud/server.ts";

const MODEL = "/v1/projects/hospital-1/locations/eu/publishers/google/models/gemini-3.8-flash";
const OBJECTS = "/storage/v1/b/hospital-1-recordings/o";
const UPLOAD = `/upload${OBJECTS}`;
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

function test(name: string, run: (cloud: GoogleCloudStandIn) => Promise<void>) {
  Deno.test(`Google Cloud ${name}`, async () => {
    await using cloud = await startGoogleCloud();
    await run(cloud);
  });
}

interface Grant {
  claims?: Record<string, unknown>;
  kid?: string;
  grantType?: string;
}

/** Asks for a token; what is given replaces what would be right. */
async function grant(cloud: GoogleCloudStandIn, { claims, kid, grantType = GRANT }: Grant = {}) {
  const { key } = cloud.tokens.account;
  const now = Math.floor(Date.now() / 1000);
  const assertion = await new SignJWT({
    iss: key.client_email,
    scope: "https://www.googleapis.com/auth/cloud-platform",
    aud: "https://oauth2.googleapis.com/token",
    iat: now,
    exp: now + 3600,
    ...claims,
  }).setProtectedHeader({ alg: "RS256", kid: kid ?? key.private_key_id })
    .sign(await importPKCS8(key.private_key, "RS256"));
  const body = new URLSearchParams({ grant_type: grantType, assertion });
  const answer = await fetch(`${cloud.url}/token`, { method: "POST", body });
  return { status: answer.status, json: await answer.json() };
}

/** Asks with a token that is good. */
async function ask(cloud: GoogleCloudStandIn, path: string, init: RequestInit = {}) {
  const { json: { access_token } } = await grant(cloud);
  const headers = { authorization: `Bearer ${access_token}`, ...init.headers };
  const answer = await fetch(cloud.url + path, { redirect: "manual", ...init, headers });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    json: text.startsWith("{") ? JSON.parse(text) : null,
  };
}

const post = (body: unknown) => ({ method: "POST", body: JSON.stringify(body) });

const hour = () => Math.floor(Date.now() / 1000) + 3600;
const WRONG: [what: string, grant: Grant, error: RegExp][] = [
  ["another grant", { grantType: "password" }, /unsupported_grant_type/],
  ["another key's id", { kid: "other" }, /Invalid JWT Signature/],
  ["another account", { claims: { iss: "a@b" } }, /account not found/],
  ["another audience", { claims: { aud: "https://example.com" } }, /audience/],
  ["another scope", { claims: { scope: "email" } }, /invalid_scope/],
  ["a subject", { claims: { sub: "a@b" } }, /not delegated/],
  ["more than an hour", { claims: { exp: hour() + 100 } }, /short-lived/],
  ["an hour that is to come", { claims: { iat: hour(), exp: hour() + 3600 } }, /reasonable/],
  ["an hour that is over", { claims: { iat: 1, exp: 3601 } }, /reasonable/],
];

test("gives a token of an hour for a JWT of the account, and none for any other", async (cloud) => {
  const { status, json } = await grant(cloud);
  assertEquals([status, json.token_type, json.expires_in], [200, "Bearer", 3599]);
  for (const [what, wrong, error] of WRONG) {
    const { status, json } = await grant(cloud, wrong);
    assertEquals([what, status], [what, 400]);
    assertMatch(JSON.stringify(json), error);
  }
});

test("answers nobody without a token, each service in its shape", async (cloud) => {
  const init = { headers: { authorization: "Bearer ya29.other" } };
  const storage = await ask(cloud, OBJECTS, init);
  assertEquals([storage.status, storage.json.error.errors[0].reason], [401, "authError"]);
  const model = await ask(cloud, `${MODEL}:countTokens`, { ...post({}), ...init });
  assertEquals([model.status, model.json.error.status], [401, "UNAUTHENTICATED"]);
});

const user = (...parts: object[]) => ({ contents: [{ role: "user", parts }] });

test("wants a role of each content, and a model where it is", async (cloud) => {
  const path = `${MODEL}:countTokens`;
  const counted = await ask(cloud, path, post(user({ text: "Hello" })));
  assertEquals([counted.status, counted.json.totalTokens], [200, 2]);
  const nobody = await ask(cloud, path, post({ contents: [{ parts: [{ text: "Hello" }] }] }));
  assertEquals([nobody.status, nobody.json.error.status], [400, "INVALID_ARGUMENT"]);
  for (const other of [path.replace("/eu/", "/asia-south1/"), path.replace("3.8", "9")]) {
    const { status, json } = await ask(cloud, other, post(user({ text: "Hello" })));
    assertEquals(status, 404);
    assertStringIncludes(json.error.message, "Publisher Model");
  }
  const project = path.replace("hospital-1", "hospital-2");
  assertEquals((await ask(cloud, project, post(user({ text: "Hello" })))).status, 403);
});

test("reads an object that is there, by a type that it lists", async (cloud) => {
  cloud.leave({ name: "consultations/a", mimeType: "audio/webm" }, new Uint8Array(8000));
  const asked = async (mimeType: string, name = "a") => {
    const fileUri = `gs://hospital-1-recordings/consultations/${name}`;
    const body = user({ fileData: { fileUri, mimeType } });
    return await ask(cloud, `${MODEL}:countTokens`, post(body));
  };
  assert((await asked("audio/webm")).json.totalTokens > 0);
  assertEquals([(await asked("audio/webm", "b")).status, (await asked("audio/aac")).status], [
    404,
    400,
  ]);
});

test("tells what of its traffic an answer was", async (cloud) => {
  cloud.answer = () => ({ said: "hello" });
  const { json } = await ask(cloud, `${MODEL}:generateContent`, post(user({ text: "{}" })));
  assertEquals(json.usageMetadata.trafficType, "ON_DEMAND");
});

/** Begins an upload of so many bytes; gives where they go. */
async function begun(cloud: GoogleCloudStandIn, name: string, size: number) {
  const query = `uploadType=resumable&name=${encodeURIComponent(name)}&ifGenerationMatch=0`;
  const headers = {
    "x-upload-content-type": "audio/webm",
    "x-upload-content-length": String(size),
  };
  const { status, headers: given } = await ask(cloud, `${UPLOAD}?${query}`, {
    method: "POST",
    headers,
  });
  const { pathname, search } = new URL(given.get("location") ?? "http://none.invalid");
  const put = async (range: string, body?: Uint8Array<ArrayBuffer>) => {
    const answer = await fetch(cloud.url + pathname + search, {
      method: "PUT",
      redirect: "manual",
      headers: { "content-range": `bytes ${range}` },
      body,
    });
    const text = await answer.text();
    const persisted = answer.headers.get("range");
    return { status: answer.status, persisted, json: text ? JSON.parse(text) : null };
  };
  return { status, put };
}

const CHUNK = 256 * 1024;

test("takes an object in parts, and says without an address how much there is", async (cloud) => {
  const size = CHUNK + 10;
  const { put } = await begun(cloud, "consultations/a", size);
  const asked = await put(`*/${size}`);
  assertEquals([asked.status, asked.persisted], [308, null]);
  const part = await put(`0-${CHUNK - 1}/${size}`, new Uint8Array(CHUNK));
  assertEquals([part.status, part.persisted], [308, `bytes=0-${CHUNK - 1}`]);
  const last = await put(`${CHUNK}-${size - 1}/${size}`, new Uint8Array(10));
  assertEquals([last.status, last.json.size, last.json.contentType], [
    200,
    String(size),
    "audio/webm",
  ]);
  // Asked again it answers the same.
  assertEquals((await put(`*/${size}`)).json, last.json);
  assertEquals((await begun(cloud, "consultations/a", size)).status, 412);
});

test("refuses parts that don't fit, and sessions that are over or unknown", async (cloud) => {
  const { put } = await begun(cloud, "consultations/a", 100);
  for (const range of ["1-99/100", "0-9/100", "0-99/99", "0-100/100", "99"]) {
    assertEquals([range, (await put(range, new Uint8Array(100))).status], [range, 400]);
  }
  const [token] = cloud.uploads.keys();
  assertEquals(
    (await ask(cloud, `${UPLOAD}?upload_id=${token}`, { method: "DELETE" })).status,
    499,
  );
  assertEquals((await put("*/100")).status, 410);
  const unknown = { method: "PUT", headers: { "content-range": "bytes */1" } };
  assertEquals((await ask(cloud, `${UPLOAD}?upload_id=other`, unknown)).status, 404);
});

test("takes, lists and deletes objects with the rights for that", async (cloud) => {
  const media = `${UPLOAD}?uploadType=media&name=consultations%2Fa`;
  const init = { method: "POST", headers: { "content-type": "text/plain" }, body: "hello" };
  assertEquals((await ask(cloud, media, init)).json.md5Hash, "XUFAKrxLKna5cZ2REBfFkg==");
  const { json } = await ask(cloud, `${OBJECTS}?prefix=consultations%2F`);
  assertEquals(json.items.map(({ name }: { name: string }) => name), ["consultations/a"]);
  assertEquals((await ask(cloud, `${OBJECTS}?prefix=b`)).json.items, undefined);
  const remove = () => ask(cloud, `${OBJECTS}/consultations%2Fa`, { method: "DELETE" });
  cloud.rights.delete("storage.objects.delete");
  const refused = await remove();
  assertEquals(refused.status, 403);
  assertStringIncludes(refused.json.error.message, "storage.objects.delete");
  cloud.rights.add("storage.objects.delete");
  assertEquals([(await remove()).status, (await remove()).status], [204, 404]);
  assertEquals((await ask(cloud, "/storage/v1/b/other/o")).status, 404);
});
