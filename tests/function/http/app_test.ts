/** The HTTP side, called without a server: credentials, bodies, answers, errors, CORS. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Clock } from "../../../supabase/functions/generate-summary/core/clock.ts";
import { createApp } from "../../../supabase/functions/generate-summary/http/app.ts";
import { readConfig } from "../../../supabase/functions/generate-summary/config.ts";
import {
  AppError,
  type ErrorCode,
} from "../../../supabase/functions/generate-summary/core/errors.ts";
import { createQueue } from "../../../supabase/functions/generate-summary/job/queue.ts";
import { createLog } from "../../../supabase/functions/generate-summary/core/log.ts";

const CLINIC = "0c000000-0000-4000-8000-000000000001";
const CONSULTATION = "0c000000-0000-4000-8000-000000000002";
const SUMMARY = "0c000000-0000-4000-8000-000000000003";
const USER = "0c000000-0000-4000-8000-000000000004";
const URL_ = "http://project.test";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const jwk = { ...await exportJWK(publicKey), kid: "test", alg: "ES256", use: "sig" };
const config = readConfig((name) =>
  ({
    SUPABASE_URL: URL_,
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_one","automations":"sb_secret_two"}',
    SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_one"}',
    SUPABASE_JWKS: JSON.stringify({ keys: [jwk] }),
    FRONTEND_URL: "https://clinic.example, https://staff.example/",
    GEMINI_API_KEY: "key",
  })[name]
);

function token(claims: Record<string, unknown> = {}, expires = "1h"): Promise<string> {
  return new SignJWT({ sub: USER, role: "authenticated", ...claims })
    .setProtectedHeader({ alg: "ES256", kid: "test" }).setExpirationTime(expires).sign(privateKey);
}

const COMPLETED = {
  id: SUMMARY,
  consultation_id: CONSULTATION,
  status: "completed",
  summary: "## Symptoms",
  sections: [],
  model: "gemini-3.8-flash",
  completed_at: "2026-11-22T08:00:00+00:00",
  error_code: null,
  error_message: null,
  summary_recordings: [
    { outcome: "used", code: null, message: null, recordings: { kind: "audio", object_path: "a" } },
    {
      outcome: "failed",
      code: "file_type",
      message: "Not audio.",
      recordings: { kind: "audio", object_path: "b" },
    },
  ],
};

interface Given {
  requested?: object;
  /** What PostgREST answers, by table. */
  rows?: Record<string, unknown[]>;
}

const clock: Clock = { now: Date.now, sleep: () => Promise.resolve(), timer: () => () => {} };

/** The app over a queue and a Data API that answer what is given; what it did is recorded. */
function open({ requested, rows = { summaries: [COMPLETED] } }: Given = {}) {
  const taken: string[] = [];
  const asked: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const job = { summary_id: SUMMARY, clinic_id: CLINIC, consultation_id: CONSULTATION };
  const claimed = { outcome: "claimed", job: { ...job, attempt: 1, max_attempts: 5 } } as const;
  const fetch = (input: RequestInfo | URL) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    return Promise.resolve(Response.json(rows[path.split("/").at(-1)!] ?? []));
  };
  const supabase = createClient(URL_, "sb_secret_one", {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch },
  });
  const app = createApp({
    config,
    supabase,
    asUser: () => supabase,
    queue: createQueue({
      rpc(_name, args) {
        asked.push({ ...args });
        const data = requested ?? claimed;
        return { abortSignal: () => Promise.resolve({ data, error: null, status: 200 }) };
      },
    }, clock),
    worker: {
      start: () => Promise.resolve(),
      take: (id) => {
        taken.push(id);
        return Promise.resolve();
      },
      releaseAll: () => Promise.resolve(),
    },
    health: () => {
      throw new AppError("internal");
    },
    clock,
    log: createLog((line) => lines.push(line)),
    deadline: Date.now() + 100_000,
    keepAlive: () => {},
  });
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const answer = await app.request("/generate-summary", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const asUser = async (body: unknown, headers: Record<string, string> = {}) =>
    await post(body, { authorization: `Bearer ${await token()}`, ...headers });
  const asService = (body: unknown) => post(body, { apikey: "sb_secret_two" });
  return { app, post, asUser, asService, taken, asked, lines };
}

