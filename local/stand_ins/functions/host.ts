/**
 * A stand-in for the host of edge functions: runs one in isolates, processes of their own, which live
 * and die as hosted ones do (limits.ts), and passes requests on to the one in charge. One that has used
 * half of what it may takes no more: the next request starts another.
 */
import { HOSTED, type Limits, type Reason } from "./limits.ts";
import type { Refusals } from "./likeness/outbound.ts";
import { type IsolateOptions, type IsolateProcess, startProcess } from "./process.ts";

export interface FunctionsHost {
  /** The Deno that runs it, e.g. `Deno 2.1.4`. */
  version: string;
  /** Where it is served, at `/{name of the function}`; rejects when no isolate starts. */
  url(): Promise<string>;
  /** Process ids of the isolates that live. */
  pids(): number[];
  /** Sends the isolates a signal and waits until they are gone; the next request starts another. */
  kill(signal: Deno.Signal): Promise<void>;
  /** Tells the isolates that they will be unloaded; the next request starts another. */
  unload(reason: string): Promise<void>;
  /** The outbound limit: the isolates' next requests to such an address are refused. */
  refuse(refusals: Refusals): Promise<void>;
  /** Addresses of the requests that were refused. */
  refused: string[];
  stop(): Promise<void>;
}

interface FunctionsHostOptions extends IsolateOptions, Partial<Limits> {
  wallClockSeconds: number;
  onStart?: (pid: number) => void;
}

interface Isolate {
  process: IsolateProcess;
  url: string;
  version: string;
  retired: boolean;
  /** Retired since it had used half: goes once it has nothing to do. */
  spent: boolean;
  /** Requests that are not answered to their end. */
  open: number;
  /** What it was killed for; `asked` by whoever holds the host. */
  ending?: Reason | "asked";
}

/** How often it is looked at what the isolates have used. */
const MEASURE_MS = 20;

/** As the platform says it (docs, guides/troubleshooting/edge-function-546-error-response). */
const EXCEEDED = "Function failed due to not having enough compute resources (please check logs)";

export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const limits: Limits = { ...HOSTED, ...options };
  const isolates = new Set<Isolate>();
  const refused: string[] = [];
  let current: Promise<Isolate> | undefined;

  async function start(): Promise<Isolate> {
    const isolate: Omit<Isolate, "process"> = {
      url: "",
      version: "",
      retired: false,
      spent: false,
      open: 0,
    };
    const process = startProcess(options, limits, {
      retire() {
        isolate.retired = isolate.spent = true;
        if (living.url) dropIfIdle(living);
      },
      refused: (url) => refused.push(url),
      unload: (reason) => void process.tell({ unload: reason }),
      end(reason) {
        isolate.ending = reason;
        process.kill("SIGKILL");
      },
    });
    const living: Isolate = Object.assign(isolate, { process });
    isolates.add(living);
    options.onStart?.(process.pid);
    process.ended.then(() => {
      living.retired = true;
      isolates.delete(living);
    });
    return Object.assign(living, await process.serving);
  }

  /** The isolate for a request that comes now. */
  async function inCharge(): Promise<Isolate> {
    while (true) {
      if (!current) {
        const starting = current = start();
        starting.catch(() => current = undefined);
        // The one that a request started takes it, even if its start has used half already.
        return await starting;
      }
      const found = current;
      const isolate = await found;
      if (!isolate.retired) return isolate;
      dropIfIdle(isolate);
      if (current === found) current = undefined;
    }
  }

  function dropIfIdle(isolate: Isolate): void {
    if (!isolate.spent || isolate.open > 0) return;
    isolate.spent = false;
    void isolate.process.tell({ drop: true });
  }

  async function pass(request: Request, info: Deno.ServeHandlerInfo): Promise<Response> {
    const isolate = await inCharge().catch(() => undefined);
    if (!isolate) return unavailable(503, "BOOT_ERROR", "The function failed to start");
    isolate.open++;
    const answered = info.completed.catch(() => {});
    answered.then(() => {
      isolate.open--;
      dropIfIdle(isolate);
    });
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete("host");
    // The answer is passed on as it comes, with its length.
    headers.set("accept-encoding", "identity");
    try {
      return await fetch(`${isolate.url}${pathname}${search}`, {
        method: request.method,
        headers,
        body: request.body,
        redirect: "manual",
        client,
      });
    } catch {
      const signal = await Promise.race([isolate.process.ended, answered.then(() => null)]);
      const crashed = signal !== null && isolate.ending !== "asked";
      return crashed
        ? unavailable(546, "WORKER_LIMIT", EXCEEDED)
        : unavailable(502, "BAD_GATEWAY", "The function could not be reached");
    }
  }

  async function all(act: (isolate: Isolate) => void): Promise<void> {
    const living = [...isolates];
    living.forEach((isolate) => {
      isolate.retired = true;
      act(isolate);
    });
    await Promise.all(living.map(({ process }) => process.ended));
  }

  // A connection is used once: the function's server may close it when a body was left unread.
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const measuring = setInterval(
    () => isolates.forEach(({ process }) => process.measure()),
    MEASURE_MS,
  );
  const stopping = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: stopping.signal },
    pass,
  );
  async function stop(): Promise<void> {
    await all(({ process }) => process.close());
    clearInterval(measuring);
    stopping.abort();
    await server.finished;
    client.close();
  }

  try {
    const { version } = await inCharge();
    return {
      version,
      async url() {
        await inCharge();
        return `http://127.0.0.1:${server.addr.port}`;
      },
      pids: () => [...isolates].map(({ process }) => process.pid),
      kill: (signal) =>
        all((isolate) => {
          isolate.ending = "asked";
          isolate.process.kill(signal);
        }),
      async unload(reason) {
        const living = [...isolates];
        await Promise.all(living.map(({ process }) => process.tell({ unload: reason })));
        living.forEach((isolate) => isolate.retired = true);
      },
      refuse: async (refusals) => {
        await Promise.all([...isolates].map(({ process }) => process.tell({ refuse: refusals })));
      },
      refused,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function unavailable(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
