import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ApiError, HarmBlockThreshold, HarmCategory } from "@google/genai";
import { REFUSALS } from "../../../local/stand_ins/gemini/refusals.ts";
import { ask, asked, command, gemini, generate, NOISE, refused, start, started } from "./asking.ts";
import { open } from "./streams.ts";

/** HTTP status, Google's name for it, and words that tell it from the others. */
const EXPECTED: [refusal: ReturnType<typeof REFUSALS.location>, number, string, string][] = [
  [REFUSALS.keyMissing(), 403, "PERMISSION_DENIED", "unregistered callers"],
  [REFUSALS.keyInvalid(), 400, "INVALID_ARGUMENT", "API_KEY_INVALID"],
  [REFUSALS.keyExpired(), 400, "INVALID_ARGUMENT", "API key expired"],
  [REFUSALS.suspended(), 403, "PERMISSION_DENIED", "CONSUMER_SUSPENDED"],
  [REFUSALS.apiDisabled(), 403, "PERMISSION_DENIED", "SERVICE_DISABLED"],
  [
    REFUSALS.location(),
    400,
    "FAILED_PRECONDITION",
    "User location is not supported for the API use.",
  ],
  [REFUSALS.billing(), 400, "FAILED_PRECONDITION", "enable billing"],
  [REFUSALS.thinkingLevel("MINIMAL"), 400, "INVALID_ARGUMENT", "Thinking level MINIMAL"],
  [REFUSALS.inputTokens(2, 1), 400, "INVALID_ARGUMENT", "The input token count (2) exceeds"],
  [REFUSALS.file("files/a"), 403, "PERMISSION_DENIED", "File files/a"],
  [REFUSALS.fileNotActive("files/a"), 400, "FAILED_PRECONDITION", "not in an ACTIVE state"],
  [REFUSALS.nameTaken("files/a"), 409, "ALREADY_EXISTS", "already exists"],
  [REFUSALS.model("x", "v1"), 404, "NOT_FOUND", "models/x is not found"],
  [REFUSALS.limited("0s"), 429, "RESOURCE_EXHAUSTED", `"retryDelay":"0s"`],
  [REFUSALS.limited(), 429, "RESOURCE_EXHAUSTED", "PerMinute"],
  [REFUSALS.daily("40s"), 429, "RESOURCE_EXHAUSTED", "PerDay"],
  [REFUSALS.internal(), 500, "INTERNAL", "internal error"],
  [REFUSALS.overloaded(), 503, "UNAVAILABLE", "overloaded"],
  [REFUSALS.deadline(), 504, "DEADLINE_EXCEEDED", "Deadline"],
];

gemini("refuses in Google's words when a test tells it to", async (gemini) => {
  assertEquals(
    new Set(EXPECTED.map(([refusal]) => refusal.message.split(" ").slice(0, 4).join(" "))).size,
    new Set(Object.keys(REFUSALS)).size - 1,
    "each is here; two share their words",
  );
  for (const [refusal, code, status, words] of EXPECTED) {
    gemini.fail({ on: "generate", refusal, times: 2 });
    const answer = await generate(gemini, asked("hello"));
    refused(answer, code, status);
    assertStringIncludes(answer.text, words);
    // The SDK throws the same of a stream that is refused.
    const error = await assertRejects(() => open(gemini), ApiError);
    assertEquals([error.status, JSON.parse(error.message)], [code, answer.json]);
  }
});

gemini("takes the safety settings that Gemini knows, once each", async (gemini) => {
  gemini.answer = () => ({});
  const [category, other] = ["HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_CIVIC_INTEGRITY"];
  const withSettings = (...safetySettings: object[]) =>
    generate(gemini, { ...asked("hello"), safetySettings });
  const good = await withSettings({ category, threshold: "OFF" }, {
    category: other,
    threshold: "BLOCK_NONE",
  });
  assertEquals(good.status, 200);
  const wrong = [
    [{ category: "HARM_CATEGORY_RUDE", threshold: "OFF" }],
    [{ category, threshold: "BLOCK_SOME" }],
    [{ category }],
    [{ category, threshold: "OFF", method: "SEVERITY" }],
    [{ category, threshold: "OFF" }, { category, threshold: "BLOCK_NONE" }],
  ];
  for (const settings of wrong) refused(await withSettings(...settings), 400, "INVALID_ARGUMENT");
  const stream = await open(gemini, {
    safetySettings: [{
      category: HarmCategory.HARM_CATEGORY_DANGEROUS_CONTENT,
      threshold: HarmBlockThreshold.BLOCK_NONE,
    }],
  });
  for await (const { text } of stream) assertEquals(text, "{}");
});

gemini("tells that a name is taken at the upload's end alone when told", async (gemini) => {
  const file = { name: "files/taken" };
  const first = await started(gemini, { file });
  await command(gemini, first, "upload, finalize", 0, NOISE);
  gemini.behaviour.nameTakenAtEnd = true;
  assertEquals((await start(gemini, { file })).status, 200);
  const second = await started(gemini, { file });
  refused(await command(gemini, second, "upload, finalize", 0, NOISE), 409, "ALREADY_EXISTS");
  const { sizeBytes } = (await ask(gemini, "/v1beta/files/taken")).json;
  assertEquals(sizeBytes, String(NOISE.length));
});