function assertRefused(
  answer: { status: number; body: { error: Record<string, unknown> } },
  code: ErrorCode,
): void {
  assertEquals(answer.body.error.code as string, code);
  assertEquals(answer.status, new AppError(code).status);
  assert(String(answer.body.error.message).endsWith("."), "the message is no sentence");
  assert(answer.body.error.request_id);
}

Deno.test("a user gets the summary, with what became of each file", async () => {
  const { asUser, asked } = open();
  const { status, body } = await asUser({ consultation_id: CONSULTATION, submitted_by: "nurse" });
  assertEquals(status, 200);
  const [{ p_token, ...rest }] = asked;
  assert(p_token);
  assertEquals(rest, {
    p_consultation: CONSULTATION,
    p_user: USER,
    p_template: undefined,
    p_submitted_by: "nurse",
  });
  assertEquals(asked.length, 1);
  assertEquals(body.files_processed, {
    audio: 1,
    images: 0,
    errors: [{ path: "b", code: "file_type", message: "Not audio." }],
  });
  assertEquals([body.summary_id, body.status, body.model], [
    SUMMARY,
    "completed",
    "gemini-3.8-flash",
  ]);
});

Deno.test("a user who prefers not to wait gets 202 and the id", async () => {
  const queued = { ...COMPLETED, status: "queued" };
  const { asUser } = open({
    requested: { outcome: "queued", summary_id: SUMMARY, status: "queued" },
    rows: { summaries: [queued] },
  });
  const answer = await asUser({ consultation_id: CONSULTATION }, { prefer: "respond-async" });
  assertEquals([answer.status, answer.body], [202, { summary_id: SUMMARY, status: "queued" }]);
});

Deno.test("a summary under way that asks for something else is named", async () => {
  const active = { outcome: "active", summary_id: SUMMARY, status: "processing" } as const;
  const { asUser, taken } = open({ requested: { ...active, same: false } });
  const answer = await asUser({ consultation_id: CONSULTATION });
  assertRefused(answer, "already_running");
  assertEquals(answer.body.error.summary_id, SUMMARY);
  assertEquals(taken, []);

  const same = open({ requested: { ...active, same: true } });
  assertEquals((await same.asUser({ consultation_id: CONSULTATION })).status, 200);
  assertEquals(same.taken, [SUMMARY]);
});

Deno.test("what the database refuses is told, with the time to wait", async () => {
  const { asUser } = open({
    requested: { outcome: "refused", code: "rate_limited", retry_after: 600 },
  });
  const answer = await asUser({ consultation_id: CONSULTATION });
  assertRefused(answer, "rate_limited");
  assertEquals(answer.headers.get("retry-after"), "600");
});

Deno.test("a failed summary is its error to the user who waits", async () => {
  const failed = { ...COMPLETED, status: "failed", error_code: "no_clinical_content" };
  const { asUser } = open({ rows: { summaries: [failed] } });
  assertRefused(await asUser({ consultation_id: CONSULTATION }), "no_clinical_content");
});

Deno.test("the service starts a summary and is answered at once", async () => {
  const { asService, taken } = open();
  assertEquals((await asService({ summary_id: SUMMARY })).status, 202);
  const webhook = { type: "INSERT", schema: "public", old_record: null };
  await asService({ ...webhook, table: "summaries", record: { id: SUMMARY } });
  const path = `${CLINIC}/${CONSULTATION}/a.webm`;
  const object = { ...webhook, schema: "storage", table: "objects", record: { name: path } };
  assertEquals((await asService(object)).body.summary_id, SUMMARY);
  assertEquals(taken, [SUMMARY, SUMMARY, SUMMARY]);
  assertRefused(
    await asService({ ...webhook, table: "invoices", record: {} }),
    "invalid_request",
  );
});

