/**
 * An estimate of the CPU time that this isolate has used. The platform gives it two seconds for its
 * life, kills it at their end, tells it shortly before that alone, and lets it ask nothing.
 */

/** What loading everything takes. */
const START_MS = 400;
/** What a request takes with all that is done with its answer: measured by `deno task bench job`. */
const REQUEST_MS = 1.5;
/** Half of what there is, and some: by then others get the requests. */
const RETIRED_MS = 1050;
/** By then it takes no more, so that what it works on ends before it is told to go. */
const ENOUGH_MS = 1350;

export interface CpuTime {
  /** Counts a request, and makes it. */
  fetch: typeof fetch;
  /** Whether the platform has retired this isolate: another one gets the requests. */
  isHalfUsed(): boolean;
  /** Whether enough is left to begin something. */
  isLeft(): boolean;
}

export function countCpuTime(makeRequest: typeof fetch): CpuTime {
  let requests = 0;
  const used = () => START_MS + requests * REQUEST_MS;
  return {
    fetch(...args) {
      requests++;
      return makeRequest(...args);
    },
    isHalfUsed: () => used() >= RETIRED_MS,
    isLeft: () => used() < ENOUGH_MS,
  };
}
