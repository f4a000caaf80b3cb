/**
 * A stand-in for the host of edge functions: runs one in isolates, processes of their own, which live
 * and die as hosted ones do, and passes requests on to the one in charge. One that has used half of what
 * it may takes no more (limits.ts): the next request starts another.
 */
import type { Refusals } from "./likeness/outbound.ts";
import type { Reason } from "./limits.ts";
import { createPool, type Isolate, type PoolOptions } from "./pool.ts";
import type { Order } from "./wire.ts";

/** What became of an isolate. */
export interface Life {
  pid: number;
  /** CPU time of its function until now or its end, in milliseconds. */
  cpuMs: number;
  /** The most that it was seen to hold, in MiB. */
  memoryMb: number;
  /** The reasons of each `beforeunload` that it heard. */
  unloads: string[];
  /** The limit that killed it. */
  endedBy?: Reason;
}

export interface FunctionsHost {
  /** The Deno that runs it, e.g. `Deno 2.1.4`. */
  version: string;
  /** Where it is served, at `/{name of the function}`; rejects when no isolate starts. */
  url(): Promise<string>;
  /** Process ids of the isolates that live. */
  pids(): number[];
  /** Of all isolates that were started, in their order. */
  lives(): Life[];
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

/** As the platform says it (docs, guides/troubleshooting/edge-function-546-error-response). */
const EXCEEDED = "Function failed due to not having enough compute resources (please check logs)";

export async function startFunctionsHost(options: PoolOptions): Promise<FunctionsHost> {
  const pool = createPool(options);
  // A connection is used once: the function's server may close it when a body was left unread.
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });

  async function pass(request: Request, info: Deno.ServeHandlerInfo): Promise<Response> {
    const isolate = await pool.inCharge().catch(() => undefined);
    if (!isolate) return unavailable(503, "BOOT_ERROR", "The function failed to start");
    const answered = info.completed.catch(() => {});
    pool.count(isolate, answered);
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
      return await diedOf(isolate, answered);
    }
  }

  const stopping = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: stopping.signal },
    pass,
  );
  async function stop(): Promise<void> {
    await pool.end(({ process }) => process.close());
    pool.close();
    stopping.abort();
    await server.finished;
    client.close();
  }
  async function tellAll(order: Order): Promise<void> {
    await Promise.all([...pool.living].map(({ process }) => process.tell(order)));
  }

  try {
    const { version } = await pool.inCharge();
    return {
      version,
      async url() {
        await pool.inCharge();
        return `http://127.0.0.1:${server.addr.port}`;
      },
      pids: () => [...pool.living].map(({ process }) => process.pid),
      lives: () =>
        pool.started.map(({ process, unloads, endedBy }) => ({
          pid: process.pid,
          cpuMs: process.cpuMs(),
          memoryMb: process.memoryMb(),
          unloads,
          endedBy,
        })),
      kill: (signal) =>
        pool.end((isolate) => {
          isolate.killed = true;
          isolate.process.kill(signal);
        }),
      async unload(reason) {
        const told = [...pool.living];
        await tellAll({ unload: reason });
        told.forEach((isolate) => isolate.retired = true);
      },
      refuse: (refuse) => tellAll({ refuse }),
      refused: pool.refused,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What is answered for an isolate that broke off; `answered` when the caller is gone before it is. */
async function diedOf(isolate: Isolate, answered: Promise<unknown>): Promise<Response> {
  const signal = await Promise.race([isolate.process.ended, answered.then(() => null)]);
  // A limit kills; so does V8 when the heap is full.
  return signal !== null && !isolate.killed
    ? unavailable(546, "WORKER_LIMIT", EXCEEDED)
    : unavailable(502, "BAD_GATEWAY", "The function could not be reached");
}

function unavailable(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
