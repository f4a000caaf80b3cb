/** A command of local/, as a process of its own. */
import { fileURLToPath } from "node:url";
import { importArgs } from "../../local/import_map.ts";

const COMMANDS = fileURLToPath(new URL("../../local/commands/", import.meta.url));

export interface Running {
  pid: number;
  /** Resolves with the first group of what is printed, once it is. */
  printed(wanted: RegExp): Promise<string>;
  /** All that it has printed until now. */
  said(): string;
  kill(signal: Deno.Signal): void;
  /** Its exit code. */
  ended: Promise<number>;
}

/** With the imports that the tests run with; `fail` and the like are its arguments. */
export function start(name: string, args: string[], env: Record<string, string> = {}): Running {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...importArgs, `${COMMANDS}${name}.ts`, ...args],
    env: { GEMINI_API_KEY: "", GOOGLE_CLOUD_KEY: "", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  let heard = () => {};
  let over = false;
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said += text;
      heard();
    }
  };
  const ended = Promise.all([process.status, read(process.stdout), read(process.stderr)])
    .then(([{ code }]) => {
      over = true;
      heard();
      return code;
    });
  return {
    pid: process.pid,
    async printed(wanted) {
      for (;;) {
        const found = wanted.exec(said);
        if (found) return found[1] ?? found[0];
        if (over) throw new Error(`It ended after:\n${said}`);
        await new Promise<void>((resolve) => heard = resolve);
      }
    },
    said: () => said,
    kill(signal) {
      try {
        process.kill(signal);
      } catch {
        // It has ended.
      }
    },
    ended,
  };
}

export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
