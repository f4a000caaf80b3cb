/** Answers of the model that are not what was asked for, or none. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { AnswerFault, Fault } from "../../local/stand_ins/gemini/faults.ts";
import { invalid, type Refusal } from "../../local/stand_ins/gemini/refusal.ts";
import { REFUSALS } from "../../local/stand_ins/gemini/refusals.ts";
import type { ErrorCode } from "../../supabase/functions/generate-summary/core/errors.ts";
import { type Case, testCases } from "./cases.ts";
import type { Counts } from "./counts.ts";
import type { Scene } from "./harness.ts";

const meets = (fault: Fault) => ({ gemini }: Scene) => gemini.fail(fault);
const http = (status: number, body: string | object = "<html>Error</html>", times = 1) =>
  meets({ on: "generate", status, body, times });
const refuses = (refusal: Refusal, times = 1) => meets({ on: "generate", refusal, times });
/** On the plan whose calls are short enough for two before a user is answered. */
const hangs = (times: number) => async (scene: Scene) => {
  await scene.replaceIsolate({ WALL_CLOCK_SECONDS: "150" });
  scene.gemini.fail({ on: "generate", hang: true, times });
};
const says = (answer: AnswerFault, times = 1) => meets({ on: "generate", answer, times });

/** It helps to ask again, so many times. */
const mended = (what: string, inject: Case["inject"], listen = 2, also?: Case["also"]): Case => ({
  what,
  inject,
  ends: "used",
  requests: { listen },
  also,
});

/** It doesn't help: the file stays for a later attempt, or is deleted. */
const lost = (
  what: string,
  inject: Case["inject"],
  ends: ErrorCode,
  listen: number,
  stays = false,
): Case => {
  const requests: Partial<Counts> = stays ? { listen, delete: 0 } : { listen };
  return { what, inject, ends, requests };
};
/** Paid for in vain, that often; whoever has nothing else to do then deletes both files. */
const inVain = (what: string, inject: Case["inject"], listen = 1): Case => ({
  what,
  inject,
  ends: "model_answer",
  requests: { listen, delete: 2 },
  attempts: listen,
});

const retried = ({ lines }: Scene) => lines.filter(({ event }) => event === "retry");

/** What the model was told of its answer before, in the request that repeats it. */
const faultsTold = ({ gemini }: Scene): string[] =>
  gemini.requests.flatMap(({ kind, body }) => {
    const { contents } = (body ?? {}) as { contents?: { parts: { text?: string }[] }[] };
    if (kind !== "generate" || !contents) return [];
    return contents[0].parts.flatMap(({ text }) => text ? JSON.parse(text).fault ?? [] : []);
  });

testCases([
  mended("429 with a delay", refuses(REFUSALS.limited("11.7s")), 2, (scene) => {
    assertEquals(retried(scene).map(({ code, ms }) => [code, ms]), [["rate_limited", 11_700]]);
  }),
  lost(
    "429 whose delay would pass the budget",
    refuses(REFUSALS.limited("400s")),
    "model_rate_limited",
    1,
    true,
  ),
  lost("429 each time", refuses(REFUSALS.limited("1s"), 4), "model_rate_limited", 4, true),
  mended("500", refuses(REFUSALS.internal())),
  lost("500 each time", refuses(REFUSALS.internal(), 3), "model_unavailable", 3, true),
  mended("503 as HTML", http(503)),
  lost("503 as HTML each time", http(503, undefined, 4), "model_unavailable", 4, true),
  mended("504", http(504)),
  inVain("200 as HTML", http(200)),
  mended("a reset", meets({ on: "generate", reset: true })),
  mended("an answer that is lost", meets({ on: "generate", loseAnswer: true })),
  mended("a hang", hangs(1)),
  lost(
    "a hang each time",
    hangs(2),
    "model_unavailable",
    2,
    true,
  ),
  {
    what: "404 for the model, with a fallback",
    inject: async (scene) => {
      await scene.replaceIsolate({ GEMINI_FALLBACK_MODEL: "gemini-3.5-flash-lite" });
      const when = ({ model }: { model?: string }) => model === "gemini-3.8-flash";
      const refusal = REFUSALS.model("gemini-3.8-flash", "v1beta");
      scene.gemini.fail({ on: "generate", refusal, when, times: 99 });
    },
    ends: "used",
    requests: { listen: 2 },
    async also(scene) {
      const { model, extractions } = await scene.row();
      assertEquals([extractions[0].model, model], Array(2).fill("gemini-3.5-flash-lite"));
    },
  },
  lost("400 that names the file", refuses(invalid("Unsupported file")), "file_rejected", 1),
  lost("more tokens than it takes", refuses(REFUSALS.inputTokens(2e6, 1e6)), "file_too_long", 1),

  // Each finishReason of which it is known what it means.
  ...["SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "LANGUAGE"].map((finishReason) =>
    mended(finishReason, says({ finishReason, truncateAt: 0 }))
  ),
  ...["RECITATION", "OTHER", "MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", null]
    .map((finishReason) =>
      inVain(`finishReason ${finishReason}`, says({ finishReason, truncateAt: 0.1 }))
    ),
  ...["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT"].flatMap((blockReason) => [
    mended(`blockReason ${blockReason}`, says({ blockReason })),
    lost(`blockReason ${blockReason} twice`, says({ blockReason }, 2), "file_refused", 2),
  ]),

  inVain("no candidates", says({ noCandidates: true })),
  inVain("an empty text", says({ text: "" })),
  inVain("JSON that is cut off", says({ truncateAt: 0.1 })),
  {
    ...mended(
      "JSON that breaks the schema",
      says({ text: '{"speech_found":true}' }),
      2,
      (scene) => {
        const [told, ...others] = faultsTold(scene);
        assertStringIncludes(told, "segments: ");
        assertEquals(others, []);
      },
    ),
    attempts: 2,
  },
  inVain("JSON that breaks the schema, with the last attempt", says({ text: "[]" })),
  inVain("JSON that breaks the schema, twice", says({ text: "[]" }, 2), 2),
  mended("thoughts before the answer", says({ thought: '{"speech_found":false}' }), 1),
  mended(
    "an answer served by another model",
    says({ modelVersion: "gemini-x" }),
    1,
    async (scene) => {
      assertEquals((await scene.row()).extractions[0].model, "gemini-x");
    },
  ),
  {
    ...mended("an answer that was paid for in vain", says({ text: "[]" }), 2, async (scene) => {
      const [{ usage }] = (await scene.row()).extractions;
      assert(usage.input_tokens > 2 * 60 * 32);
      assertEquals(usage.calls, 2);
    }),
    attempts: 2,
  },
]);
