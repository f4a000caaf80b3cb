/** Faults at work: on a request and its connection, and on what the model answers. */
import type { AnswerFault, Instead, RequestFault } from "./faults.ts";
import type { GenerateAnswer, UsageMetadata } from "./generation.ts";
import { BREAK, ConnectionLost, type WireAnswer, type WireRequest } from "./wire.ts";

/** Runs a request under a fault: the only place where one is applied to a connection. */
export async function underFault(
  fault: RequestFault | undefined,
  request: WireRequest,
  run: (body: WireRequest["body"]) => Promise<WireAnswer>,
): Promise<WireAnswer> {
  if (!fault) return await run(request.body);
  if ("breakAt" in fault) {
    try {
      await run(cut(request.body, (request.contentLength ?? 0) * fault.breakAt));
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
    }
    return fault.status === undefined ? BREAK : instead({ ...fault, status: fault.status });
  }
  if ("status" in fault) return instead(fault);
  if ("refusal" in fault) throw fault.refusal;
  if ("reset" in fault) return BREAK;
  if ("hang" in fault) {
    await request.gone();
    return BREAK;
  }
  if ("loseAnswer" in fault) {
    await run(request.body);
    return BREAK;
  }
  if ("bytesPerSecond" in fault) return await run(slowed(request.body, fault.bytesPerSecond));
  if ("delayMs" in fault) await sleep(fault.delayMs);
  return await run(request.body);
}

/** The answer with the fault in it. */
export function faultyAnswer(answer: GenerateAnswer, fault: AnswerFault): GenerateAnswer {
  const { candidates: [candidate] = [], usageMetadata } = answer;
  const said = candidate.content.parts?.[0].text;
  const text = fault.text ?? said?.slice(0, Math.floor(said.length * (fault.truncateAt ?? 1)));
  const thoughts = fault.thought ? [{ text: fault.thought, thought: true }] : [];
  const parts = text === undefined ? undefined : [...thoughts, { text }];
  const finishReason = fault.finishReason === undefined
    ? candidate.finishReason
    : fault.finishReason ?? undefined;
  const { blockReason } = fault;
  return {
    ...answer,
    candidates: fault.noCandidates || blockReason ? undefined : [{
      ...candidate,
      content: { role: "model", parts },
      finishReason,
    }],
    promptFeedback: blockReason ? { blockReason } : undefined,
    usageMetadata: usageMetadata && faultyUsage(usageMetadata, fault),
    modelVersion: fault.modelVersion ?? answer.modelVersion,
  };
}

function faultyUsage(usage: UsageMetadata, fault: AnswerFault): UsageMetadata | undefined {
  if (fault.usage === null) return undefined;
  const { promptTokensDetails, cacheTokensDetails: _, ...counts } = usage;
  if (fault.usage) return counts;
  const heard = promptTokensDetails?.filter(({ modality }) =>
    !fault.noAudio || modality !== "AUDIO"
  );
  return { ...usage, promptTokensDetails: heard };
}

function instead({ status, body, headers }: Instead): Response {
  return typeof body === "object"
    ? Response.json(body, { status, headers })
    : new Response(body ?? "", { status, headers });
}

async function* cut(body: WireRequest["body"], bytes: number): AsyncGenerator<Uint8Array> {
  let left = Math.floor(bytes);
  for await (const chunk of body) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) throw new ConnectionLost();
  }
}

async function* slowed(body: WireRequest["body"], bytesPerSecond: number) {
  for await (const chunk of body) {
    await sleep(1000 * chunk.length / bytesPerSecond);
    yield chunk;
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
