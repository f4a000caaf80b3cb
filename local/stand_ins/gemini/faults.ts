/** What can be made to go wrong, a test at a time; nothing does unless it is asked for. */
import type { GenerateAnswer } from "./generate.ts";
import type { FileFault } from "./files.ts";
import { BREAK, ConnectionLost, type WireRequest } from "./wire.ts";

export type RequestKind =
  | "start"
  | "bytes"
  | "query"
  | "cancel"
  | "get"
  | "delete"
  | "list"
  | "count"
  | "generate"
  | "model";

/** A request as tests see it. */
export interface RecordedRequest {
  kind: RequestKind;
  method: string;
  /** Path and query; of an upload address the path alone. */
  path: string;
  /** What was answered; 0 while there is no answer, and when the connection broke before one. */
  status: number;
  contentLength: number | null;
  /** X-Goog-Upload-Offset. */
  offset?: number;
  /** Bytes: of the whole file, hex, once it is finalized. */
  sha256?: string;
  model?: string;
  /** The JSON that was sent. */
  body?: unknown;
}

interface Which<Kind> {
  on: Kind;
  /** How many requests meet it, 1 unless told. */
  times?: number;
  /** Only requests of which this is true; `body` is there, `status` is not. */
  when?: (request: RecordedRequest) => boolean;
}

/** Answers this in place of what it would answer, having done nothing. */
interface Instead {
  status: number;
  /** An object is sent as JSON. */
  body?: string | object;
  headers?: Record<string, string>;
}

/** What the model says is not what it would say. */
export interface AnswerFault {
  /** null: none, as when the stream was cut. */
  finishReason?: string | null;
  blockReason?: string;
  noCandidates?: true;
  /** In place of the answer's text. */
  text?: string;
  /** How much of the answer's text is left, 0 to 1. */
  truncateAt?: number;
  /** A thought part before the answer. */
  thought?: string;
  modelVersion?: string;
  /** No AUDIO tokens in the usage: the model did not hear the file. */
  noAudio?: true;
}

type RequestFault =
  | Which<RequestKind> & Instead
  /** The connection breaks before anything is done. */
  | Which<RequestKind> & { reset: true }
  /** Everything is done and the connection breaks before the answer. */
  | Which<RequestKind> & { loseAnswer: true }
  /** No answer ever; ends when the client gives up. */
  | Which<RequestKind> & { hang: true }
  | Which<RequestKind> & { delayMs: number }
  /** So much of the body counts, 0 to 1; then the connection breaks, or this is answered. */
  | Which<"bytes"> & { breakAt: number } & Partial<Instead>
  | Which<"bytes"> & { bytesPerSecond: number }
  /** The upload is cancelled by the service before the request is looked at. */
  | Which<"bytes" | "query"> & { cancelled: true }
  | Which<"generate"> & { answer: AnswerFault };

/** The next files that are finalized. */
type NextFileFault = { on: "file"; times?: number } & FileFault;

export type Fault = RequestFault | NextFileFault;

/** The faults that are waiting to happen. */
export class Faults {
  #waiting: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The first that meets this request; one that was met often enough is gone. */
  forRequest(request: RecordedRequest): RequestFault | undefined {
    return this.#take((fault): fault is RequestFault =>
      fault.on !== "file" && fault.on === request.kind && (fault.when?.(request) ?? true)
    );
  }

  forFile(): FileFault | undefined {
    return this.#take((fault): fault is NextFileFault => fault.on === "file");
  }

  #take<F extends Fault>(meets: (fault: Fault) => fault is F): F | undefined {
    for (const entry of this.#waiting) {
      if (entry.left === 0 || !meets(entry.fault)) continue;
      entry.left -= 1;
      return entry.fault;
    }
  }
}

/** Runs a request under a fault: the only place where one is applied to a connection. */
export async function underFault(
  fault: RequestFault | undefined,
  request: WireRequest,
  run: (body: WireRequest["body"]) => Promise<Response>,
): Promise<Response | typeof BREAK> {
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
  const said = candidate.content.parts[0].text;
  const text = fault.text ?? said.slice(0, Math.floor(said.length * (fault.truncateAt ?? 1)));
  const thoughts = fault.thought ? [{ text: fault.thought, thought: true }] : [];
  const finishReason = fault.finishReason === undefined
    ? candidate.finishReason
    : fault.finishReason ?? undefined;
  const heard = usageMetadata.promptTokensDetails.filter(({ modality }) =>
    !fault.noAudio || modality !== "AUDIO"
  );
  const { blockReason } = fault;
  return {
    ...answer,
    candidates: fault.noCandidates || blockReason ? undefined : [{
      ...candidate,
      content: { role: "model", parts: [...thoughts, { text }] },
      finishReason,
    }],
    promptFeedback: blockReason ? { blockReason } : undefined,
    usageMetadata: { ...usageMetadata, promptTokensDetails: heard },
    modelVersion: fault.modelVersion ?? answer.modelVersion,
  };
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
