/** Listens to a recording, answer by answer: each goes on after the words of the one before. */
import type { Clock, Limits } from "../core/clock.ts";
import type { Segment } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { SHORTEST_MODEL_CALL_MS } from "../core/times.ts";
import type { Generation } from "../models/model.ts";
import { Fault, type FaultKind, POLICY } from "../models/policy.ts";
import { errorOf, pauseAfter } from "../models/retry.ts";
import { readAudio, type Said } from "./answer.ts";
import { type Heard, Hearing } from "./hearing.ts";
import { afterOf, joined } from "./join.ts";
import type { Question } from "./request.ts";

export interface ListenDeps extends Limits {
  clock: Clock;
  log: Log;
  /** What was saved before. */
  parts: Heard[];
  /** How long the recording is. */
  seconds: number;
  /** How many answers may still gain nothing, in a row. */
  triesLeft: number;
  ask(question: Question): Promise<Generation>;
  save(part: Heard): Promise<void>;
}

/** An answer that is no end adds at least this, or it gained nothing. */
const LEAST_SECONDS = 20;
const LEAST_SEGMENTS = 3;
/** So near to a recording's end nothing more need be said. */
const END_SECONDS = 60;
/** Each call pays for all of the sound: what is longer than this waits for an isolate with time. */
const SHORT_REST_SECONDS = 150;
const WORTH_A_CALL_MS = 30_000;

/** Stretches in a row that are left out. */
const SKIPS = 5;

const NOBODY = "It said that nobody speaks. Listen to all of the file once more.";
const NOTHING_MORE = "It said that nothing follows these words. Listen to the rest once more.";
const ELSEWHERE = 'None of its turns goes on after the words in "after".';

/**
 * Hears a recording from the end of its last part to its own, and saves each part as it comes. Throws
 * `file_not_heard`, `file_refused`, `out_of_time`, `model_answer` and `model_truncated` with the number of
 * answers that gained nothing, and what `ask` and `save` throw.
 */
export async function listen(deps: ListenDeps): Promise<void> {
  const hearing = new Hearing(deps);
  const listener = new Listener(hearing, deps);
  while (!hearing.isOver) await listener.goOn();
}

class Listener {
  readonly #hearing: Hearing;
  readonly #deps: ListenDeps;
  /** How many parts there were before. */
  readonly #before: number;
  /** What the next answer is told about the last one. */
  #fault: string | undefined;
  #doubted = false;
  /** Answers in a row: in vain, without any sound, blocked, refused, and that say that this is all. */
  #tries = 0;
  #deaf = 0;
  #blocked = 0;
  #refused = 0;
  #ends = 0;

  constructor(hearing: Hearing, deps: ListenDeps) {
    this.#hearing = hearing;
    this.#deps = deps;
    this.#before = hearing.parts;
  }

