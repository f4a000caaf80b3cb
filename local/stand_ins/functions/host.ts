/**
 * A stand-in for the host of edge functions: runs one in a process of its own, which lives and dies
 * as a hosted isolate does. It takes requests for half of its wall clock, then a new one takes over;
 * it hears `beforeunload` at 90 % and is killed at the end.
 */
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface FunctionsHost {
  /** The Deno that runs it, e.g. `Deno 2.1.4`. */
  version: string;
  /** Where the isolate in charge serves, at `/{name of the function}`; rejects when none starts. */
  url(): Promise<string>;
  /** Process ids of the isolates that live. */
  pids(): number[];
  /** Sends the isolates a signal and waits until they are gone; the next request starts another. */
  kill(signal: Deno.Signal): Promise<void>;
  /** Tells the isolates that they will be unloaded; the next request starts another. */
  unload(reason: string): Promise<void>;
  stop(): Promise<void>;
}

interface Isolate {
  url: string;
  version: string;
  process: Deno.ChildProcess;
  stdin: WritableStreamDefaultWriter<Uint8Array>;
  retired: boolean;
}

interface FunctionsHostOptions {
  /** Path of the function's `index.ts`. */
  entrypoint: string;
  /** Import map that replaces the function's own `deno.json`. */
  importMap?: string;
  /** The Deno that runs it. */
  deno: string;
  /** The function's whole environment, beside what Deno itself needs. */
  env: Record<string, string>;
  wallClockSeconds: number;
  /** One line that the function printed. */
  onLine: (line: string) => void;
  onStart?: (pid: number) => void;
}

/** Hosted functions have 256 MB. */
const MEMORY_MB = 256;

export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const isolates = new Set<Isolate>();
  let current: Promise<Isolate> | undefined;

  async function start(): Promise<Isolate> {
    const isolate = await startIsolate(options);
    isolates.add(isolate);
    const { process } = isolate;
    options.onStart?.(process.pid);
    const wallClock = options.wallClockSeconds * 1000;
    const timers = [
      setTimeout(() => isolate.retired = true, wallClock * 0.5),
      setTimeout(() => tell(isolate, "wall_clock"), wallClock * 0.9),
      setTimeout(() => process.kill("SIGKILL"), wallClock),
    ];
    process.status.then(() => {
      timers.forEach(clearTimeout);
      isolate.retired = true;
      isolates.delete(isolate);
    });
    return isolate;
  }

  async function inCharge(): Promise<Isolate> {
    if (!current || (await current).retired) current = start();
    current.catch(() => current = undefined);
    return await current;
  }

  async function all(act: (isolate: Isolate) => void): Promise<void> {
    const living = [...isolates];
    living.forEach((isolate) => {
      isolate.retired = true;
      act(isolate);
    });
    await Promise.all(living.map(({ process }) => process.status));
  }

  const { version } = await inCharge();
  return {
    version,
    url: async () => (await inCharge()).url,
    pids: () => [...isolates].map(({ process }) => process.pid),
    kill: (signal) => all(({ process }) => process.kill(signal)),
    unload: async (reason) => {
      const living = [...isolates];
      await Promise.all(living.map((isolate) => tell(isolate, reason)));
      living.forEach((isolate) => isolate.retired = true);
    },
    stop: () => all(({ stdin }) => void stdin.close().catch(() => {})),
  };
}

async function tell(isolate: Isolate, reason: string): Promise<void> {
  await isolate.stdin.write(new TextEncoder().encode(`${reason}\n`)).catch(() => {});
}

/** The first line that an isolate prints. */
interface Serving {
  port: number;
  version: string;
}

const ENTRY = fileURLToPath(new URL("./isolate.ts", import.meta.url));

/** Starts a process and waits until it serves. Throws what it said when it can't. */
async function startIsolate(options: FunctionsHostOptions): Promise<Isolate> {
  const imports = options.importMap
    ? ["--no-config", `--import-map=${options.importMap}`]
    : ["--config", join(dirname(options.entrypoint), "deno.json")];
  const process = new Deno.Command(options.deno, {
    args: [
      "run",
      "-A",
      "--no-lock",
      ...imports,
      `--v8-flags=--max-old-space-size=${MEMORY_MB}`,
      ENTRY,
      options.entrypoint,
    ],
    clearEnv: true,
    env: { ...denoEnvironment(), ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said: string[] = [];
  const complaints = read(process.stderr, (line) => {
    said.push(line);
    options.onLine(line);
  });
  const { port, version } = await new Promise<Serving>((resolve, reject) => {
    read(process.stdout, (line) => {
      if (line.startsWith('{"port":')) resolve(JSON.parse(line));
      else options.onLine(line);
    });
    process.status.then(async ({ code }) => {
      await complaints;
      reject(new Error(`The function did not start (exit ${code}):\n${said.join("\n")}`));
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    version: `Deno ${version}`,
    process,
    stdin: process.stdin.getWriter(),
    retired: false,
  };
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
