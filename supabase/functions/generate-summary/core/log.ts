/** One JSON line an event: ids and numbers only, nothing clinical, no names, no URLs. */
import { AsyncLocalStorage } from "node:async_hooks";

/** The events there are, and what each says. */
export const EVENTS = {
  request: "A request names a summary; code: what became of it, or the kind of the service's body.",
  answer: "A request was answered; code: the HTTP status.",
  claim: "This worker has the summary; attempt: which one.",
  file_uploaded: "A file is at Gemini.",
  file_reused: "An earlier attempt had uploaded it.",
  file_resumed: "An upload broke and goes on; bytes: where.",
  file_deleted: "A file is not at Gemini any more.",
  file_not_deleted: "It may still be there: the sweep asks again.",
  file_failed: "A file can't be used, or not now; code: why.",
  extracted: "A part of a recording was listened to, or a picture read; count: segments.",
  composed: "The text is made and checked; count: warnings, attempt: calls.",
  verified: "A second reader has judged it; count: doubts and omissions, code: why none has.",
  cut: "An answer about a recording ended early, or is about another stretch; code: why.",
  skipped: "The model refuses a stretch of a recording: it is left out; part: which.",
  retry: "A call is made again; code: what was wrong.",
  stale: "A file came or changed meanwhile: once more.",
  completed: "The summary is there.",
  requeued: "Back in the queue after an error; code: which.",
  failed: "It ended with an error; code: which. At level error: nobody expected it.",
  lease_lost: "Another worker has it, or somebody cancelled it.",
  released: "Given back: the isolate goes, or its time is short.",
  cleaned: "What an ended summary had left at Gemini is deleted; count: files.",
  swept: "Files that nobody asks for any more were found in the bucket; count: files.",
  files_deleted: "Files in Storage of a clinic that left are deleted; count: files.",
  shutdown: "The isolate goes; count: jobs that it gives back.",
} as const;

type LogEvent = keyof typeof EVENTS;

export interface LogFields {
  request_id?: string;
  summary_id?: string;
  recording_id?: string;
  /** Who asked. */
  user_id?: string;
  /** Milliseconds that it took. */
  ms?: number;
  bytes?: number;
  tokens?: number;
  /** One of our error codes, an HTTP status, an outcome, a reason. */
  code?: string | number;
  attempt?: number;
  part?: number;
  count?: number;
  /** Segments that the model says lie outside of what was asked for. */
  outside?: number;
  model?: string;
}

export interface Log {
  info(event: LogEvent, fields?: LogFields): void;
  warn(event: LogEvent, fields?: LogFields): void;
  error(event: LogEvent, fields?: LogFields): void;
}

const about = new AsyncLocalStorage<LogFields>();

/**
 * Runs something whose lines all carry these fields, whoever writes them and however much later:
 * so a request's id is in the lines of the work that it started.
 */
export function logAbout<T>(fields: LogFields, run: () => T): T {
  return logOnlyAbout({ ...about.getStore(), ...fields }, run);
}

/** The same without the fields around it: a request may come in in the context of another's work. */
export function logOnlyAbout<T>(fields: LogFields, run: () => T): T {
  return about.run(fields, run);
}

/** A log that writes lines; `write` gets one JSON text without a line end. */
export function createLog(write: (line: string) => void): Log {
  const at = (level: string) => (event: LogEvent, fields: LogFields = {}) =>
    write(JSON.stringify({
      time: new Date().toISOString(),
      level,
      event,
      ...about.getStore(),
      ...fields,
    }));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
