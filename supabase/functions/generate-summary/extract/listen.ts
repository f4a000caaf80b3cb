/** Listens to a recording, answer by answer: each goes on after the words of the one before. */
import type { Clock, Limits } from "../core/clock.ts";
import type { Extraction, Segment } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { SHORTEST_MODEL_CALL_MS } from "../core/times.ts";
import type { Generation } from "../models/model.ts";
import { Fault, type FaultKind, POLICY } from "../models/policy.ts";
import { errorOf, pauseAfter } from "../models/retry.ts";
import { readAudio } from "./answer.ts";
import { afterOf, joined } from "./join.ts";
import type { Question } from "./request.ts";

/** A part without its number, its prompt and its cost. */
export type Heard = Pick<
  Extraction,
  "from_seconds" | "to_seconds" | "is_last" | "segments" | "found" | "model"
>;

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
/** What is left out where the model refuses to go on, and how often in a row. */
const SKIPPED_SECONDS = 60;
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
  const { clock, log, deadline, signal, seconds, triesLeft } = deps;
  const parts = [...deps.parts];
  const before = parts.length;
  /** What was heard since the last stretch that was left out. */
  let heard = parts.slice(1 + parts.findLastIndex(({ found }) => found.missing))
    .flatMap(({ segments }) => segments);
  let skips = parts.length - 1 - parts.findLastIndex(({ found }) => !found.missing);
  /** Heard, and too little to be saved by itself. */
  let held: Segment[] = [];
  let language: string | null = null;
  let fault: string | undefined;
  /** Answers in a row: in vain, without any sound, blocked, refused, and that say that this is all. */
  let [tries, deaf, blocked, refused, ends] = [0, 0, 0, 0, 0];
  let doubted = false;

  async function save(
    part: Pick<Heard, "segments" | "to_seconds" | "model">,
    missing?: "file_refused",
  ) {
    const whole = {
      ...part,
      from_seconds: parts.at(-1)?.to_seconds ?? 0,
      is_last: part.to_seconds === null,
      found: { content: part.segments.length > 0, language, ...missing && { missing } },
    };
    await deps.save(whole);
    parts.push(whole);
    heard = missing ? [] : [...heard, ...part.segments];
    held = [];
    [tries, blocked, refused] = [0, 0, 0];
  }

  async function skip(model: string, from: number) {
    if (from > (parts.at(-1)?.to_seconds ?? 0)) {
      await save({ segments: held, to_seconds: from, model });
    }
    const to = from + SKIPPED_SECONDS;
    await save({ segments: [], to_seconds: to < seconds ? to : null, model }, "file_refused");
    log.warn("skipped", { part: parts.length - 1 });
    skips++;
    ends = 0;
    if (skips >= SKIPS) throw new AppError("file_refused");
  }

  while (!parts.at(-1)?.is_last) {
    const known = [...heard, ...held];
    const from = known.at(-1)?.start ?? parts.at(-1)?.to_seconds ?? 0;
    const late = clock.now() + WORTH_A_CALL_MS > deadline;
    if (late && parts.length > before && seconds - from > SHORT_REST_SECONDS) {
      throw new AppError("out_of_time");
    }
    const question = { after: afterOf(known), from_seconds: from, fault, doubted };
    const answer = await deps.ask(question).catch((error) => {
      throw error instanceof AppError && tries > 0 ? error.counting(tries + error.tries) : error;
    });
    [fault, doubted] = [undefined, false];
    const { model } = answer;
    if (answer.cut === "blocked") {
      if (++blocked === 2) throw new AppError("file_refused");
      continue;
    }
    const silent = answer.audioTokens === 0;
    if (silent && answer.cut === null) {
      // Without tokens of audio the model made it all up.
      if (++deaf === 2) throw new AppError("file_not_heard");
      continue;
    }
    if (answer.audioTokens) deaf = 0;

    const said = readAudio(silent ? { ...answer, text: "" } : answer);
    const { cut } = said;
    language = said.language ?? language;
    const { segments, outside } = joined(said.segments, known, from, seconds);
    const fresh = inOrder(segments, from, seconds);
    if (cut || outside > 0) {
      log.warn("cut", { code: cut ?? "elsewhere", count: fresh.length, outside });
    }
    const to = fresh.at(-1)?.start ?? from;
    const elsewhere = fresh.length === 0 && outside > 0;
    const saysAll = cut === null && !elsewhere;
    const again = ends > 0;
    if (saysAll) ends = fresh.length > 0 ? 1 : ends + 1;
    else if (fresh.length > 0) ends = 0;
    const nearEnd = known.length + fresh.length > 0 && seconds - to <= END_SECONDS;
    if (saysAll && (ends > 1 || nearEnd)) {
      await save({ segments: [...held, ...fresh], to_seconds: null, model });
      break;
    }
    if (fresh.length >= LEAST_SEGMENTS && to - from >= LEAST_SECONDS) {
      await save({ segments: [...held, ...fresh], to_seconds: to, model });
      skips = 0;
    } else if (saysAll && !(again && fresh.length > 0)) {
      held.push(...fresh);
      doubted = fresh.length === 0;
      if (doubted) fault = known.length > 0 ? NOTHING_MORE : NOBODY;
    } else if (cut === "refused") {
      if (++refused === 2) {
        held.push(...fresh);
        await skip(model, to);
      }
    } else {
      if (saysAll) held.push(...fresh);
      if (cut === "timed_out" && clock.now() + SHORTEST_MODEL_CALL_MS > deadline) {
        throw new AppError("out_of_time");
      }
      if (++tries >= triesLeft) throw inVain(cut).counting(tries);
      fault = said.fault ?? (elsewhere ? ELSEWHERE : undefined);
    }
    if (cut) await pause(new Fault(cut, answer.delay));
  }

  /** A service in trouble is left alone for a while, as after any call. */
  async function pause(met: Fault): Promise<void> {
    if (met.kind === "timed_out" || POLICY[met.kind].retries === 0) return;
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
