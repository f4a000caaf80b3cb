/** Requests that nobody should send: foreign addresses, whatever can be generated, and too many. */
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { type Member, signIn } from "../../local/commands/demo/clinic.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { type ErrorCode, ERRORS } from "../../supabase/functions/generate-summary/core/errors.ts";
import { type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

const NOBODY = "00000000-0000-4000-8000-000000000000";
const endpoint = ({ url }: Stack) => `${url}/functions/v1/generate-summary`;

async function headersOf({ stack, doctor }: Scene): Promise<Record<string, string>> {
  const { data } = await doctor.auth.getSession();
  return {
    apikey: stack.keys.publishable,
    authorization: `Bearer ${data.session!.access_token}`,
    "content-type": "application/json",
  };
}

async function quietly({ stack, clinic }: Scene): Promise<void> {
  await stack.sql`update public.clinics set auto_summarize = false where id = ${clinic.id}`;
}

test("an address that isn't plainly a recording of the clinic is refused, and nothing is fetched", async (scene) => {
  const { stack, clinic, consultation } = scene;
  await quietly(scene);
  const path = await scene.upload("consultation.webm");
  const name = path.split("/").at(-1)!;
  let connections = 0;
  const elsewhere = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    connections++;
    return new Response("bytes");
  });
  const host = `127.0.0.1:${elsewhere.addr.port}`;
  const own = `${stack.url}/storage/v1/object`;
  const refused = [
    `http://${host}/storage/v1/object/public/consultations/${path}`,
    `http://${host}/${path}`,
    `//${host}/${path}`,
    `${stack.url}@${host}/storage/v1/object/public/consultations/${path}`,
    `http://user@${host}/storage/v1/object/public/consultations/${path}`,
    `${stack.url}.${host}/storage/v1/object/public/consultations/${path}`,
    `${
      stack.url.replace(/:\d+$/, `:${elsewhere.addr.port}`)
    }/storage/v1/object/public/consultations/${path}`,
    `${stack.url}0/storage/v1/object/public/consultations/${path}`,
    `${stack.url}#@${host}/storage/v1/object/public/consultations/${path}`,
    `${stack.url}\\@${host}/storage/v1/object/public/consultations/${path}`,
    `${own}/public/others/${path}`,
    `${own}/public/consultations/../others/${path}`,
    `${own}/upload/sign/consultations/${path}`,
    `${own}/sign/consultations/${path}?token=a&url=http://${host}`,
    `${own}/public/consultations//${path}`,
    `${own}/public/consultations/${path}#fragment`,
    `${stack.url}/rest/v1/recordings`,
    `${clinic.id}/${consultation}/../${consultation}/${name}`,
    `../consultations/${path}`,
    `/${path}`,
    path.replaceAll("/", "%2F"),
    path.replaceAll("/", "%252F"),
    path.replaceAll("/", "\\"),
    path.replaceAll("/", "\u2044"), // fraction slash
    path.replaceAll("/", "\uff0f"), // full-width solidus
    path.replace(".", "\u3002"), // ideographic full stop
    path.replace(/[a-f]/, (letter) => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0)),
    `${path}\u0000`,
    `${path}\n`,
    ` ${path}`,
    path.toUpperCase(),
    `${clinic.id}/${NOBODY}/${name}`,
    `${NOBODY}/${consultation}/${name}`,
    `${NOBODY}/${NOBODY}/${name}`,
    `javascript:fetch('http://${host}')`,
    "data:audio/webm;base64,AAAA",
    "file:///etc/passwd",
    "gs://bucket/object",
    "",
    "x".repeat(5000),
    `${clinic.id}/${consultation}/${"x".repeat(5000)}`,
  ];
  const headers = await headersOf(scene);
  const send = async (body: unknown) => {
    const answer = await fetch(endpoint(stack), {
      method: "POST",
      headers: { ...headers, prefer: "respond-async" },
      body: JSON.stringify(body),
    });
    const { error, errors } = await answer.json();
    const of = errors?.map(({ path, code }: { path: string; code: string }) => `${code}: ${path}`);
    return `${answer.status} ${error?.code ?? of}`;
  };
  // Nothing is begun: only what is asked for counts.
  await stack.sql`update summaries_private.settings set max_in_flight = 0 where only_row`;
  try {
    for (const url of refused) {
      assertEquals([url, await send({ primary_audio_url: url })], [url, "422 url_not_allowed"]);
      const bodies = [
        { primary_audio_url: path, additional_audio_urls: [url] },
        { primary_audio_url: url, image_urls: [path] },
      ];
      for (const body of bodies) assertEquals(await send(body), `202 url_not_allowed: ${url}`);
    }
    const many = { primary_audio_url: path, image_urls: Array(1000).fill("http://127.0.0.1/") };
    assertEquals(await send(many), "422 url_not_allowed");
  } finally {
    await stack.sql`update public.summaries set status = 'cancelled' where status = 'queued'`;
    await stack.sql`update summaries_private.settings set max_in_flight = 20 where only_row`;
    await elsewhere.shutdown();
  }
  assertEquals(connections, 0);
  assertEquals(stack.gemini!.requests.length, 0);
  // One, of the addresses beside the refused.
  assertEquals((await scene.summaries()).map(({ status }) => status), ["cancelled"]);
});

