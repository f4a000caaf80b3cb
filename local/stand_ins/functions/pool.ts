/** The isolates of a function: which one gets the next request, and how each comes to its end. */
import { HOSTED, type Limits, type Reason } from "./limits.ts";
import { type IsolateOptions, type IsolateProcess, startProcess } from "./process.ts";

export interface PoolOptions extends IsolateOptions, Partial<Limits> {
  wallClockSeconds: number;
  onStart?: (pid: number) => void;
}

export interface Isolate {
  process: IsolateProcess;
  url: string;
  version: string;
  /** Others get the requests. */
  retired: boolean;
  /** Retired since it has used half of what it may: goes once it has nothing to do. */
  spent: boolean;
  /** Requests that are not answered to their end. */
  open: number;
  /** Killed by whoever holds the host, and not by a limit. */
  killed: boolean;
  /** The reasons of each `beforeunload` that it heard. */
  unloads: string[];
  /** The limit that killed it. */
  endedBy?: Reason;
}

export interface Pool {
  living: Set<Isolate>;
  /** All that were started, in their order. */
  started: Isolate[];
  /** The isolate for a request that comes now; rejects when none starts. */
  inCharge(): Promise<Isolate>;
  /** Counts a request of an isolate until it is answered, which `answered` tells; that never rejects. */
  count(isolate: Isolate, answered: Promise<unknown>): void;
  /** Does something to all that live, which get no more requests, and waits until they are gone. */
  end(act: (isolate: Isolate) => void): Promise<void>;
  /** Addresses of the requests that the outbound limit refused. */
  refused: string[];
  /** Looks no more at what they use. */
  close(): void;
}

/** How often it is looked at what the isolates have used. */
const MEASURE_MS = 20;

export function createPool(options: PoolOptions): Pool {
  const limits: Limits = { ...HOSTED, ...options };
  const living = new Set<Isolate>();
  const started: Isolate[] = [];
  const refused: string[] = [];
  let current: Promise<Isolate> | undefined;

  async function start(): Promise<Isolate> {
    const isolate: Isolate = {
      process: startProcess(options, limits, {
        retire() {
          isolate.retired = isolate.spent = true;
          dropIfIdle(isolate);
        },
        unload: (reason) => void isolate.process.tell({ unload: reason }),
        end(reason) {
          isolate.endedBy = reason;
          isolate.process.kill("SIGKILL");
        },
        unloaded: (reason) => isolate.unloads.push(reason),
        refused: (url) => refused.push(url),
      }),
      url: "",
      version: "",
      retired: false,
      spent: false,
      // Its start is for somebody.
      open: 1,
      killed: false,
      unloads: [],
    };
    living.add(isolate);
    started.push(isolate);
    options.onStart?.(isolate.process.pid);
    isolate.process.ended.then(() => {
      isolate.retired = true;
      living.delete(isolate);
    });
    Object.assign(isolate, await isolate.process.serving, { open: 0 });
    return isolate;
  }

  async function inCharge(): Promise<Isolate> {
    while (true) {
      if (!current) {
        const starting = current = start();
        starting.catch(() => current = undefined);
        // Whoever started it has it, even if its start has used half already.
        return await starting;
      }
      const found = current;
      const isolate = await found;
      if (!isolate.retired) return isolate;
      dropIfIdle(isolate);
      if (current === found) current = undefined;
    }
  }

  /** `drain` is dispatched as an answer ends, and by nothing else. */
  function dropIfIdle(isolate: Isolate, drain?: true): void {
    if (!isolate.spent || isolate.open > 0) return;
    isolate.spent = false;
    void isolate.process.tell({ drain, drop: true });
  }

  const measuring = setInterval(
    () => living.forEach(({ process }) => process.measure()),
    MEASURE_MS,
  );
  return {
    living,
    started,
    inCharge,
    count(isolate, answered) {
      isolate.open++;
      answered.then(() => {
        isolate.open--;
        dropIfIdle(isolate, true);
      });
    },
    async end(act) {
      const all = [...living];
      all.forEach((isolate) => {
        isolate.retired = true;
        act(isolate);
      });
      await Promise.all(all.map(({ process }) => process.ended));
    },
    refused,
    close: () => clearInterval(measuring),
  };
}
