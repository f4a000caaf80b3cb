import { assertEquals } from "@std/assert";
import { REFUSALS } from "../../../local/stand_ins/gemini/refusals.ts";
import type { GeminiStandIn } from "../../../local/stand_ins/gemini/server.ts";
import { denseSpeech } from "../../../local/samples/dense_speech.ts";
import { asked, extraction, gemini, generate, refused, sample, uploaded } from "./asking.ts";
import { all } from "./streams.ts";

const thinking = (thinkingLevel: string, maxOutputTokens = 1000) =>
  asked("hello", { thinkingConfig: { thinkingLevel }, maxOutputTokens });

const usageOf = async (gemini: GeminiStandIn, body: unknown, model?: string) =>
  (await generate(gemini, body, model)).json.usageMetadata;

gemini("counts thoughts by level, in the total and against maxOutputTokens", async (gemini) => {
  gemini.answer = () => ({ said: "x".repeat(89) });
  const { thoughtsTokenCount: none, totalTokenCount: total } = await usageOf(
    gemini,
    thinking("LOW"),
  );
  assertEquals(none, undefined);
  gemini.behaviour.thinks = true;
  const low = await usageOf(gemini, thinking("LOW"));
  const medium = await usageOf(gemini, thinking("MEDIUM", 2000));
  assertEquals([low.thoughtsTokenCount, medium.thoughtsTokenCount], [256, 1024]);
  assertEquals([low.candidatesTokenCount, low.totalTokenCount], [25, total + 256]);
  // The level of a request that names none is the model's.
  assertEquals((await usageOf(gemini, asked("hello"))).thoughtsTokenCount, 4096);
  const lite = await usageOf(gemini, asked("hello"), "gemini-3.5-flash-lite");
  assertEquals(lite.thoughtsTokenCount, undefined);

  gemini.behaviour.thinks = { LOW: 990, HIGH: 5000 };
  const [cut] = (await generate(gemini, thinking("LOW"))).json.candidates;
  assertEquals([cut.finishReason, cut.content.parts[0].text.length], ["MAX_TOKENS", 40]);
  const { candidates: [empty], usageMetadata } = (await generate(gemini, thinking("HIGH"))).json;
  assertEquals(empty, { content: { role: "model" }, finishReason: "MAX_TOKENS", index: 0 });
  assertEquals([usageMetadata.thoughtsTokenCount, usageMetadata.candidatesTokenCount], [1000, 0]);
});

gemini("tells thoughts in a stream's usage", async (gemini) => {
  gemini.answer = () => ({});
  gemini.behaviour.thinks = { HIGH: 70 };
  const [{ usageMetadata }] = (await all(gemini)).chunks;
  assertEquals([usageMetadata!.thoughtsTokenCount, usageMetadata!.candidatesTokenCount], [70, 1]);
});

gemini("tells as cached what begins as an earlier prompt of 4,096 tokens did", async (gemini) => {
  const { bytes, sample } = denseSpeech({ minutes: 3 });
  gemini.samples.push(sample);
  const file = await uploaded(gemini, bytes);
  const first = extraction(file, { window: { from_seconds: 0, to_seconds: 60 } });
  const second = extraction(file, { window: { from_seconds: 60, to_seconds: null } });
  assertEquals((await usageOf(gemini, first)).cachedContentTokenCount, undefined);
  gemini.behaviour.caches = true;
  assertEquals((await usageOf(gemini, first)).cachedContentTokenCount, undefined);
  const usage = await usageOf(gemini, second);
  const text = Math.floor('{"window":{"from_seconds":'.length / 4);
  assertEquals(usage.cachedContentTokenCount, 3 * 60 * 32 + text);
  assertEquals(usage.cacheTokensDetails, [
    { modality: "TEXT", tokenCount: text },
    { modality: "AUDIO", tokenCount: 3 * 60 * 32 },
  ]);
  // Another model has another cache, and a shorter beginning is none.
  const lite = await usageOf(gemini, second, "gemini-3.5-flash-lite");
  assertEquals(lite.cachedContentTokenCount, undefined);
  const short = { ...second, systemInstruction: { parts: [{ text: "Listen." }] } };
  assertEquals((await usageOf(gemini, short)).cachedContentTokenCount, undefined);
});

gemini("leaves modalities or all of the usage out when told", async (gemini) => {
  const body = extraction(await uploaded(gemini, await sample("consultation.webm")));
  const whole = await usageOf(gemini, body);
  gemini.fail({ on: "generate", answer: { usage: "without details" } });
  const { promptTokensDetails: _, ...counts } = whole;
  assertEquals(await usageOf(gemini, body), counts);
  gemini.fail({ on: "generate", answer: { usage: null } });
  assertEquals(await usageOf(gemini, body), undefined);
  gemini.answer = () => ({});
  gemini.fail({ on: "generate", answer: { usage: null } });
  assertEquals((await all(gemini)).chunks.map((chunk) => chunk.usageMetadata), [undefined]);
});

gemini("refuses a prompt above 1,048,576 tokens", async (gemini) => {
  const text = (length: number) => ({ contents: [{ parts: [{ text: "x".repeat(length) }] }] });
  gemini.answer = () => ({});
  assertEquals((await generate(gemini, text(4 * 1_048_576))).status, 200);
  const answer = await generate(gemini, text(4 * 1_048_576 + 1));
  refused(answer, 400, "INVALID_ARGUMENT");
  assertEquals(
    answer.json.error.message,
    "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
  );
  assertEquals(
    answer.json,
    JSON.parse(JSON.stringify(REFUSALS.inputTokens(1_048_577, 1_048_576).body)),
  );
});
