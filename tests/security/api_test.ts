/** The OpenAPI document and its examples, which are what is really answered; and the health route. */
import { assert, assertEquals } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import { makeConsultation } from "../../local/commands/demo/clinic.ts";
import type { Fault } from "../../local/stand_ins/gemini/faults.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { ERRORS } from "../../supabase/functions/generate-summary/core/errors.ts";
import {
  AcceptedAnswer,
  ErrorAnswer,
  HealthAnswer,
  SummaryAnswer,
} from "../../supabase/functions/generate-summary/http/answers.ts";
import { parseBody } from "../../supabase/functions/generate-summary/http/bodies.ts";
import { sample, type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

const NOBODY = "00000000-0000-4000-8000-000000000000";
const endpoint = ({ url }: Stack) => `${url}/functions/v1/generate-summary`;

async function tokenOf({ doctor }: Scene): Promise<string> {
  const { data } = await doctor.auth.getSession();
  return data.session!.access_token;
}

/** Ids by their order, times by one time: what else differs between two runs is a difference. */
function settled(answer: unknown): unknown {
  const ids = new Map<string, string>();
  return JSON.parse(
    JSON.stringify(answer)
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
        const known = ids.get(id) ?? NOBODY.replace(/^0/, String(ids.size + 1));
        ids.set(id, known);
        return known;
      })
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, "2026-11-22T08:00:00$1"),
  );
}

test("the examples of the OpenAPI document are what is answered", async (scene) => {
  const { stack, clinic, doctor, consultation } = scene;
  const { sql } = stack;
  await sql`update public.clinics set auto_summarize = false where id = ${clinic.id}`;
  const token = await tokenOf(scene);
  const seen: Record<string, Record<string, unknown>> = {};
  const ask = async (
    name: string,
    body: unknown,
    { headers = {}, method = "POST" }: { headers?: Record<string, string>; method?: string } = {},
  ) => {
    const answer = await fetch(endpoint(stack), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...headers,
      },
      body: typeof body === "string" || body === undefined ? body : JSON.stringify(body),
    });
    (seen[answer.status] ??= {})[name] = settled(await answer.json());
  };
  const user = { consultation_id: consultation };

  await ask("invalid_json", "{");
  await ask("unauthorized", user, { headers: { authorization: "" } });
  await ask("forbidden", { summary_id: NOBODY });
  await ask("not_found", { consultation_id: NOBODY });
  await ask("method_not_allowed", undefined, { method: "GET" });
  await ask("body_too_large", { consultation_id: "x".repeat(70_000) });
  await ask("unsupported_media_type", "{}", { headers: { "content-type": "text/plain" } });
  await ask("invalid_request", { consultation_id: "1" });
  await ask("url_not_allowed", { primary_audio_url: "https://elsewhere.example/audio.webm" });
  await ask("no_recordings", user);
  stack.services.down.add("auth");
  const hs256 = await stack.services.tokens.toShared(token);
  await ask("auth_unavailable", user, { headers: { authorization: `Bearer ${hs256}` } });
  stack.services.down.delete("auth");

  await scene.upload("consultation.webm");
  await sql`update summaries_private.settings set max_in_flight = 0 where only_row`;
  await ask("accepted", user, { headers: { prefer: "respond-async" } });
  await ask("already_running", { ...user, template_config: { language: "German" } });
  await sql`update summaries_private.settings set max_in_flight = 20 where only_row`;
  await sql`update public.summaries set status = 'cancelled' where status = 'queued'`;
  await ask("completed", { ...user, template_config: { sections: ["prescription"] } });

  await sql`update summaries_private.settings set user_requests_per_hour = 1 where only_row`;
  await ask("rate_limited", user);
  await sql`update summaries_private.settings set user_requests_per_hour = 60 where only_row`;
  const silent = await makeConsultation(doctor, clinic.id);
  const { error } = await doctor.storage.from("consultations").upload(
    `${clinic.id}/${silent}/${crypto.randomUUID()}.webm`,
    new Blob([await Deno.readFile(sample("silence.webm"))], { type: "audio/webm" }),
  );
  assertEquals(error, null);
  await ask("no_clinical_content", { consultation_id: silent });

  const { responses } = (await documentOf(stack)).paths["/generate-summary"].post;
  for (const [status, answers] of Object.entries(seen)) {
    const { examples } = responses[status].content["application/json"];
    const schema = status === "200"
      ? SummaryAnswer
      : status === "202"
      ? AcceptedAnswer
      : ErrorAnswer;
    for (const [name, answer] of Object.entries(answers)) {
      assertEquals(settled(examples[name].value), answer);
      schema.parse(answer);
    }
  }
});

