import { assertEquals } from "@std/assert";
import type { Fault as Injected, StreamBreak } from "../../../local/stand_ins/gemini/faults.ts";
import { REFUSALS } from "../../../local/stand_ins/gemini/refusals.ts";
import { CLOUD_REFUSALS } from "../../../local/stand_ins/google_cloud/refusals.ts";
import {
  faultInEnd,
  faultOf,
  faultOfError,
} from "../../../supabase/functions/generate-summary/models/faults.ts";
import { error, given, http, reset, says } from "../generating.ts";
import { codeOf, startWorkbench } from "../workbench.ts";

const daily = REFUSALS.daily().body;
const badKey = REFUSALS.keyInvalid().body;

const stream = (broken: StreamBreak) => says({ stream: broken });

/** What goes wrong each time, the code that comes of it, how many requests were made. */
const FAULTS: [string, Injected, string, number][] = [
  ["a reset", reset, "model_unavailable", 4],
  ["500", http(500, error("INTERNAL", "An internal error has occurred.")), "model_unavailable", 3],
  ["503 as HTML", http(503), "model_unavailable", 4],
  ["504", http(504, error("DEADLINE_EXCEEDED", "Deadline")), "model_unavailable", 3],
  ["429", http(429, error("RESOURCE_EXHAUSTED", "Slow down")), "model_rate_limited", 4],
  ["429 for the day", http(429, daily), "model_quota", 1],
  ["a wrong key", http(400, badKey), "model_key", 1],
  ["401", http(401, error("UNAUTHENTICATED", "No")), "model_key", 1],
  ["403", http(403, error("PERMISSION_DENIED", "The API is disabled")), "model_key", 1],
  ["400", http(400, error("INVALID_ARGUMENT", "Unknown name")), "model_rejected", 1],
  ["404", http(404, error("NOT_FOUND", "models/x is not found")), "model_not_found", 1],
  ["200 as HTML", http(200), "model_answer", 1],
  ["SAFETY", says({ finishReason: "SAFETY" }), "model_refused", 1],
  ["PROHIBITED_CONTENT", says({ finishReason: "PROHIBITED_CONTENT" }), "model_refused", 1],
  ["BLOCKLIST", says({ finishReason: "BLOCKLIST" }), "model_refused", 1],
  ["SPII", says({ finishReason: "SPII" }), "model_refused", 1],
  ["a blocked prompt", says({ blockReason: "OTHER" }), "model_refused", 1],
  ["MAX_TOKENS", says({ finishReason: "MAX_TOKENS", truncateAt: 0.5 }), "model_truncated", 1],
  ["RECITATION", says({ finishReason: "RECITATION" }), "model_answer", 1],
  ["OTHER", says({ finishReason: "OTHER" }), "model_answer", 1],
  ["MALFORMED_RESPONSE", says({ finishReason: "MALFORMED_RESPONSE" }), "model_answer", 1],
  ["no finish reason", says({ finishReason: null }), "model_answer", 1],
  ["no candidates", says({ noCandidates: true }), "model_answer", 1],
  ["an empty text", says({ text: "" }), "model_answer", 1],
  [
    "an error in the stream",
    stream({ after: 0, error: REFUSALS.overloaded() }),
    "model_unavailable",
    4,
  ],
  ["an account refused in it", stream({ after: 0, error: REFUSALS.billing() }), "model_account", 1],
  ["a torn event", stream({ after: 0, torn: true }), "model_unavailable", 4],
  ["half an event", stream({ after: 0, halfEvent: true }), "model_unavailable", 4],
  ["a stream without an end", stream({ after: 0, ends: true }), "model_answer", 1],
];

for (const [what, fault, code, requests] of FAULTS) {
  Deno.test(`${what} is ${code} after ${requests} request(s)`, async () => {
    await using bench = await startWorkbench();
    const request = given(bench);
    bench.service.fail({ ...fault, times: Infinity });
    assertEquals(await codeOf(() => bench.model.generate(request)), code);
    assertEquals(bench.count("generate"), requests);
    bench.service.reset();
  });
}

const RETRY_INFO = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2.5s" };
const HTML = "<html>Error</html>";

