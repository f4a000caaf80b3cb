/** The process of one isolate: its start, its orders, its end. */
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Consequences, cpuMsOf, createGauge, type Limits } from "./limits.ts";
import { type Order, parse, type Report } from "./wire.ts";

export interface IsolateOptions {
  /** Path of the function's `index.ts`. */
  entrypoint: string;
  /** Import map that replaces the function's own `deno.json`. */
  importMap?: string;
  /** The Deno that runs it. */
  deno: string;
  /** The function's whole environment, beside what Deno itself needs. */
  env: Record<string, string>;
  /** Each of its requests carries a `traceparent`, as with the host's tracing on. */
  traced?: boolean;
  /** One line that the function printed. */
  onLine: (line: string) => void;
}

/** What the host does as it hears of it. */
interface Events extends Consequences {
  unloaded(reason: string): void;
  refused(url: string): void;
}

export interface IsolateProcess {
  pid: number;
  /** Where it serves; rejects with what it said when it can't start. */
  serving: Promise<{ url: string; version: string }>;
  /** Resolves with the signal that ended it, null when it ended by itself. */
  ended: Promise<Deno.Signal | null>;
  tell(order: Order): Promise<void>;
  /** Looks at what it has used by now. */
  measure(): void;
  /** CPU time of its function until now or its end, in milliseconds. */
  cpuMs(): number;
  /** The most that its heap and what hangs on it were seen to hold, in MiB. */
  memoryMb(): number;
  kill(signal: Deno.Signal): void;
  /** Lets it answer what it was asked, and end. */
  close(): void;
}

const ENTRY = fileURLToPath(new URL("./isolate.ts", import.meta.url));

export function startProcess(
  options: IsolateOptions,
  limits: Limits,
  events: Events,
): IsolateProcess {
  const process = new Deno.Command(options.deno, {
    args: argumentsFor(options, limits),
    clearEnv: true,
    // Ctrl-C in a terminal is the host's to hear, which lets it answer what it was asked.
    detached: true,
    env: { ...denoEnvironment(), SB_EXECUTION_ID: crypto.randomUUID(), ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = process.stdin.getWriter();
  /** Set anew when the function begins: Deno's own start, slow on a busy machine, is not its time. */
  let started = Date.now();
  const gauges = {
    cpu: createGauge("cpu", limits.cpuMs, events),
    memory: createGauge("memory", limits.memoryMb * 2 ** 20, events),
    wallClock: createGauge("wall_clock", limits.wallClockSeconds * 1000, events),
  };
  /** CPU time that Deno itself had taken; until it is known, none is counted. */
  let cpuBefore: number | undefined;
  let used = 0;
  const cpuMs = () => {
    // 0 once it is gone.
    if (cpuBefore !== undefined) used = Math.max(used, cpuMsOf(process.pid) - cpuBefore);
    return used;
  };

  let memory = 0;
  const said: string[] = [];
  const complaints = read(process.stderr, (line) => {
    said.push(line);
    options.onLine(line);
  });
  const serving = Promise.withResolvers<{ url: string; version: string }>();
  const hear = ({ began, memory: bytes, unloaded, refused, serving: at }: Report) => {
    if (began) {
      cpuBefore = began.cpuMs;
      started = Date.now();
    }
    if (bytes) {
      memory = Math.max(memory, bytes);
      gauges.memory(bytes);
    }
    if (unloaded) events.unloaded(unloaded);
    if (refused) events.refused(refused);
    if (at) {
      serving.resolve({ url: `http://127.0.0.1:${at.port}`, version: `Deno ${at.version}` });
    }
  };
  read(process.stdout, (line) => {
    const report = parse(line);
    if (report) hear(report);
    else options.onLine(line);
  });
  process.status.then(async ({ code }) => {
    await complaints;
    serving.reject(new Error(`The function did not start (exit ${code}):\n${said.join("\n")}`));
  });

  return {
    pid: process.pid,
    serving: serving.promise,
    ended: process.status.then(({ signal }) => signal),
    tell: (order) =>
      stdin.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`)).catch(() => {}),
    measure() {
      gauges.wallClock(Date.now() - started);
      gauges.cpu(cpuMs());
    },
    cpuMs,
    memoryMb: () => memory / 2 ** 20,
    kill(signal) {
      try {
        process.kill(signal);
      } catch {
        // It is gone already.
      }
    },
    close: () => void stdin.close().catch(() => {}),
  };
}

function argumentsFor(
  { deno, entrypoint, importMap, traced }: IsolateOptions,
  { memoryMb }: Limits,
): string[] {
  const imports = importMap
    ? ["--no-config", `--import-map=${importMap}`]
    : ["--config", join(dirname(entrypoint), "deno.json")];
  return [
    "run",
    "-A",
    "--no-lock",
    // A request is aborted when its client goes, and not by its answer; 2.1.4 doesn't know that.
    ...deno === Deno.execPath() ? ["--unstable-no-legacy-abort"] : [],
    ...imports,
    `--v8-flags=--max-old-space-size=${memoryMb}`,
    ENTRY,
    pathToFileURL(entrypoint).href,
    traced ? "traced" : "",
  ];
}

/** This process's own, where Deno finds its cache and the registry, without the function's settings. */
function denoEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      !/^(SUPABASE|GEMINI|GOOGLE)_/.test(name)
    ),
  );
}

async function read(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void) {
  // deno-lint-ignore no-explicit-any -- Node's type of the same stream
  for await (const line of createInterface({ input: Readable.fromWeb(stream as any) })) {
    onLine(line);
  }
}
