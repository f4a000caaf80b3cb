import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ApiError } from "@google/genai";
import type { StreamUsage } from "../../../local/stand_ins/gemini/behaviour.ts";
import type { AnswerFault, StreamBreak } from "../../../local/stand_ins/gemini/faults.ts";
import { REFUSALS } from "../../../local/stand_ins/gemini/refusals.ts";
import type { GeminiStandIn } from "../../../local/stand_ins/gemini/server.ts";
import { ask, asked, gemini, generate, MODEL, refused } from "./asking.ts";
import { all, open } from "./streams.ts";

const HELLO = { said: 'Grüß "dich" \ud83d\ude00, Pat.\n' };
const STREAM = `/v1beta/models/${MODEL}:streamGenerateContent`;

const raw = (gemini: GeminiStandIn, path = `${STREAM}?alt=sse`) =>
  ask(gemini, path, { method: "POST", body: JSON.stringify(asked("hello")) });

gemini("streams an answer as server-sent events in chunks", async (gemini) => {
  gemini.answer = () => HELLO;
  gemini.behaviour.chunkLength = 10;
  const { status, headers, text } = await raw(gemini);
  assertEquals([status, headers.get("content-type")], [200, "text/event-stream"]);
  assertEquals([headers.get("content-length"), headers.get("transfer-encoding")], [
    null,
    "chunked",
  ]);
  const events = text.split("\r\n\r\n");
  assertEquals(events.pop(), "");
  assert(events.every((event) => event.startsWith('data: {"candidates":[')));
  const finishes = events.map((event) => JSON.parse(event.slice(6)).candidates[0].finishReason);
  assertEquals(finishes, [undefined, undefined, undefined, "STOP"]);
  const { kind, streamed, status: recorded } = gemini.requests[0];
  assertEquals([kind, streamed, recorded], ["generate", true, 200]);
});

gemini(
  "cuts a streamed text anywhere, and the SDK's chunks join to what is said",
  async (gemini) => {
    gemini.answer = () => HELLO;
    for (const chunkLength of [1, 3, 7, 160]) {
      gemini.behaviour = { chunkLength };
      const { text, chunks, finishReason, error } = await all(gemini);
      assertEquals([JSON.parse(text), finishReason, error], [HELLO, "STOP", undefined]);
      assertEquals(chunks.length, Math.ceil(JSON.stringify(HELLO).length / chunkLength));
    }
  },
);

gemini("sends a stream's events in packets that cut lines and letters", async (gemini) => {
  gemini.answer = () => HELLO;
  for (const packetLength of [1, 7]) {
    gemini.behaviour = { chunkLength: 10, packetLength };
    const { text, chunks, error } = await all(gemini);
    assertEquals([JSON.parse(text), chunks.length, error], [HELLO, 4, undefined]);
  }
});

gemini("answers a stream without alt=sse as a JSON array", async (gemini) => {
  gemini.answer = () => HELLO;
  gemini.behaviour.chunkLength = 10;
  const { text, headers } = await raw(gemini, STREAM);
  assertStringIncludes(headers.get("content-type")!, "application/json");
  const chunks = JSON.parse(text);
  assertEquals(chunks.length, 4);
  assertEquals(chunks.at(-1).candidates[0].finishReason, "STOP");
});

gemini("refuses a stream as it refuses an answer", async (gemini) => {
  refused(
    await ask(gemini, `${STREAM}?alt=sse`, { method: "POST", body: "{}" }),
    400,
    "INVALID_ARGUMENT",
  );
  gemini.fail({ on: "generate", refusal: REFUSALS.limited("3s") });
  const error = await assertRejects(() => open(gemini), ApiError);
  assertEquals(error.status, 429);
  assertStringIncludes(error.message, `"retryDelay":"3s"`);
});

gemini("tells a stream's usage wherever the real one does", async (gemini) => {
  gemini.answer = () => HELLO;
  const told = async (streamUsage: StreamUsage) => {
    gemini.behaviour = { chunkLength: 16, streamUsage };
    const { chunks } = await all(gemini);
    return chunks.map(({ candidates, usageMetadata }) => [
      candidates?.length ?? 0,
      usageMetadata?.candidatesTokenCount ?? null,
    ]);
  };
  assertEquals(await told("each"), [[1, 4], [1, 8], [1, 9]]);
  assertEquals(await told("last"), [[1, null], [1, null], [1, 9]]);
  assertEquals(await told("ends"), [[1, 4], [1, null], [1, 9]]);
  assertEquals(await told("apart"), [[1, null], [1, null], [1, null], [0, 9]]);
  assertEquals(await told("never"), [[1, null], [1, null], [1, null]]);
});

gemini("finishes a stream in a chunk without text when told", async (gemini) => {
  gemini.answer = () => HELLO;
  gemini.behaviour.finishApart = true;
  const { chunks } = await all(gemini);
  assertEquals(chunks.map(({ text }) => text), [JSON.stringify(HELLO), ""]);
  const finishes = chunks.map(({ candidates }) =>
    candidates![0].finishReason as string | undefined
  );
  assertEquals(finishes, [undefined, "STOP"]);
});

gemini("cuts a stream at maxOutputTokens and says so in its last chunk", async (gemini) => {
  gemini.answer = () => HELLO;
  const { text, finishReason } = await all(gemini, { maxOutputTokens: 5 });
  assertEquals([text, finishReason], [JSON.stringify(HELLO).slice(0, 20), "MAX_TOKENS"]);
});

