/** Answers on their way: at the model's pace, and how much of them was for nobody. */
import type { Behaviour, PaceClock } from "./behaviour.ts";

export interface Sent {
  chunks: number;
  tokens: number;
  /** Of the events, without the transfer's framing. */
  bytes: number;
}

const nothing = (): Sent => ({ chunks: 0, tokens: 0, bytes: 0 });

const realTime: PaceClock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    }),
};

/** The client has closed the connection: nothing more is generated. */
export class ClientGone extends Error {
  override name = "ClientGone";
}

/** An answer that is being generated and sent; tests see what became of it. */
export class Delivery {
  /** `gone`: the client had closed the connection before the end; `fault`: a test had it broken. */
  state: "open" | "whole" | "gone" | "fault" = "open";
  /** Tokens so far, thoughts included: what is paid for. */
  generated = 0;
  /** What was written to the connection; its tokens are the text's. */
  readonly sent = nothing();
  /** What of that was written after its reader had stopped, see `readersStop`. */
  readonly sentAfterGone = nothing();
  #stopped = false;
  readonly #pace: Behaviour["pace"];
  readonly #clock: PaceClock;
  readonly #since: number;
  readonly #gone: AbortSignal;

  /** `gone` aborts when the client has closed the connection. */
  constructor(readonly streamed: boolean, pace: Behaviour["pace"], gone: AbortSignal) {
    this.#pace = pace;
    this.#clock = pace?.clock ?? realTime;
    this.#since = this.#clock.now();
    this.#gone = gone;
  }

  /** Generates up to so many tokens, counted from the answer's beginning. Throws `ClientGone`. */
  async generate(tokens: number): Promise<void> {
    try {
      this.#gone.throwIfAborted();
      if (this.#pace) {
        const ms = this.#since + 1000 * tokens / this.#pace.tokensPerSecond - this.#clock.now();
        if (ms > 0) await this.#clock.sleep(ms, this.#gone);
      }
      this.#gone.throwIfAborted();
      this.generated = tokens;
    } catch (error) {
      if (!this.#gone.aborted) throw error;
      const seconds = (this.#clock.now() - this.#since) / 1000;
      const soFar = Math.floor(seconds * (this.#pace?.tokensPerSecond ?? 0));
      this.generated = Math.max(this.generated, Math.min(tokens, soFar));
      this.end("gone");
      throw new ClientGone();
    }
  }

  /** A chunk has been written. */
  wrote(tokens: number, bytes: number): void {
    for (const count of this.#stopped ? [this.sent, this.sentAfterGone] : [this.sent]) {
      count.chunks += 1;
      count.tokens += tokens;
      count.bytes += bytes;
    }
  }

  /** Tokens that were generated, and that nobody was there to read. */
  get unread(): number {
    const read = this.sent.tokens - this.sentAfterGone.tokens;
    return this.state === "gone" || this.#stopped ? this.generated - read : 0;
  }

  /** Only a test knows: a connection that stays open looks the same to who writes to it. */
  readerStops(): void {
    if (this.state === "open") this.#stopped = true;
  }

  /** The first end counts. */
  end(state: Delivery["state"]): void {
    if (this.state === "open") this.state = state;
  }
}

/** What of the answers was sent after their readers had stopped, in all. */
export function sentInVain(deliveries: Delivery[]): Sent {
  const total = nothing();
  for (const { sentAfterGone: { chunks, tokens, bytes } } of deliveries) {
    total.chunks += chunks;
    total.tokens += tokens;
    total.bytes += bytes;
  }
  return total;
}
