/**
 * An estimate of the CPU time that this isolate has used. The platform gives it two seconds for its
 * life, kills it at their end, tells it shortly before that alone, and lets it ask nothing.
 */

/** What loading everything takes. */
const START_MS = 300;
/** What a request takes with all that is done with its answer: measured by `deno task bench job`. */
const REQUEST_MS = 2;
/** By then it takes no more, so that what it works on ends before it is told to go. */
const ENOUGH_MS = 1300;

export interface CpuTime {
  /** Counts a request, and makes it. */
  fetch: typeof fetch;
  /** Whether enough is left to begin something. */
  isLeft(): boolean;
}

export function countCpuTime(makeRequest: typeof fetch): CpuTime {
  let requests = 0;
  return {
    fetch(...args) {
      requests++;
      return makeRequest(...args);
    },
    isLeft: () => START_MS + requests * REQUEST_MS < ENOUGH_MS,
  };
}
