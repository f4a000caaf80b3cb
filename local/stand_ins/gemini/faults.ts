/** What a test can make go wrong at the stand-in for Gemini, and how often. */
import type { FileFault } from "./files.ts";
import type { Lapse } from "./lapses.ts";
import type { Refusal } from "./refusal.ts";
import type { RecordedRequest, RequestKind } from "./routes.ts";

interface Which<Kind> {
  on: Kind;
  /** How many requests meet it, 1 unless told. */
  times?: number;
  /** Only requests of which this is true; `body` is known by then, `status` is not. */
  when?: (request: RecordedRequest) => boolean;
}

/** Answers this in place of what it would answer, having done nothing. */
export interface Instead {
  status: number;
  /** An object is sent as JSON. */
  body?: string | object;
  headers?: Record<string, string>;
}

/** What happens to a stream once so many of its chunks have been sent, in place of the next one. */
export type StreamBreak =
  & {
    /** 0: nothing has been sent; from the number of chunks on: everything has. */
    after: number;
  }
  & (
    /** The answer ends with the error: as an event, or as a `bare` line of JSON, which is none. */
    | { error: Refusal; bare?: true }
    /** The connection breaks in the middle of the event. */
    | { torn: true }
    /** The body ends as it should, in the middle of the event. */
    | { halfEvent: true }
    /** The body ends as it should, without the event. */
    | { ends: true }
    /** The connection breaks between two events. */
    | { reset: true }
    /** No more comes; ends when the client gives up. */
    | { hang: true }
  );

/** How the answer differs from what the model would say. */
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
  /** No modalities in the usage; null: no usage at all. */
  usage?: "without details" | null;
  /** What is wrong with what it says, beside the behaviour's. */
  lapse?: Lapse;
  /** Met by streamed requests only. */
  stream?: StreamBreak;
}

export type RequestFault =
  | Which<RequestKind> & Instead
  /** Refuses it, having done nothing: for the table in refusals.ts. */
  | Which<RequestKind> & { refusal: Refusal }
  /** The connection breaks before anything is done. */
  | Which<RequestKind> & { reset: true }
  /** Everything is done and the connection breaks before the answer. */
  | Which<RequestKind> & { loseAnswer: true }
  /** No answer ever; ends when the client gives up. */
  | Which<RequestKind> & { hang: true }
  | Which<RequestKind> & { delayMs: number }
  /** That share of the body is read, 0 to 1; then the connection breaks, or this is answered. */
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
      fault.on !== "file" && fault.on === request.kind && (fault.when?.(request) ?? true) &&
      !("answer" in fault && fault.answer.stream && !request.streamed)
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
