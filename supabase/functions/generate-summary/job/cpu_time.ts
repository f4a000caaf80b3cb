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
/** Half of what there is, and some: by then others get the requests. */
const RETIRED_MS = 1050;
/** What it works on must end by then, before it is told to go. */
const MOST_MS = 1650;
/** What a summary takes at least. */
const SUMMARY_MS = 15;

export interface CpuTime {
  /** Counts a request, and makes it. */
  fetch: typeof fetch;
  /** Counts an answer of the model, in tokens. */
  answered(tokens: number): void;
  /** Counts a summary that has ended: as much as those before, the next will take. */
  ended(): void;
  /** Whether the platform has retired this isolate: another one gets the requests. */
  isHalfUsed(): boolean;
  /** Whether enough is left to begin a summary beside so many that are under way. */
  isLeft(underWay: number): boolean;
}

export function countCpuTime(makeRequest: typeof fetch): CpuTime {
  let requests = 0;
  let tokens = 0;
  let summaries = 0;
  const worked = () => requests * REQUEST_MS + tokens * TOKENS_MS / 1000;
  const each = () => summaries === 0 ? SUMMARY_MS : Math.max(SUMMARY_MS, worked() / summaries);
  return {
    fetch(...args) {
      requests++;
      return makeRequest(...args);
    },
    answered: (count) => void (tokens += count),
    ended: () => void summaries++,
    isHalfUsed: () => START_MS + worked() >= RETIRED_MS,
    isLeft: (underWay) => START_MS + worked() + (underWay + 1) * each() <= MOST_MS,
  };
}