  /** Asks once, and keeps what comes. */
  async goOn(): Promise<void> {
    this.#assertWorthACall();
    const answer = await this.#ask();
    if (answer.cut === "blocked" && ++this.#blocked === 2) throw new AppError("file_refused");
    if (answer.cut === "blocked") return;
    const silent = answer.audioTokens === 0;
    // Without tokens of audio the model made it all up.
    const deaf = silent && answer.cut === null;
    if (deaf && ++this.#deaf === 2) throw new AppError("file_not_heard");
    if (deaf) return;
    if (answer.audioTokens) this.#deaf = 0;
    const said = readAudio(silent ? { ...answer, text: "" } : answer);
    await this.#take(said, answer.model);
    if (said.cut) await this.#pause(new Fault(said.cut, answer.delay));
  }

  #assertWorthACall(): void {
    const { clock, deadline, seconds } = this.#deps;
    const { parts, from } = this.#hearing;
    const late = clock.now() + WORTH_A_CALL_MS > deadline;
    if (late && parts > this.#before && seconds - from > SHORT_REST_SECONDS) {
      throw new AppError("out_of_time");
    }
  }

  async #ask(): Promise<Generation> {
    const { known, from } = this.#hearing;
    const asked = { fault: this.#fault, doubted: this.#doubted };
    this.#fault = undefined;
    this.#doubted = false;
    try {
      return await this.#deps.ask({ after: afterOf(known), from_seconds: from, ...asked });
    } catch (error) {
      throw error instanceof AppError && this.#tries > 0
        ? error.counting(this.#tries + error.tries)
        : error;
    }
  }

  /** Saves what was said, holds it, leaves a stretch out, or counts an answer in vain. */
  async #take(said: Said, model: string): Promise<void> {
    const { log, seconds } = this.#deps;
    const hearing = this.#hearing;
    const { known, from } = hearing;
    const { cut } = said;
    hearing.language = said.language ?? hearing.language;
    const { segments, outside } = joined(said.segments, known, from, seconds);
    const fresh = inOrder(segments, from, seconds);
    if (cut || outside > 0) {
      log.warn("cut", { code: cut ?? "elsewhere", count: fresh.length, outside });
    }
    const gained = fresh.length > 0;
    const to = fresh.at(-1)?.start ?? from;
    const elsewhere = !gained && outside > 0;
    const saysAll = cut === null && !elsewhere;
    const again = this.#ends > 0;
    if (saysAll) this.#ends = gained ? 1 : this.#ends + 1;
    else if (gained) this.#ends = 0;
    const nearEnd = known.length + fresh.length > 0 && seconds - to <= END_SECONDS;

    if (saysAll && (this.#ends > 1 || nearEnd)) {
      await this.#save(fresh, null, model);
    } else if (fresh.length >= LEAST_SEGMENTS && to - from >= LEAST_SECONDS) {
      await this.#save(fresh, to, model);
    } else if (saysAll && !(again && gained)) {
      hearing.held.push(...fresh);
      this.#doubted = !gained;
      if (this.#doubted) this.#fault = known.length > 0 ? NOTHING_MORE : NOBODY;
    } else if (cut === "refused") {
      if (++this.#refused === 2) await this.#skip(fresh, model);
    } else {
      if (saysAll) hearing.held.push(...fresh);
      this.#countInVain(cut);
      this.#fault = said.fault ?? (elsewhere ? ELSEWHERE : undefined);
    }
  }

  async #save(fresh: Segment[], to: number | null, model: string): Promise<void> {
    this.#hearing.held.push(...fresh);
    await this.#hearing.save(to, model);
    this.#tries = this.#blocked = this.#refused = 0;
  }

  async #skip(fresh: Segment[], model: string): Promise<void> {
    this.#hearing.held.push(...fresh);
    const skips = await this.#hearing.skip(model);
    this.#deps.log.warn("skipped", { part: this.#hearing.parts - 1 });
    if (skips >= SKIPS) throw new AppError("file_refused");
    this.#tries = this.#blocked = 0;
    this.#refused = this.#ends = 0;
  }

  #countInVain(cut: FaultKind | null): void {
    const { clock, deadline, triesLeft } = this.#deps;
    if (cut === "timed_out" && clock.now() + SHORTEST_MODEL_CALL_MS > deadline) {
      throw new AppError("out_of_time");
    }
    if (++this.#tries >= triesLeft) throw inVain(cut).counting(this.#tries);
  }

  /** A service in trouble is left alone for a while, as after any call. */
  async #pause(met: Fault): Promise<void> {
    if (this.#hearing.isOver || met.kind === "timed_out" || POLICY[met.kind].retries === 0) return;
    const { clock, deadline, signal } = this.#deps;
    const ms = pauseAfter(met, 1);
    if (clock.now() + ms + SHORTEST_MODEL_CALL_MS > deadline) throw errorOf(met, true);
    await clock.sleep(ms, signal);
  }
}

/** What comes of an answer that gained nothing, the last that there may be. */
function inVain(cut: FaultKind | null): AppError {
  return errorOf(new Fault(cut === "timed_out" ? "truncated" : cut ?? "unusable"), true);
}

/** Each begins not before the one before, and none after the recording's end. */
function inOrder(segments: Segment[], from: number, seconds: number): Segment[] {
  let latest = from;
  return segments.map((segment) => {
    latest = Math.min(Math.max(segment.start ?? 0, latest), Math.max(seconds, from));
    return { ...segment, start: latest };
  });
}
