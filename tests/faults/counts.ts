/** How many requests of each kind were made. */
/** Requests of each kind; `listen`, `compose` and `verify` are all `streamGenerateContent`. */
export type Counts = Record<
  | "peek"
  | "open"
  | "start"
  | "bytes"
  | "query"
  | "get"
  | "count"
  | "listen"
  | "compose"
  | "verify"
  | "delete",
  number
>;

export const NONE: Counts = {
  peek: 0,
  open: 0,
  start: 0,
  bytes: 0,
  query: 0,
  get: 0,
  count: 0,
  listen: 0,
  compose: 0,
  verify: 0,
  delete: 0,
};

/** Whether a body of `generate` asks for a second reading. */
export const reads = (body: unknown) => JSON.stringify(body).includes('\\"uncited\\":');

/** What one recording costs when nothing goes wrong. */
export const USUAL: Counts = {
  ...NONE,
  peek: 1,
  // Whether the file is there already.
  get: 1,
  open: 1,
  start: 1,
  bytes: 1,
  count: 1,
  listen: 1,
  compose: 1,
  verify: 1,
  delete: 1,
};
