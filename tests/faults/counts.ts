/** How many requests of each kind were made. */
/** Requests of each kind; `listen` and `compose` are both `streamGenerateContent`. */
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
  delete: 0,
};

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
  delete: 1,
};
