import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Pace } from "../../../local/stand_ins/gemini/behaviour.ts";
import type { GeminiStandIn } from "../../../local/stand_ins/gemini/server.ts";
import { virtualClock } from "../../faults/virtual_clock.ts";
import { heldClock } from "../../function/fake_clock.ts";
import { asked, gemini, generate, MODEL, sdk } from "./asking.ts";
import { all, open } from "./streams.ts";

/** Ten chunks of 40 tokens each. */
const LONG = { said: "x".repeat(1589) };
const behaviour = { chunkLength: 160 };

async function until(happened: () => unknown): Promise<void> {
  while (!await happened()) await new Promise((go) => setTimeout(go, 2));
}
const last = (gemini: GeminiStandIn) => gemini.requests.at(-1)?.delivery;

/** 40 tokens a second, on a clock whose sleeps a test ends. */
function held(gemini: GeminiStandIn) {
  const clock = heldClock();
  gemini.answer = () => LONG;
  gemini.behaviour = { ...behaviour, pace: { tokensPerSecond: 40, clock } };
  return {
    /** The next so many chunks are written. */
    async pass(chunks: number) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        await until(() => clock.sleeping.length > 0);
        await clock.wake();
      }
    },
  };
}

gemini("takes time in proportion to its tokens", async (gemini) => {
  const clock = virtualClock();
  const paced = async (pace: Pace | undefined, run: () => Promise<unknown>) => {
    gemini.behaviour = { ...behaviour, pace, thinks: { HIGH: 100 } };
    const before = clock.now();
    await run();
    return Math.round(clock.now() - before);
  };
  gemini.answer = () => LONG;
  const pace = { tokensPerSecond: 125, clock: clock.service };
  const whole = () => generate(gemini, asked("hello"));
  assertEquals(await paced(pace, whole), 4000);
  assertEquals(await paced(pace, () => all(gemini)), 4000);
  assertEquals(await paced(undefined, whole), 0);
  assertEquals([last(gemini)!.generated, last(gemini)!.sent.tokens], [500, 400]);
  assertEquals(gemini.unreadTokens, 0);
});

gemini("thinks before the first chunk, and then sends each in its time", async (gemini) => {
  const clock = virtualClock();
  gemini.answer = () => LONG;
  gemini.behaviour = {
    ...behaviour,
    thinks: { LOW: 80 },
    pace: { tokensPerSecond: 40, clock: clock.service },
  };
  const start = clock.now();
  const seconds: number[] = [];
  const config = { thinkingConfig: { thinkingLevel: "LOW" as never } };
  for await (const _ of await open(gemini, config)) {
    seconds.push(Math.round((clock.now() - start) / 1000));
  }
  assertEquals(seconds.length, 10);
  assert(seconds[0] >= 3, `after ${seconds[0]} s`);
  assertEquals(Math.round((clock.now() - start) / 1000), 12);
});

gemini("lets a clock's timers ring in their time while an answer is generated", async (gemini) => {
  const clock = virtualClock();
  gemini.answer = () => LONG;
  for (const stream of [true, false]) {
    gemini.behaviour = { ...behaviour, pace: { tokensPerSecond: 40, clock: clock.service } };
    const start = clock.now();
    const abort = new AbortController();
    let rang = 0;
    clock.timer(4500, () => {
      rang = clock.now() - start;
      abort.abort();
    });
    if (stream) await all(gemini, { abortSignal: abort.signal });
    else {
      await assertRejects(() =>
        clock.fetch(`${gemini.url}/v1beta/models/${MODEL}:generateContent`, {
          method: "POST",
          headers: { "x-goog-api-key": gemini.apiKey },
          body: JSON.stringify(asked("hello")),
          signal: abort.signal,
        })
      );
    }
    await until(() => last(gemini)?.state === "gone");
    assertEquals(rang, 4500);
    const { generated, sent, unread } = last(gemini)!;
    // It hears of that within its next twenty tokens; those that it had begun are nobody's, too.
    assert(generated === 180 || generated === 200, `${generated} tokens`);
    assertEquals(unread, stream ? generated - 160 : generated);
    assertEquals(sent.chunks > 0, stream);
  }
});

