/** The client package: docs/frontends.md. */
export type * from "./answers.ts";
export { ERRORS } from "./answers.ts";
export {
  type Code,
  DATA_REFUSALS,
  type DataCode,
  dataError,
  SENTENCES,
  SummariesError,
} from "./refusals.ts";
export { createSummaries, type Summaries } from "./summaries.ts";
export type * from "./types.ts";
export type { Memory, Place, UploadOptions } from "./upload.ts";
export type { ClinicWatcher, Watcher } from "./watch.ts";
