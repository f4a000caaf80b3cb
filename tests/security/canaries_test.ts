/** Words that only the record may hold, looked for everywhere else; and what the logs do hold. */
import { assert, assertArrayIncludes, assertEquals, assertStringIncludes } from "@std/assert";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { makeConsultation } from "../../local/commands/demo/clinic.ts";
import type { Fault } from "../../local/stand_ins/gemini/faults.ts";
import type { RecordedRequest } from "../../local/stand_ins/gemini/routes.ts";
import { onCloud, type Stack } from "../../local/stack/stack.ts";
import { createUser } from "../../local/stand_ins/auth/users.ts";
import { AppError, type ErrorCode } from "../../supabase/functions/generate-summary/core/errors.ts";
import { EVENTS } from "../../supabase/functions/generate-summary/core/log.ts";
import { until } from "../database/platform.ts";
import { emptyQueue, sample, type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

const word = (where: string) => `canary${where}${crypto.randomUUID().replaceAll("-", "")}`;
const CANARIES = {
  transcript: word("transcript"),
  drug: word("drug"),
  file: word("file"),
  answer: word("answer"),
  template: word("template"),
  tone: word("tone"),
  email: word("email"),
  quoted: word("quoted"),
};

/** What Gemini says when it quotes the prompt in an error. */
const refusal = (status: string, details: object[] = []) =>
  JSON.stringify({
    error: { code: 400, status, message: `Bad request: ${CANARIES.quoted}`, details },
  });
/** When the transcript is in the prompt. */
const composing = {
  on: "generate" as const,
  times: 20,
  when: ({ body }: RecordedRequest) => !JSON.stringify(body).includes("fileData"),
};

/** Ten ways to fail, each after or while something clinical was in the worker's hands. */
const FAILURES: Record<
  string,
  { code: ErrorCode; fault?: Fault; mute?: boolean; status?: number }
> = {
  "Gemini quotes the prompt in a 400": {
    code: "model_rejected",
    fault: { ...composing, status: 400, body: refusal("INVALID_ARGUMENT") },
  },
  "the key is refused": {
    code: "model_key",
    fault: { ...composing, status: 403, body: refusal("PERMISSION_DENIED") },
  },
  "the day's quota is used up": {
    code: "model_quota",
    fault: {
      ...composing,
      status: 429,
      body: refusal("RESOURCE_EXHAUSTED", [{
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel" }],
      }]),
    },
  },
  "the model is gone": {
    code: "model_not_found",
    fault: { ...composing, status: 404, body: refusal("NOT_FOUND") },
  },
  "the prompt is blocked": {
    code: "model_refused",
    fault: { ...composing, answer: { blockReason: "SAFETY" } },
  },
  "the answer is refused": {
    code: "model_refused",
    fault: { ...composing, answer: { finishReason: "SAFETY" } },
  },
  "the answer is no JSON": {
    code: "model_answer",
    fault: { ...composing, answer: { text: `Sure! ${CANARIES.answer}` } },
  },
  "the answer is cut off": {
    code: "model_answer",
    fault: { ...composing, answer: { truncateAt: 0.5 } },
  },
  // Objects in a bucket are not processed.
  ...!onCloud && {
    "the upload comes to nothing": {
      code: "file_rejected" as const,
      fault: { on: "file" as const, failed: true as const, times: 20 },
    },
  },
  "the upload is refused": {
    code: "file_rejected",
    fault: { on: "start", status: 400, times: 20, body: refusal("INVALID_ARGUMENT") },
  },
  "Storage does not give the file out": { code: "file_forbidden", status: 403 },
  "nothing is said": { code: "no_clinical_content", mute: true },
};

/** A doctor whose address is a canary; she asks for summaries, and reads the answers. */
async function makeDoctor({ stack, clinic }: Scene): Promise<SupabaseClient> {
  const { sql, url, keys } = stack;
  const account = { email: `${CANARIES.email}@example.com`, password: crypto.randomUUID() };
  const user_id = await createUser(sql, account);
  await sql`insert into public.clinic_members ${
    sql({ clinic_id: clinic.id, user_id, role: "doctor" })
  }`;
  const client = createClient(url, keys.publishable, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { error } = await client.auth.signInWithPassword(account);
  if (error) throw error;
  return client;
}

/** Says canaries, whatever it is asked. */
function speak({ gemini }: Stack, mute = false): void {
  gemini!.answer = ({ body }) => {
    if (JSON.stringify(body).includes("fileData")) {
      const segment = {
        speaker: "patient",
        start: 1,
        text: `${CANARIES.transcript} and fever for 3 days`,
        mentions: { drugs: [CANARIES.drug], quantities: ["3 days"] },
      };
      return { speech_found: !mute, language: "en", segments: mute ? [] : [segment] };
    }
    if (JSON.stringify(body).includes('\\"uncited\\":')) {
      const [words, turns] = [[CANARIES.answer], ["s1"]];
      return {
        verdicts: [{ n: 1, words, aspect: "finding", verdict: "not_said" }],
        left_out: [{ turns, text: `${CANARIES.answer}, and more` }],
      };
    }
    const text = `${CANARIES.answer}: fever for 3 days, ${CANARIES.drug}`;
    const statement = { text, evidence: ["s1"], medication: null };
    const statements = { section: "symptoms", heading: CANARIES.answer, statements: [statement] };
    return { clinical_content: true, sections: [statements] };
  };
}

const template_config = {
  sections: ["symptoms"],
  tone: CANARIES.tone.slice(0, 40),
  instructions: { symptoms: `Mention ${CANARIES.template}.` },
};

/** Uploads as the service, which alone chooses a file's name. */
async function uploadNamed({ stack, clinic }: Scene, consultation: string): Promise<void> {
  const service = createClient(stack.url, stack.keys.secret, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const bytes = await Deno.readFile(sample("consultation.webm"));
  const { error } = await service.storage.from("consultations").upload(
    `${clinic.id}/${consultation}/${CANARIES.file}.webm`,
    new Blob([bytes], { type: "audio/webm" }),
    { contentType: "audio/webm" },
  );
  if (error) throw error;
}

test("nothing clinical is anywhere but in the record, after runs that succeed and that fail", async (scene) => {
  const { stack, clinic } = scene;
  const { sql } = stack;
  const doctor = await makeDoctor(scene);
  const others: string[] = [];
  const asked: RecordedRequest[] = [];
  const service = async (body: unknown) => {
    const answer = await fetch(`${stack.url}/functions/v1/generate-summary`, {
      method: "POST",
      headers: { apikey: stack.keys.secret, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    others.push(await answer.text(), JSON.stringify([...answer.headers]));
  };

  speak(stack);
  const first = await makeConsultation(doctor, clinic.id);
  await doctor.from("consultations").update({ template_config }).eq("id", first).throwOnError();
  await uploadNamed(scene, first);
  const { id } = await scene.event({ consultation_id: first, status: "completed" });
  await service({ summary_id: id });
  const { data } = await doctor.from("summaries").select("summary, extractions:sections")
    .eq("id", id).single().throwOnError();
  assertStringIncludes(JSON.stringify(data), CANARIES.answer);
  assertStringIncludes(JSON.stringify(data), CANARIES.transcript);

  let byUser = false;
  for (const [name, { code, fault, mute, status }] of Object.entries(FAILURES)) {
    // Whoever asks for one that goes back into the queue waits for it.
    const passing = new AppError(code).retry;
    byUser = !byUser && !passing;
    await sql`update public.clinics set auto_summarize = ${!byUser} where id = ${clinic.id}`;
    asked.push(...stack.gemini!.requests);
    stack.gemini!.reset();
    speak(stack, mute);
    if (fault) stack.gemini!.fail(fault);
    if (status) stack.services.storage.faults.push({ status, times: 20 });
    const consultation = await makeConsultation(doctor, clinic.id);
    await doctor.from("consultations").update({ template_config }).eq("id", consultation)
      .throwOnError();
    await uploadNamed(scene, consultation);
    if (byUser) {
      const { response } = await doctor.functions.invoke("generate-summary", {
        body: { consultation_id: consultation, template_config },
      });
      const text = await response!.text();
      assertEquals([name, JSON.parse(text).error?.code], [name, code]);
      others.push(text);
    } else {
      await scene.event({ consultation_id: consultation, status: "processing" });
      const ended = await until(async () => {
        const [row] = await sql`
          select status, error_code from public.summaries where consultation_id = ${consultation}`;
        return row.status !== "processing" && row;
      });
      assertEquals([name, ended.status, ended.error_code], [
        name,
        passing ? "queued" : "failed",
        code,
      ]);
    }
    await emptyQueue(stack);
    stack.services.storage.faults.length = 0;
  }
  asked.push(...stack.gemini!.requests);

  // Answers to those it isn't meant for.
  for (const path of ["/health", "/openapi.json"]) {
    others.push(await (await fetch(`${stack.url}/functions/v1/generate-summary${path}`)).text());
  }
  const places: Record<string, unknown> = {
    "answers meant for others": others,
    "logs": stack.lines,
    "net": [
      await sql`select * from net.http_request_queue`,
      await sql`select * from net._http_response`,
    ],
    "realtime.messages": await sql`select * from realtime.messages`,
    "what realtime told": scene.events,
    "addresses and names at Gemini": asked.map(({ kind, path, body }) =>
      kind === "generate" ? path : [path, body]
    ),
    "summary_events": await sql`select * from public.summary_events`,
    "errors of summaries": await sql`select error_code, error_message from public.summaries`,
    "errors of files": await sql`select code, message from public.summary_recordings`,
    "the worker's and operator's tables": [
      await sql`select * from summaries_private.summary_jobs`,
      await sql`select * from summaries_private.queue`,
      await sql`select * from summaries_private.missed_uploads`,
      await sql`select * from cron.job_run_details`,
    ],
  };
  for (const [place, content] of Object.entries(places)) {
    const text = JSON.stringify(content);
    for (const [name, canary] of Object.entries(CANARIES)) {
      assert(!text.includes(canary.slice(0, 40)), `the ${name}'s canary is in ${place}`);
    }
  }
  // They were looked for where something was.
  for (const canary of [CANARIES.template, CANARIES.transcript]) {
    assertStringIncludes(JSON.stringify(asked), canary);
  }
  assert(stack.lines.length > 50);
  assert((await sql`select from net._http_response`).count > 0);
  assert((await sql`select from public.summary_events`).count > 30);
});

const FIELDS = [
  ...["time", "level", "event", "request_id", "summary_id", "recording_id", "user_id", "ms"],
  ...["bytes", "tokens", "code", "attempt", "part", "count", "model"],
];

test("one request is followed by its request_id to its summary, whose id is in all lines of the work", async (scene) => {
  const { stack, doctor, consultation } = scene;
  await stack.sql`
    update public.clinics set auto_summarize = false where id = ${scene.clinic.id}`;
  await scene.upload("consultation.webm");
  const before = stack.lines.length;
  const { data, response } = await doctor.functions.invoke("generate-summary", {
    body: { consultation_id: consultation },
    headers: { "x-request-id": "follow-me" },
  });
  assertEquals(response?.headers.get("x-request-id"), "follow-me");
  const lines = stack.lines.slice(before).map((line) => JSON.parse(line));
  const asked = lines.filter(({ request_id }) => request_id === "follow-me");
  assertEquals(asked.map(({ event, summary_id, user_id }) => [event, summary_id, user_id]), [
    ["request", data.summary_id, scene.clinic.doctor.id],
    ["answer", undefined, scene.clinic.doctor.id],
  ]);
  const mine = lines.filter(({ summary_id }) => summary_id === data.summary_id);
  assertEquals(mine.map(({ event }) => event), [
    "request",
    "claim",
    "file_uploaded",
    "extracted",
    "file_deleted",
    "composed",
    "verified",
    "completed",
  ]);
  const recordings = await stack.sql`
    select id from public.recordings where consultation_id = ${consultation}`;
  for (const { event, recording_id } of mine) {
    const ofFile = event.startsWith("file") || event === "extracted";
    assertEquals([event, recording_id], [event, ofFile ? recordings[0].id : undefined]);
  }
});

test("work that the database started is followed by the summary's id", async (scene) => {
  await scene.upload("consultation.webm");
  const { id } = await scene.event({ status: "completed" });
  const lines = scene.stack.lines.map((line) => JSON.parse(line));
  const events = lines.filter(({ summary_id }) => summary_id === id).map(({ event }) => event);
  // Realtime may be faster than the last line.
  assertEquals(events.filter((event) => event !== "completed"), [
    "claim",
    "file_uploaded",
    "extracted",
    "file_deleted",
    "composed",
    "verified",
  ]);
});

test("a line is one JSON object of documented events and fields", ({ stack }) => {
  assert(stack.lines.length > 50);
  for (const text of stack.lines) {
    const line = JSON.parse(text);
    assertArrayIncludes(Object.keys(EVENTS), [line.event]);
    assertArrayIncludes(FIELDS, Object.keys(line));
    assertArrayIncludes(["info", "warn", "error"], [line.level]);
    assertEquals(new Date(line.time).toISOString(), line.time);
    assert(text.length < 1000);
  }
  return Promise.resolve();
});
