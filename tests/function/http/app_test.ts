/** The HTTP side as a whole: what is taken at all, errors, CORS, the request's id. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { logAbout } from "../../../supabase/functions/generate-summary/core/log.ts";
import type { ErrorCode } from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  assertRefused,
  CLINIC,
  COMPLETED,
  CONSULTATION,
  openApp,
  SUMMARY,
  token,
} from "../opened_app.ts";

Deno.test("what is no JSON, or too much of it, is refused before anything happens", async () => {
  const { asUser, post, asked } = openApp();
  const wrong: [unknown, ErrorCode][] = [
    ["{", "invalid_json"],
    ["", "invalid_json"],
    [{ consultation_id: CONSULTATION, x: "x".repeat(70_000) }, "body_too_large"],
  ];
  for (const [body, code] of wrong) assertRefused(await asUser(body), code);
  const plain = { authorization: `Bearer ${await token()}`, "content-type": "text/plain" };
  assertRefused(await post({ consultation_id: CONSULTATION }, plain), "unsupported_media_type");
  assertEquals(asked, []);
});

Deno.test("a body is JSON by its type, whatever parameters follow", async () => {
  const { post } = openApp();
  const authorization = `Bearer ${await token()}`;
  for (
    const parameters of ["", ";charset=utf-8", "; charset=utf-8; charset=utf-8", ";;", ";a=b,c"]
  ) {
    const headers = { authorization, "content-type": `Application/JSON${parameters}` };
    assertRefused(await post({ more: 1 }, headers), "invalid_request");
  }
});

Deno.test("wrong methods and addresses have the same shape of error", async () => {
  const { app } = openApp();
  const get = await app.request("/generate-summary");
  assertRefused({ status: get.status, body: await get.json() }, "method_not_allowed");
  const lost = await app.request("/generate-summary/elsewhere", { method: "POST" });
  assertRefused({ status: lost.status, body: await lost.json() }, "not_found");
});

Deno.test("browsers may call from the frontends' origins alone", async () => {
  const { app } = openApp();
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
  const { app, lines } = openApp();
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

Deno.test("a request's lines carry nothing of another's, in whose context it came in", async () => {
  const { app, lines } = openApp();
  const recording_id = crypto.randomUUID();
  await logAbout({ recording_id }, () => app.request("/generate-summary/openapi.json"));
  assert(lines.length > 0);
  assert(lines.every((line) => !line.includes(recording_id)), lines.join("\n"));
});

const PATH = `${CLINIC}/${CONSULTATION}/a.webm`;
const webhook = (table: string) => (
  { type: "INSERT", schema: "public", table, record: {}, old_record: null }
);
const BODIES = {
  consultation: { consultation_id: CONSULTATION },
  urls: { primary_audio_url: PATH },
  nothing: {},
  summary: { summary_id: SUMMARY },
  webhook: webhook("recordings"),
  refusedWebhook: webhook("summaries"),
};
type Opened = ReturnType<typeof openApp>;
type Answers = { [body in keyof typeof BODIES]: number | ErrorCode };

const SENDERS: [sender: string, send: (opened: Opened) => Opened["asService"], Answers][] = [
  ["a user", ({ asUser }) => (body) => asUser(body), {
    consultation: 200,
    urls: 200,
    nothing: "invalid_request",
    summary: "forbidden",
    webhook: "forbidden",
    refusedWebhook: "forbidden",
  }],
  ["the service", ({ asService }) => asService, {
    consultation: "forbidden",
    urls: "forbidden",
    nothing: 202,
    summary: 202,
    webhook: 202,
    refusedWebhook: "invalid_request",
  }],
  ["the database, by the hint key,", ({ asDatabase }) => asDatabase, {
    consultation: "forbidden",
    urls: "forbidden",
    nothing: 202,
    summary: 202,
    webhook: "forbidden",
    refusedWebhook: "forbidden",
  }],
  ["nobody", ({ post }) => (body) => post(body, { apikey: "sb_publishable_one" }), {
    consultation: "unauthorized",
    urls: "unauthorized",
    nothing: "unauthorized",
    summary: "unauthorized",
    webhook: "unauthorized",
    refusedWebhook: "unauthorized",
  }],
];

for (const [sender, send, answers] of SENDERS) {
  Deno.test(`${sender} may send certain bodies, and wakes a worker with those alone`, async () => {
    for (const name of Object.keys(BODIES) as (keyof typeof BODIES)[]) {
      const opened = openApp({
        rows: { recordings: [{ object_path: PATH }], summaries: [COMPLETED] },
      });
      const { status, body } = await send(opened)(BODIES[name]);
      await Promise.resolve();
      assertEquals([name, body.error?.code ?? status], [name, answers[name]]);
      assertEquals([name, opened.wakes()], [name, status < 400 ? 1 : 0]);
    }
  });
}

Deno.test("a webhook of summaries is told why it is refused", async () => {
  const answer = await openApp().asService(BODIES.refusedWebhook);
  assertRefused(answer, "invalid_request");
  assertStringIncludes(answer.body.error.message, "what doctors wrote");
});