/** Status, body, the fault, its delay in milliseconds; `after`: the answer's `Retry-After`. */
const ANSWERS: [
  status: number,
  body: object | string,
  kind: string,
  delay?: number,
  after?: string,
][] = [
  // The key: named in the details, or only in words.
  [400, badKey, "key"],
  [400, REFUSALS.keyExpired().body, "key"],
  [401, HTML, "key"],
  [403, REFUSALS.suspended().body, "key"],
  [403, HTML, "key"],
  // A file, by the words that are said of it; "profile" is none.
  [400, error("FAILED_PRECONDITION", "The File x is not in an ACTIVE state"), "file_gone"],
  [403, error("PERMISSION_DENIED", "You do not have access to the File x"), "file_gone"],
  [404, error("NOT_FOUND", "files/x is not found"), "file_gone"],
  [404, error("NOT_FOUND", "The profile is not found"), "model_gone"],
  // The account's place or plan.
  [400, REFUSALS.location().body, "account"],
  [403, REFUSALS.apiDisabled().body, "account"],
  [400, REFUSALS.billing().body, "account"],
  [400, REFUSALS.thinkingLevel("XHIGH").body, "account"],
  [400, error("INVALID_ARGUMENT", "Audio input modality is not enabled for models/x"), "account"],
  // A file that can't be read, and one that is too long; anything else is the request's fault.
  [400, error("INVALID_ARGUMENT", "The file is not a picture"), "unreadable"],
  [400, error("INVALID_ARGUMENT", "Provided image is not valid."), "unreadable"],
  [400, error("INVALID_ARGUMENT", "Unsupported MIME type: audio/x for models/x"), "unreadable"],
  [400, REFUSALS.inputTokens(2_000_000, 1_048_576).body, "too_long"],
  [400, error("INVALID_ARGUMENT", "Unknown name: profile"), "bad_request"],
  [404, error("NOT_FOUND", "models/x is not found"), "model_gone"],
  [404, HTML, "model_gone"],
  [400, HTML, "bad_request"],
  [413, HTML, "bad_request"],
  [408, HTML, "gateway"],
  [504, HTML, "gateway"],
  [502, HTML, "overloaded"],
  [503, error("UNAVAILABLE", "The model is overloaded"), "overloaded"],
  [500, error("INTERNAL", "An internal error has occurred"), "server_error"],
  [501, HTML, "server_error"],
  [429, daily, "quota"],
  [429, error("RESOURCE_EXHAUSTED", "Slow down"), "rate_limited"],
  // How long to wait: what the body says counts over the header, and a date there for nothing.
  [429, error("RESOURCE_EXHAUSTED", "Slow down", [RETRY_INFO]), "rate_limited", 2500, "30"],
  [429, HTML, "rate_limited", 30_000, "30"],
  [503, HTML, "overloaded", 1000, "1"],
  [504, HTML, "gateway", 0, "0"],
  [503, HTML, "overloaded", undefined, "Sun, 22 Nov 2026 08:00:00 GMT"],
  // Google Cloud: the account's roles, its bucket, an object that is not there, a type it doesn't list.
  [401, CLOUD_REFUSALS.unauthenticated().body, "key"],
  [403, CLOUD_REFUSALS.role("p").body, "account"],
  [403, CLOUD_REFUSALS.apiDisabled().body, "account"],
  [403, CLOUD_REFUSALS.billing().body, "account"],
  [403, CLOUD_REFUSALS.forbidden("a@b", "storage.objects.create").body, "bucket"],
  [403, CLOUD_REFUSALS.agent().body, "bucket"],
  [400, CLOUD_REFUSALS.agentComing().body, "bucket"],
  [404, CLOUD_REFUSALS.bucket().body, "bucket"],
  [404, CLOUD_REFUSALS.lostObject("gs://b/o").body, "file_gone"],
  [404, error("NOT_FOUND", "No valid object is found at the designated URL."), "file_gone"],
  [404, CLOUD_REFUSALS.publisherModel("p", "eu", "m").body, "model_gone"],
  [400, CLOUD_REFUSALS.type("audio/aiff").body, "unreadable"],
  [429, CLOUD_REFUSALS.exhausted().body, "rate_limited"],
  // Bodies of no shape that is known.
  [503, "null", "overloaded"],
  [400, { error: { message: 5, details: [{ reason: {} }, 7] } }, "bad_request"],
  [429, { error: { details: [{ violations: "many" }] } }, "rate_limited"],
];

Deno.test("an answer other than 2xx is a fault by its status and by what its body says", async () => {
  for (const [status, body, kind, delay, after] of ANSWERS) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers = after === undefined ? undefined : { "retry-after": after };
    const fault = await faultOf(new Response(text, { status, headers }));
    assertEquals([fault.kind, fault.delay], [kind, delay], `${status} ${text}`);
  }
});

Deno.test("a body that breaks off tells no more than its status", async () => {
  const broken = new ReadableStream({ start: (body) => body.error(new TypeError("reset")) });
  assertEquals((await faultOf(new Response(broken, { status: 503 }))).kind, "overloaded");
});

Deno.test("an error within an answer is the fault that its status would be, with its delay", () => {
  const { code, body } = REFUSALS.limited("11.7s");
  for (const message of [JSON.stringify(body), `got status: X. ${JSON.stringify(body)}`]) {
    const fault = faultOfError(code, message);
    assertEquals([fault.kind, fault.delay], ["rate_limited", 11_700]);
  }
  assertEquals(faultOfError(503, "no JSON").kind, "overloaded");
});

Deno.test("an answer is whole when the model says that it has ended, and said something", () => {
  assertEquals(faultInEnd({ text: "{}", finishReason: "STOP" }), null);
  assertEquals(faultInEnd({ text: "", finishReason: "STOP" }), "unusable");
  assertEquals(faultInEnd({ text: "{}" }), "unusable");
  assertEquals(faultInEnd({ text: "{}", finishReason: "MAX_TOKENS" }), "truncated");
  assertEquals(faultInEnd({ text: "{}", finishReason: "IMAGE_SAFETY" }), "refused");
  assertEquals(faultInEnd({ text: "", blockReason: "OTHER" }), "blocked");
});