test("2,000 generated requests get documented answers, and change nothing", async (scene) => {
  const { stack } = scene;
  await scene.upload("consultation.webm");
  await scene.event({ status: "completed" });
  const [{ id }] = await scene.summaries();
  const { authorization } = await headersOf(scene);
  const before = await everyRow(stack);
  const seed = Date.now() % 2 ** 31;
  const requests = fc.sample(generated(stack, authorization, id), { numRuns: 2000, seed });
  const statuses = new Set<number>();
  const queue = requests.entries();
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (const [n, { path, ...request }] of queue) {
      const answer = await fetch(`${endpoint(stack)}${path}`, request);
      assertDocumented(`seed ${seed}, request ${n}`, request.method, answer, await answer.text());
      statuses.add(answer.status);
    }
  }));
  assertEquals(await everyRow(stack), before);
  // What was generated went everywhere.
  for (const status of [202, 400, 401, 403, 404, 405, 413, 415, 422]) {
    assert(statuses.has(status), `no request was answered with ${status}`);
  }
});

function assertDocumented(which: string, method: string, answer: Response, text: string): void {
  const said = `${which}: ${method} ${answer.status} ${text.slice(0, 300)}`;
  assert(answer.status < 500, said);
  assert(answer.headers.has("x-request-id"), said);
  if (method === "HEAD" || answer.status < 300) return;
  const { error } = JSON.parse(text);
  assertEquals(ERRORS[error.code as ErrorCode]?.status, answer.status, said);
  assertEquals(error.request_id, answer.headers.get("x-request-id"), said);
}

function generated(stack: Stack, authorization: string, summary: string) {
  const { secret, publishable } = stack.keys;
  const record = { id: summary, consultation_id: NOBODY, name: "a/b" };
  const valid = [
    { consultation_id: NOBODY, submitted_by: "nurse", template_config: { sections: ["x"] } },
    { primary_audio_url: `${NOBODY}/${NOBODY}/a.webm`, image_urls: [], submitted_by: "doctor" },
    { summary_id: summary },
    { type: "INSERT", schema: "public", table: "summaries", record, old_record: null },
    { type: "UPDATE", schema: "storage", table: "objects", record, old_record: null },
  ];
  const mutated = fc.tuple(
    fc.constantFrom(...valid),
    fc.constantFrom(...valid.flatMap(Object.keys), "__proto__", "constructor", "toString"),
    fc.oneof(fc.jsonValue(), fc.constantFrom(...valid)),
  ).map(([body, key, value]) =>
    JSON.stringify(body).replace(/}$/, `,${JSON.stringify(key)}:${JSON.stringify(value)}}`)
  );
  const bytes = (text: string) => new TextEncoder().encode(text);
  const body = fc.oneof(
    { arbitrary: fc.constantFrom(...valid).map((body) => bytes(JSON.stringify(body))), weight: 3 },
    { arbitrary: mutated.map(bytes), weight: 4 },
    fc.json().map(bytes),
    fc.integer({ min: 1, max: 32_000 }).map((deep) => bytes("[".repeat(deep) + "]".repeat(deep))),
    fc.integer({ min: 1, max: 10_000 }).map((deep) =>
      bytes(`{"record":${'{"a":'.repeat(deep)}1${"}".repeat(deep)}}`)
    ),
    fc.integer({ min: 60_000, max: 200_000 }).map((size) =>
      bytes(JSON.stringify({ consultation_id: "x".repeat(size) }))
    ),
    fc.tuple(mutated, fc.uint8Array({ minLength: 1, maxLength: 4 })).map(([text, extra]) => {
      const half = text.length >> 1;
      return new Uint8Array([...bytes(text.slice(0, half)), ...extra, ...bytes(text.slice(half))]);
    }),
    fc.uint8Array({ maxLength: 500 }),
    fc.constant(new Uint8Array()),
  );
  const word = fc.stringMatching(/^[!-~]([ -~]{0,60}[!-~])?$/);
  const headers = fc.record({
    apikey: fc.constantFrom(secret, secret, publishable, "sb_secret_x", ""),
    authorization: fc.oneof(fc.constantFrom(authorization, "Bearer x", "Bearer"), word),
    "content-type": fc.oneof(
      {
        arbitrary: fc.constantFrom("application/json", "application/json; charset=utf-8"),
        weight: 4,
      },
      fc.constantFrom("text/plain", "multipart/form-data; boundary=x", "application/json-x", ""),
      word,
    ),
    prefer: fc.constantFrom("respond-async", "wait=1", ""),
    origin: fc.oneof(fc.webUrl(), word),
    "x-request-id": word,
    "access-control-request-method": word,
  }, { requiredKeys: [] });
  const method = fc.oneof(
    { arbitrary: fc.constant("POST"), weight: 10 },
    fc.constantFrom("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"),
  );
  const path = fc.oneof(
    { arbitrary: fc.constant(""), weight: 10 },
    fc.constantFrom("/", "/health", "/openapi.json", "/x", "//", "/%00", "/..%2f", "?x=1"),
  );
  return fc.record({ method, path, headers, body }).map(({ body, ...request }) => {
    const bodiless = request.method === "GET" || request.method === "HEAD";
    return bodiless ? request : { ...request, body: body as Uint8Array<ArrayBuffer> };
  });
}

