/** One JSON line an event: ids and numbers only, nothing clinical, no names, no URLs. */

/** The events there are; the README says what each means. */
export type LogEvent =
  | "request"
  | "answer"
  | "claim"
  | "stage"
  | "file_uploaded"
  | "file_resumed"
  | "file_reused"
  | "file_deleted"
  | "file_not_deleted"
  | "file_failed"
  | "extracted"
  | "composed"
  | "retry"
  | "completed"
  | "stale"
  | "requeued"
  | "failed"
  | "lease_lost"
  | "released"
  | "cleaned"
  | "shutdown";

export interface LogFields {
  request_id?: string;
  summary_id?: string;
  recording_id?: string;
  /** Milliseconds that it took. */
  ms?: number;
  bytes?: number;
  tokens?: number;
  /** One of our error codes, an HTTP status, a stage, a reason. */
  code?: string | number;
  attempt?: number;
  part?: number;
  count?: number;
  model?: string;
}

export interface Log {
  info(event: LogEvent, fields?: LogFields): void;
  warn(event: LogEvent, fields?: LogFields): void;
  error(event: LogEvent, fields?: LogFields): void;
  /** A log whose lines all carry these fields. */
  with(fields: LogFields): Log;
}

/** A log that writes lines; `write` gets one JSON text without a line end. */
export function createLog(write: (line: string) => void, fixed: LogFields = {}): Log {
  const at = (level: string) => (event: LogEvent, fields: LogFields = {}) =>
    write(JSON.stringify({ time: new Date().toISOString(), level, event, ...fixed, ...fields }));
  return {
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => createLog(write, { ...fixed, ...fields }),
  };
}