Deno.test("credentials: only a project's secret key or a user's token passes", async () => {
  const { post, taken } = open();
  const user = { consultation_id: CONSULTATION };
  const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
  const refused: Record<string, Record<string, string>> = {
    "nothing": {},
    "publishable key alone": { apikey: "sb_publishable_one" },
    "publishable key as token": { apikey: "sb_publishable_one", ...bearer("sb_publishable_one") },
    "wrong key": { apikey: "sb_secret_three" },
    "wrong key beside a good token": { apikey: "sb_secret_three", ...bearer(await token()) },
    "secret key as token alone": bearer("sb_secret_one"),
    "two keys": { apikey: "sb_secret_one, sb_secret_two" },
    "expired": bearer(await token({}, "-1h")),
    "without sub": bearer(await token({ sub: undefined })),
    "anonymous": bearer(await token({ is_anonymous: true })),
    "role anon": bearer(await token({ role: "anon" })),
    "role service_role": bearer(await token({ role: "service_role" })),
    "no scheme": { authorization: await token() },
    "a wrong token beside the secret key": { apikey: "sb_secret_one", ...bearer("nonsense") },
  };
  for (const [name, headers] of Object.entries(refused)) {
    const { status, body } = await post(user, headers);
    assertEquals([name, status, body.error.code], [name, 401, "unauthorized"]);
  }
  assertRefused(await post({ summary_id: SUMMARY }, bearer(await token())), "forbidden");
  assertRefused(await post(user, { apikey: "sb_secret_one" }), "forbidden");
  assertEquals(taken, []);
});

Deno.test("the earlier body's URLs are paths in the bucket, or they are refused", async () => {
  const path = `${CLINIC}/${CONSULTATION}/a.webm`;
  const { asUser, asked } = open({
    rows: { recordings: [{ object_path: path }], summaries: [COMPLETED] },
  });
  const storage = `${URL_}/storage/v1/object`;
  for (
    const good of [
      path,
      `${storage}/public/consultations/${path}`,
      `${storage}/authenticated/consultations/${path}`,
      `${storage}/sign/consultations/${path}?token=abc.def-g_h`,
    ]
  ) {
    assertEquals([good, (await asUser({ primary_audio_url: good })).status], [good, 200]);
  }
  asked.length = 0;
  for (
    const bad of [
      `http://elsewhere.test/storage/v1/object/public/consultations/${path}`,
      `http://project.test@elsewhere.test/storage/v1/object/public/consultations/${path}`,
      `http://project.test.elsewhere.test/${path}`,
      `http://project.test:81/storage/v1/object/public/consultations/${path}`,
      `${storage}/public/other/${path}`,
      `${storage}/public/consultations/../consultations/${path}`,
      `${storage}/public/consultations/${path}?token=a&x=/../b`,
      `${CLINIC}/${CONSULTATION}/..`,
      `${CLINIC}/${CONSULTATION}/a%252fb.webm`,
      `${CLINIC}\\${CONSULTATION}\\a.webm`,
      "javascript:alert(1)",
      "file:///etc/passwd",
    ]
  ) {
    assertEquals(
      [bad, (await asUser({ primary_audio_url: bad })).body.error?.code],
      [bad, "url_not_allowed"],
    );
  }
  assertEquals(asked, []);
});

Deno.test("URLs that name no recording of the caller, or two consultations, are refused", async () => {
  const path = `${CLINIC}/${CONSULTATION}/a.webm`;
  const unknown = open({ rows: { recordings: [] } });
  assertRefused(await unknown.asUser({ primary_audio_url: path }), "url_not_allowed");
  const other = path.replace(CONSULTATION, SUMMARY);
  const two = open({ rows: { recordings: [{ object_path: path }, { object_path: other }] } });
  const answer = await two.asUser({ primary_audio_url: path, image_urls: [other] });
  assertRefused(answer, "url_not_allowed");
  assertStringIncludes(answer.body.error.message, "one consultation");
});

