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
/** Half of what there is, were a machine half as slow again as the one that this was measured on. */
const HALF_MS = 750;
/** What it works on must end by then, before it is told to go. */
const MOST_MS = 1650;
/** What a summary takes at least. */
const SUMMARY_MS = 22;

export interface CpuTime {
  /** Counts a request, and makes it. */
  fetch: typeof fetch;
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
  const worked = () => requests * REQUEST_MS + tokens * TOKENS_MS / 1000;
  return {
    fetch(...args) {
      requests++;
      return makeRequest(...args);
    },
    answered: (count) => void (tokens += count),
    ended(underWay) {
      // Those that began together end together, the first after all the work.
      each = Math.max(SUMMARY_MS, worked() / (++summaries + underWay));
    },
    mayBeHalfUsed: () => START_MS + worked() >= HALF_MS,
    isLeft: (underWay) => START_MS + worked() + (underWay + 1) * each <= MOST_MS,
  };
}