// deno-lint-ignore no-explicit-any -- any JSON
async function documentOf(stack: Stack): Promise<any> {
  return await (await fetch(`${endpoint(stack)}/openapi.json`)).json();
}

test("the document is OpenAPI 3.1, and lists every route, error code and body", async ({ stack }) => {
  const document = await documentOf(stack);
  assertEquals(document.openapi, "3.1.0");
  const { valid, errors } = await new Validator().validate(document);
  assertEquals([valid, errors], [true, undefined]);

  const { post } = document.paths["/generate-summary"];
  for (const [code, { status }] of Object.entries(ERRORS)) {
    const { description, content } = post.responses[status];
    assert(description.includes(`\`${code}\`: `), `${code} is not described under ${status}`);
    assertEquals(content["application/json"].examples[code].value.error.code, code);
  }
  for (
    const { value } of Object.values<{ value: unknown }>(
      post.requestBody.content["application/json"].examples,
    )
  ) {
    parseBody(value);
  }
});

/** Asks an isolate that remembers nothing. */
async function health({ functions, url }: Stack, headers: HeadersInit = {}) {
  await functions.kill("SIGKILL");
  const answer = await fetch(`${url}/functions/v1/generate-summary/health`, { headers });
  return { status: answer.status, body: HealthAnswer.parse(await answer.json()) };
}

test("health: everything answers, and the queue is the service's to know", async ({ stack }) => {
  const { secret, publishable } = stack.keys;
  const { responses } = (await documentOf(stack)).paths["/generate-summary/health"].get;
  const { ok, python } = responses[200].content["application/json"].examples;
  for (const key of ["", publishable]) {
    const { status, body } = await health(stack, key ? { apikey: key } : {});
    assertEquals([status, settled(body)], [200, ok.value]);
  }
  const inItsWords = await fetch(`${endpoint(stack)}/health?words=python`);
  assertEquals([inItsWords.status, settled(await inItsWords.json())], [200, python.value]);
  await stack.cron.runNow("sweep-summaries");
  const { body: { queue } } = await health(stack, { apikey: secret });
  assertEquals([queue!.processing, queue!.oldest_due_seconds], [0, null]);
  assert(queue!.last_sweep_at);
  const refused = await fetch(`${endpoint(stack)}/health`, { headers: { apikey: "sb_secret_x" } });
  assertEquals([refused.status, (await refused.json()).error.code], [401, "unauthorized"]);
});

test("health: the database away is 503, and so is each trouble with the model", async ({ stack }) => {
  const { down } = stack.services;
  down.add("rest");
  const away = await health(stack, { apikey: stack.keys.secret });
  down.delete("rest");
  const { database, gemini_client, queue } = away.body;
  assertEquals([away.status, database, gemini_client, queue], [503, "down", "ok", null]);

  const faults: Fault[] = [
    { on: "model", times: 20, status: 503 },
    { on: "model", times: 20, status: 403 },
    { on: "model", times: 20, status: 404 },
    { on: "model", times: 20, reset: true },
  ];
  for (const fault of faults) {
    stack.gemini!.reset();
    stack.gemini!.fail(fault);
    const { status, body } = await health(stack);
    assertEquals([status, body.status, body.database, body.gemini_client], [
      503,
      "down",
      "ok",
      "down",
    ]);
  }
});

test("health: asked often, the database and the model are asked once a minute", async ({ stack }) => {
  await health(stack);
  stack.gemini!.requests.length = 0;
  for (let asked = 0; asked < 20; asked++) {
    const answer = await fetch(`${endpoint(stack)}/health`);
    assertEquals(answer.status, 200);
    await answer.body?.cancel();
  }
  assertEquals(stack.gemini!.requests, []);
});
