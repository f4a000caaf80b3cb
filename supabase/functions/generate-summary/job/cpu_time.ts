/**
 * An estimate of the CPU time that this isolate has used. The platform gives it two seconds for its
 * life, kills it at their end, tells it shortly before that alone, and lets it ask nothing.
 */

/** What loading everything takes. */
const START_MS = 400;
/** What a request takes with all that is done with its answer: measured by `deno task bench job`. */
const REQUEST_MS = 1.5;
/** What a thousand tokens of the model's take: read, joined, checked. As the test of dense recordings tells. */
const TOKENS_MS = 4;
/** At half of what there is the platform retires an isolate: others get the requests. */
const RETIRED_MS = 1000;
/** Where that may be, were a machine half as slow again as the one that this was measured on. */
const HALF_MS = 750;
/** What it works on must end by then, before it is told to go. */
const MOST_MS = 1650;
/** What a summary takes at least. */
const SUMMARY_MS = 22;

export interface CpuTime {
  /** Counts a request, and makes it. */
  fetch: typeof fetch;
  /** Notes that the isolate has got a request: it has used less than half, however slow it is thought. */
  asked(): void;
  /** Counts an answer of the model, in tokens. */
  answered(tokens: number): void;
  /** Counts a summary that has ended beside so many: as much as these, the next will take. */
  ended(underWay: number): void;
  /** Whether the platform may have retired this isolate, and others get the requests. */
  mayBeHalfUsed(): boolean;
  /** Whether enough is left to begin a summary beside so many that are under way. */
  isLeft(underWay: number): boolean;
}

export function countCpuTime(makeRequest: typeof fetch): CpuTime {
  let requests = 0;
  let tokens = 0;
  let summaries = 0;
  let each = SUMMARY_MS;
  /** Less than 1 on a machine faster than the one that this was measured on. */
  let pace = 1;
  const worked = () => requests * REQUEST_MS + tokens * TOKENS_MS / 1000;
  const used = () => pace * (START_MS + worked());
  return {
    fetch(...args) {
      requests++;
      return makeRequest(...args);
    },
    asked() {
      if (used() > RETIRED_MS) pace *= RETIRED_MS / used();
    },
    answered: (count) => void (tokens += count),
    ended(underWay) {
      // Those that began together end together, the first after all the work.
      each = Math.max(SUMMARY_MS, worked() / (++summaries + underWay));
    },
    mayBeHalfUsed: () => used() >= HALF_MS,
    isLeft: (underWay) => used() + (underWay + 1) * pace * each <= MOST_MS,
  };
}
