/**
 * The queue in simulated time: arrivals, slots, hints, the sweep, isolates with their CPU time, and a
 * model with its requests a minute and its outages. Rules and times are the project's own.
 */
import { createTimeline, type Timeline } from "./timeline.ts";

export interface Settings {
  /** Summaries that wait at the beginning. */
  waiting: number;
  /** Summaries a second, at a second of the simulated time. */
  arrivals(second: number): number;
  /** Until when they arrive, in seconds. */
  seconds: number;
  /** `max_in_flight` */
  cap: number;
  /** Seconds that the model takes for one, all its answers together. */
  modelSeconds: number;
  /** Answers that one needs. */
  answers: number;
  /** Answers a minute that the model gives at most; it tells those above to wait. */
  answersPerMinute: number;
  /** When the model answers nobody: from, to, in seconds. */
  outage?: [number, number];
  /** Seconds until a hint is there. */
  hintSeconds: number;
  /** Seconds until a new isolate answers. */
  startSeconds: number;
  /** The isolate's CPU, in seconds: its start, a summary, and when it takes no more. */
  cpu: { start: number; summary: number; enough: number };
  /** Seconds of an isolate's life in which it takes summaries. */
  lifeSeconds: number;
  /** Seconds of the database's CPU a summary, and its cores. */
  database: { summary: number; cores: number };
}

export interface Outcome {
  done: number;
  /** From the beginning to the last result, in seconds. */
  seconds: number;
  /** Seconds that each waited before it was begun. */
  waits: number[];
  mostInFlight: number;
  isolates: number;
  hints: number;
  /** Attempts that the model did not answer. */
  inVain: number;
}

const SWEEP_SECONDS = 15;
const SWEEP_LOOPS = 50;
const FIRST_PAUSE = 15;
const LONGEST_PAUSE = 120;
/** An outage is noticed after the calls that are made again in place. */
const IN_VAIN_SECONDS = 15;
const LIMIT_WAIT_SECONDS = 30;

interface Isolate {
  ready: number;
  cpu: number;
  /** When its thread is free. */
  free: number;
  born: number;
}

export function simulate(settings: Settings): Outcome {
  const time: Timeline = createTimeline();
  const { cpu, database } = settings;
  const outcome: Outcome = {
    done: 0,
    seconds: 0,
    waits: [],
    mostInFlight: 0,
    isolates: 0,
    hints: 0,
    inVain: 0,
  };
  /** When each that is due was queued. */
  const queue: number[] = [];
  let head = 0;
  let inFlight = 0;
  let expected = settings.waiting;
  let current: Isolate | undefined;
  let databaseFree = 0;
  let tokens = settings.answersPerMinute / 60;
  let refilled = 0;
  let pausedUntil = 0;
  let pause = 0;
  let probing = false;

  const isDue = () => head < queue.length;
  const away = () =>
    settings.outage !== undefined && time.now() >= settings.outage[0] &&
    time.now() < settings.outage[1];

  function takesMore(isolate: Isolate): boolean {
    return isolate.cpu < cpu.enough && time.now() - isolate.born < settings.lifeSeconds;
  }

  /** Does something on the isolate's thread and in the database, one after another. */
  function compute(isolate: Isolate, share: number, then: () => void): void {
    const seconds = cpu.summary * share;
    isolate.cpu += seconds;
    isolate.free = Math.max(isolate.free, time.now(), isolate.ready) + seconds;
    databaseFree = Math.max(databaseFree, time.now()) +
      database.summary * share / database.cores;
    time.at(Math.max(isolate.free, databaseFree), then);
  }

  function hint(): void {
    outcome.hints++;
    time.at(time.now() + settings.hintSeconds, wake);
  }

  function wake(): void {
    if (!current || !takesMore(current)) {
      outcome.isolates++;
      const ready = time.now() + (outcome.isolates > 1 ? settings.startSeconds : 0);
      current = { ready, cpu: cpu.start, free: ready, born: time.now() };
    }
    loop(current);
  }

  function loop(isolate: Isolate): void {
    if (!takesMore(isolate)) return;
    const probe = pause > 0;
    if (!isDue() || inFlight >= settings.cap) return;
    if (probe && (probing || time.now() < pausedUntil)) return;
    if (probe) probing = true;
    const queued = queue[head++];
    inFlight++;
    outcome.mostInFlight = Math.max(outcome.mostInFlight, inFlight);
    compute(isolate, 0.5, () => work(isolate, queued, probe));
  }

  function work(isolate: Isolate, queued: number, probe: boolean): void {
    if (away()) {
      outcome.inVain++;
      return time.at(time.now() + IN_VAIN_SECONDS, () => {
        if (probe || pause === 0) {
          pause = Math.min(pause === 0 ? FIRST_PAUSE : pause * 2, LONGEST_PAUSE);
          pausedUntil = time.now() + pause;
        }
        if (probe) probing = false;
        queue.push(queued);
        inFlight--;
        loop(isolate);
      });
    }
    tokens = Math.min(
      settings.answersPerMinute,
      tokens + (time.now() - refilled) * settings.answersPerMinute / 60,
    );
    refilled = time.now();
    if (tokens < settings.answers) {
      outcome.inVain++;
      inFlight--;
      time.at(
        time.now() + LIMIT_WAIT_SECONDS * (0.5 + Math.random() / 2),
        () => queue.push(queued),
      );
      return loop(isolate);
    }
    tokens -= settings.answers;
    outcome.waits.push(time.now() - queued);
    time.at(time.now() + settings.modelSeconds, () => {
      const opened = pause > 0;
      [pause, probing] = [0, false];
      if (opened) { for (let n = 0; n < SWEEP_LOOPS; n++) hint(); }
      compute(isolate, 0.5, () => {
        outcome.done++;
        outcome.seconds = time.now();
        inFlight--;
        // The same isolate goes on with the slot, or another one is woken.
        if (takesMore(isolate)) loop(isolate);
        else if (isDue()) hint();
      });
    });
  }

  function sweep(): void {
    const free = Math.min(settings.cap - inFlight, queue.length - head, SWEEP_LOOPS);
    for (let n = 0; n < free; n++) hint();
    if (outcome.done < expected || time.now() < settings.seconds) {
      time.at(time.now() + SWEEP_SECONDS, sweep);
    }
  }

  for (let n = 0; n < settings.waiting; n++) queue.push(0);
  for (let second = 0; second < settings.seconds; second++) {
    let rate = settings.arrivals(second);
    for (let at = Math.random(); rate > 0; rate -= 1, at = Math.random()) {
      if (rate < 1 && Math.random() > rate) break;
      expected++;
      time.at(second + at, () => {
        queue.push(time.now());
        if (inFlight < settings.cap) hint();
      });
    }
  }
  sweep();
  time.run();
  return outcome;
}