Deno.test("a wrong body is refused with the field's name, and nothing happens", async () => {
  const { asUser, post, asked } = open();
  const wrong: [unknown, ErrorCode, string][] = [
    ["{", "invalid_json", ""],
    ["", "invalid_json", ""],
    [[], "invalid_request", ""],
    [null, "invalid_request", ""],
    [{}, "invalid_request", "consultation_id"],
    [{ consultation_id: "x" }, "invalid_request", "consultation_id"],
    [{ consultation_id: CONSULTATION, submitted_by: "cat" }, "invalid_request", "submitted_by"],
    [{ consultation_id: CONSULTATION, more: 1 }, "invalid_request", "more"],
    [
      { consultation_id: CONSULTATION, template_config: { sections: [] } },
      "invalid_request",
      "template_config.sections",
    ],
    [{ consultation_id: CONSULTATION, x: "x".repeat(70_000) }, "body_too_large", ""],
  ];
  for (const [body, code, field] of wrong) {
    const answer = await asUser(body);
    assertRefused(answer, code);
    assertStringIncludes(answer.body.error.message, field);
  }
  const plain = { authorization: `Bearer ${await token()}`, "content-type": "text/plain" };
  assertRefused(await post({ consultation_id: CONSULTATION }, plain), "unsupported_media_type");
  assertEquals(asked, []);
});

Deno.test("wrong methods and addresses have the same shape of error", async () => {
  const { app } = open();
  const get = await app.request("/generate-summary");
  assertRefused({ status: get.status, body: await get.json() }, "method_not_allowed");
  const lost = await app.request("/generate-summary/elsewhere", { method: "POST" });
  assertRefused({ status: lost.status, body: await lost.json() }, "not_found");
});

Deno.test("browsers may call from the frontends' origins alone", async () => {
  const { app } = open();
  const preflight = async (origin: string) =>
    (await app.request("/generate-summary", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,apikey,prefer,x-client-info",
      },
    })).headers;
  const allowed = await preflight("https://staff.example");
  assertEquals(allowed.get("access-control-allow-origin"), "https://staff.example");
  assertEquals(allowed.get("access-control-allow-credentials"), "true");
  assertStringIncludes(allowed.get("access-control-allow-headers")!, "prefer");
  assertStringIncludes(allowed.get("vary")!, "Origin");
  for (const origin of ["https://elsewhere.example", "null", "https://staff.example.evil.test"]) {
    assertEquals((await preflight(origin)).get("access-control-allow-origin"), null);
  }
  const elsewhere = await app.request("/generate-summary/openapi.json");
  assertEquals([elsewhere.status, elsewhere.headers.get("access-control-allow-origin")], [
    200,
    null,
  ]);
  const refused = await app.request("/generate-summary", {
    method: "POST",
    headers: { origin: "https://clinic.example" },
  });
  assertEquals(refused.status, 401);
  assertEquals(refused.headers.get("access-control-allow-origin"), "https://clinic.example");
});

Deno.test("every answer and log line carries the request's id, nothing unexpected gets out", async () => {
  const { app, lines } = open();
  const answer = await app.request("/generate-summary/health", {
    headers: { "x-request-id": "from-the-frontend" },
  });
  assertEquals(answer.headers.get("x-request-id"), "from-the-frontend");
  const { error } = await answer.json();
  assertEquals([error.code, error.request_id], ["internal", "from-the-frontend"]);
  assert(lines.every((line) => JSON.parse(line).request_id === "from-the-frontend"));
  const made = await app.request("/generate-summary/health", {
    headers: { "x-request-id": "not an id\t!" },
  });
  assert(/^[0-9a-f-]{36}$/.test(made.headers.get("x-request-id")!));
});