gemini(
  "is waited for by a clock whose requests are streams, as long as it has more to say",
  async (gemini) => {
    const clock = virtualClock();
    gemini.answer = () => LONG;
    const read = async (signal?: AbortSignal) => {
      const start = clock.now();
      const response = await clock.fetch(
        `${gemini.url}/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`,
        {
          method: "POST",
          headers: { "x-goog-api-key": gemini.apiKey },
          body: JSON.stringify(asked("hello")),
          signal,
        },
      );
      const text = await response.text().catch((error: Error) => error.name);
      return [text.split("\r\n\r\n").length - 1, clock.now() - start];
    };
    let beats = 0;
    (async () => {
      for (; beats < 20; beats++) await clock.sleep(3000);
    })();
    gemini.behaviour = { chunkLength: 4 };
    assertEquals([await read(), beats], [[400, 0], 0]);
    gemini.behaviour = { ...behaviour, pace: { tokensPerSecond: 40, clock: clock.service } };
    assertEquals([await read(), beats], [[10, 10_000], 3]);
    gemini.fail({ on: "generate", answer: { stream: { after: 2, hang: true } } });
    const abort = new AbortController();
    clock.timer(30_000, () => abort.abort());
    assertEquals([await read(abort.signal), beats], [[0, 30_000], 13]);
    await until(() => beats === 20);
  },
);

gemini("sends nothing more to a client that aborts its stream", async (gemini) => {
  const clock = held(gemini);
  const abort = new AbortController();
  const reading = (async () => {
    let chunks = 0;
    for await (const _ of await open(gemini, { abortSignal: abort.signal })) {
      if (++chunks === 2) break;
    }
    abort.abort();
  })();
  await clock.pass(2);
  await reading;
  gemini.readersStop();
  await until(() => last(gemini)!.state === "gone");
  assertEquals(gemini.sentAfterGone, { chunks: 0, tokens: 0, bytes: 0 });
  const { generated, sent } = last(gemini)!;
  assertEquals([generated, sent.chunks, sent.tokens, gemini.unreadTokens], [80, 2, 80, 0]);
});

gemini("goes on for a client that stops reading and does not abort", async (gemini) => {
  const clock = held(gemini);
  const reading = (async () => {
    let chunks = 0;
    for await (const _ of await open(gemini)) if (++chunks === 2) break;
  })();
  await clock.pass(2);
  await reading;
  gemini.readersStop();
  await clock.pass(8);
  await until(() => last(gemini)!.state === "whole");
  const { chunks, tokens, bytes } = gemini.sentAfterGone;
  assertEquals([chunks, tokens], [8, 320]);
  assert(bytes > 8 * 160);
  assertEquals([last(gemini)!.generated, gemini.unreadTokens], [400, 320]);
}, { sanitizeResources: false });

gemini("stops generating for a client that aborts an answer which is no stream", async (gemini) => {
  held(gemini);
  const abort = new AbortController();
  const answer = sdk(gemini).models.generateContent({
    model: MODEL,
    contents: asked("hello").contents,
    config: { abortSignal: abort.signal },
  });
  await until(() => last(gemini));
  abort.abort();
  const error = await assertRejects(() => answer, Error);
  assertEquals(error.name, "AbortError");
  await until(() => last(gemini)!.state === "gone");
  assertEquals([last(gemini)!.generated, last(gemini)!.sent.bytes], [0, 0]);
});

gemini("can be closed while a stream is under way", async (gemini) => {
  const clock = held(gemini);
  const reading = all(gemini);
  await clock.pass(1);
  await gemini.close();
  assert((await reading).error instanceof TypeError);
});