/** What is left of an answer of four chunks, of which two come. */
async function broken(gemini: GeminiStandIn, stream: StreamBreak) {
  gemini.answer = () => HELLO;
  gemini.behaviour.chunkLength = 10;
  gemini.fail({ on: "generate", answer: { stream } });
  const streamed = await all(gemini);
  assertEquals(gemini.requests.at(-1)!.delivery!.state, "fault");
  return streamed;
}
const HALF = JSON.stringify(HELLO).slice(0, 20);

gemini("ends a stream with an error as an event, which the SDK throws", async (gemini) => {
  for (const refusal of [REFUSALS.limited("11.7s"), REFUSALS.overloaded(), REFUSALS.internal()]) {
    const { text, error } = await broken(gemini, { after: 2, error: refusal });
    assertEquals([text, error?.name, error?.status], [HALF, "ApiError", refusal.code]);
    assertStringIncludes(error!.message, refusal.status);
  }
  const { chunks, error } = await broken(gemini, { after: 0, error: REFUSALS.overloaded() });
  assertEquals([chunks.length, error?.status], [0, 503]);
});

gemini("ends a stream with an error that is no event", async (gemini) => {
  const { error } = await broken(gemini, { after: 2, error: REFUSALS.overloaded(), bare: true });
  // The SDK tells which error it is only where the line came by itself.
  assert(error?.status === 503 || error?.message === "Incomplete JSON segment at the end");
  gemini.fail({
    on: "generate",
    answer: { stream: { after: 4, error: REFUSALS.overloaded(), bare: true } },
  });
  const { text } = await raw(gemini);
  assertEquals(JSON.parse(text.split("\r\n\r\n").at(-1)!).error.status, "UNAVAILABLE");
});

gemini("breaks a stream in the middle of an event and between two", async (gemini) => {
  for (const stream of [{ after: 2, torn: true }, { after: 2, reset: true }] as const) {
    const { text, error, finishReason } = await broken(gemini, stream);
    assertEquals([text, error instanceof TypeError, finishReason], [HALF, true, undefined]);
  }
  const { chunks, error } = await broken(gemini, { after: 0, reset: true });
  assertEquals([chunks.length, error instanceof TypeError], [0, true]);
});

gemini("ends a stream in the middle of an event, or without its finish", async (gemini) => {
  const half = await broken(gemini, { after: 2, halfEvent: true });
  assertEquals([half.text, half.error?.message], [HALF, "Incomplete JSON segment at the end"]);
  const short = await broken(gemini, { after: 2, ends: true });
  assertEquals([short.text, short.error, short.finishReason], [HALF, undefined, undefined]);
  const empty = await broken(gemini, { after: 0, ends: true });
  assertEquals([empty.chunks.length, empty.error], [0, undefined]);
});

gemini("stalls after some chunks until the client gives up", async (gemini) => {
  gemini.answer = () => HELLO;
  gemini.behaviour.chunkLength = 10;
  for (const after of [0, 2, 99]) {
    gemini.fail({ on: "generate", answer: { stream: { after, hang: true } } });
    const abort = new AbortController();
    const reading = all(gemini, { abortSignal: abort.signal });
    const delivery = () => gemini.requests.at(-1)?.delivery;
    while (delivery()?.state !== "fault") await new Promise((go) => setTimeout(go, 2));
    await new Promise((go) => setTimeout(go, 20));
    abort.abort();
    const { chunks, error } = await reading;
    assertEquals([chunks.length, error?.name], [Math.min(after, 4), "AbortError"]);
    gemini.requests.length = 0;
  }
});

gemini("breaks streams alone, and leaves other answers whole", async (gemini) => {
  gemini.answer = () => HELLO;
  gemini.fail({ on: "generate", answer: { stream: { after: 0, ends: true } } });
  assertEquals((await generate(gemini, asked("hello"))).json.candidates[0].finishReason, "STOP");
  assertEquals((await all(gemini)).chunks, []);
});

gemini("spoils streams as it spoils answers", async (gemini) => {
  gemini.answer = () => HELLO;
  const faulty = async (answer: AnswerFault) => {
    gemini.fail({ on: "generate", answer });
    return await all(gemini);
  };
  assertEquals((await faulty({ finishReason: null })).finishReason, undefined);
  const [first, ...others] = (await faulty({ blockReason: "PROHIBITED_CONTENT" })).chunks;
  assertEquals(first.promptFeedback?.blockReason as string, "PROHIBITED_CONTENT");
  assertEquals([first.candidates, others], [undefined, []]);
  const thinking = await faulty({ thought: "Hm." });
  assertEquals(thinking.chunks[0].candidates![0].content!.parts, [{ text: "Hm.", thought: true }]);
  assertEquals(thinking.text, JSON.stringify(HELLO));
  assertEquals((await faulty({ text: "" })).text, "");
  assertEquals((await faulty({ modelVersion: "gemini-9" })).chunks[0].modelVersion, "gemini-9");
});

gemini("refuses one part of six for its safety, streamed or not", async (gemini) => {
  gemini.answer = () => HELLO;
  gemini.fail({
    on: "generate",
    times: 2,
    when: ({ body }) => JSON.stringify(body).includes("part 4"),
    answer: { finishReason: "SAFETY", truncateAt: 0.5 },
  });
  const finishes: string[] = [];
  const streamed: string[] = [];
  for (const part of [1, 2, 3, 4, 5, 6]) {
    const body = asked(`part ${part}`);
    finishes.push((await generate(gemini, body)).json.candidates[0].finishReason);
    const { text } = await ask(gemini, `${STREAM}?alt=sse`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    streamed.push(JSON.parse(text.slice(6)).candidates[0].finishReason);
  }
  const expected = ["STOP", "STOP", "STOP", "SAFETY", "STOP", "STOP"];
  assertEquals([finishes, streamed], [expected, expected]);
});