/** A hash of each table's rows, but of the two that each sweep writes its time into. */
async function everyRow({ sql }: Stack): Promise<Record<string, string>> {
  const tables = await sql`
    select schemaname || '.' || tablename as name from pg_tables
    where schemaname in ('public', 'summaries_private', 'storage') and tablename not in ('sweeps', 'turns_floor')
    order by 1`;
  const hashes: Record<string, string> = {};
  for (const { name } of tables) {
    const [{ hash }] = await sql`
      select count(*) || ' ' || md5(coalesce(string_agg(t::text, '' order by t::text), '')) as hash
      from ${sql(name)} t`;
    hashes[name] = hash;
  }
  return hashes;
}

test("who asks without end is told when to come back, by the function and by inserting rows", async (scene) => {
  const { stack, clinic, doctor, consultation } = scene;
  const { sql } = stack;
  await quietly(scene);
  await scene.upload("prescription.jpg");
  const asking = async (member: Member) => {
    const client = await signIn(stack, member);
    const headers = await headersOf({ ...scene, doctor: client });
    return {
      invoke: () =>
        fetch(endpoint(stack), {
          method: "POST",
          headers,
          body: JSON.stringify({ consultation_id: consultation }),
        }),
      insert: () =>
        fetch(`${stack.url}/rest/v1/summaries`, {
          method: "POST",
          headers,
          body: JSON.stringify({ consultation_id: consultation }),
        }),
    };
  };
  const limited = async (answer: Response, code: string) => {
    const body = await answer.json();
    assertEquals([answer.status, body.error?.code ?? body.code], [429, code]);
    const wait = Number(answer.headers.get("retry-after"));
    assert(wait > 3000 && wait <= 3600, `Retry-After: ${wait}`);
  };
  const [{ user_requests_per_hour, clinic_requests_per_hour }] = await sql`
    select * from summaries_private.settings`;
  try {
    await sql`update summaries_private.settings set user_requests_per_hour = 2 where only_row`;
    const asDoctor = await asking(clinic.doctor);
    for (let asked = 0; asked < 2; asked++) {
      const answer = await asDoctor.invoke();
      assertEquals([answer.status, (await answer.json()).status], [200, "completed"]);
    }
    await limited(await asDoctor.invoke(), "rate_limited");
    await limited(await asDoctor.insert(), "PT429");
    assertEquals((await scene.summaries()).length, 2);

    // The limit is the user's: the nurse has one of her own, until the clinic's is used up.
    const asNurse = await asking(clinic.nurse);
    const inserted = await asNurse.insert();
    assertEquals(inserted.status, 201);
    await inserted.body?.cancel();
    await sql`update public.summaries set status = 'cancelled'
      where consultation_id = ${consultation} and status in ('queued', 'processing')`;
    await sql`update summaries_private.settings set clinic_requests_per_hour = 3 where only_row`;
    await limited(await asNurse.invoke(), "rate_limited");
    await limited(await asNurse.insert(), "PT429");

    // An hour later.
    await sql`alter table public.summaries disable trigger guard_summary`;
    await sql`update public.summaries set created_at = created_at - interval '1 hour'
      where clinic_id = ${clinic.id}`;
    await sql`alter table public.summaries enable trigger guard_summary`;
    const later = await asDoctor.invoke();
    assertEquals(later.status, 200);
    await later.body?.cancel();
  } finally {
    await sql`update summaries_private.settings set ${
      sql({ user_requests_per_hour, clinic_requests_per_hour })
    } where only_row`;
    await doctor.auth.stopAutoRefresh();
  }
});
