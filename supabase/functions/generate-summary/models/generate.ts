/** One structured answer of a model, streamed: what has come is kept when the rest does not. */
import type {
  GenerateContentParameters,
  HarmBlockThreshold,
  HarmCategory,
  Part as GeminiPart,
} from "@google/genai";
import { AppError } from "../core/errors.ts";
import { follow } from "../core/follow.ts";
import { SAVING_MS, SHORTEST_MODEL_CALL_MS } from "../core/times.ts";
import { faultInEnd } from "./faults.ts";
import type { GenerateRequest, Generation, ModelFile, Part } from "./model.ts";
import { Fault, type FaultKind } from "./policy.ts";
import type { ModelClient } from "./client.ts";
import { type Arrived, audioTokensOf, costOf, readStream } from "./stream.ts";

/** See `Model.generate`; `longest`: milliseconds that a call may take. */
export async function generate(
  request: GenerateRequest,
  client: ModelClient,
  longest: number,
): Promise<Generation> {
  const { deadline, signal, parts } = request;
  const ofFile = parts.some((part) => "file" in part);
  const limits = { deadline, signal, needs: SHORTEST_MODEL_CALL_MS, ofFile };
  return await client.tryModel(limits, (model) => ask(model, request, client, longest));
}

/** One call. Throws a `Fault`, `out_of_time`, or the signal's reason. */
async function ask(
  model: string,
  request: GenerateRequest,
  client: ModelClient,
  longest: number,
): Promise<Generation> {
  const { deadline, signal, takesBeginning, book } = request;
  const { clock } = client;
  const begun = clock.now();
  if (begun + SHORTEST_MODEL_CALL_MS > deadline) throw new AppError("out_of_time");
  const left = deadline - SAVING_MS - begun;
  const late = longest < left ? new Fault("timed_out") : new AppError("out_of_time");
  const limits = { ms: Math.min(longest, left), late, signal };

  const arrived: Arrived = { pieces: [] };
  let sent: "no" | "asked" | "answered" = "no";
  let thrown: unknown;
  try {
    await client.once(limits, async (ai, abortSignal) => {
      const leaving = new AbortController();
      follow(abortSignal, leaving);
      try {
        abortSignal.throwIfAborted();
        const params = await parametersOf(model, request, leaving.signal);
        sent = "asked";
        const chunks = await ai.models.generateContentStream(params);
        sent = "answered";
        await readStream(chunks, arrived);
      } finally {
        // The SDK reads no further after an error, and leaves the answer open.
        leaving.abort();
      }
    });
  } catch (error) {
    thrown = error;
  }
  const text = arrived.pieces.join("");
  const cut = thrown === undefined
    ? faultInEnd({ ...arrived, text })
    : thrown instanceof Fault
    ? thrown.kind
    : "timed_out";
  if (mayBePaid(sent, thrown)) {
    book({
      at: new Date(clock.now()).toISOString(),
      model: arrived.model ?? model,
      ...costOf(arrived, request),
      ms: Math.round(clock.now() - begun),
      outcome: cut ?? "ok",
    });
  }
  const byModel = thrown === undefined;
  const ours = thrown === late || thrown instanceof Fault;
  if (cut === null || takesBeginning && !signal?.aborted && (byModel || ours && text)) {
    const delay = thrown instanceof Fault ? thrown.delay : undefined;
    const audioTokens = audioTokensOf(arrived);
    return { text, cut, delay, model: arrived.model ?? model, audioTokens };
  }
  throw thrown ?? new Fault(cut);
}

/** Not what was refused with a status, nor what had no connection. */
function mayBePaid(sent: "no" | "asked" | "answered", thrown: unknown): boolean {
  if (sent !== "asked") return sent === "answered";
  const waited: FaultKind[] = ["timed_out", "unusable"];
  return !(thrown instanceof Fault) || waited.includes(thrown.kind);
}

/**
 * Sexual health, violence and self-harm are everyday medicine: nothing is to be filtered out of what was
 * said to a doctor. What can't be turned off stays.
 */
const UNFILTERED = ["HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"]
  .map((harm) => ({
    category: `HARM_CATEGORY_${harm}` as HarmCategory,
    threshold: "OFF" as HarmBlockThreshold,
  }));

async function parametersOf(
  model: string,
  { system, parts, schema, maxOutputTokens, thinkingLevel }: GenerateRequest,
  abortSignal: AbortSignal,
): Promise<GenerateContentParameters> {
  const { ThinkingLevel } = await import("@google/genai");
  return {
    model,
    contents: [{ role: "user", parts: parts.map(toGemini) }],
    config: {
      systemInstruction: system,
      responseMimeType: "application/json",
      responseJsonSchema: schema,
      maxOutputTokens,
      thinkingConfig: thinkingLevel && { thinkingLevel: ThinkingLevel[thinkingLevel] },
      safetySettings: UNFILTERED,
      // One call would become several that are paid for.
      automaticContinuation: false,
      abortSignal,
    },
  };
}

export const fileData = ({ uri, mimeType }: ModelFile) => (
  { fileData: { fileUri: uri, mimeType } }
);

function toGemini(part: Part): GeminiPart {
  return "file" in part ? fileData(part.file) : part;
}
