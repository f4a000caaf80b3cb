/** What the host and an isolate tell each other, a line each. */
import type { Refusals } from "./likeness/outbound.ts";

/** To an isolate. */
export interface Order {
  /** Dispatch `beforeunload` for this reason. */
  unload?: string;
  /** The last request is answered, and none will come: dispatch `drain`. */
  drain?: true;
  /** End as soon as nothing is waited for. */
  drop?: true;
  refuse?: Refusals;
}

/** From an isolate. */
export interface Report {
  /** The function's own code is about to run; what the thread has taken before is not its. */
  began?: { cpuMs: number };
  serving?: { port: number; version: string };
  /** Bytes, once it is half of what is allowed. */
  memory?: number;
  /** `beforeunload` was dispatched for this reason. */
  unloaded?: string;
  /** The address of a request that the outbound limit refused. */
  refused?: string;
}

/** A function doesn't print this; its own lines may be JSON too. */
const MARK = "\x1e";

export function mark(report: Report): Uint8Array {
  return new TextEncoder().encode(`${MARK}${JSON.stringify(report)}\n`);
}

export function parse(line: string): Report | undefined {
  return line.startsWith(MARK) ? JSON.parse(line.slice(MARK.length)) : undefined;
}
