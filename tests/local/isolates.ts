/** A functions' host with a function that a test writes. */
import { assertEquals } from "@std/assert";
import { type FunctionsHost, startFunctionsHost } from "../../local/stand_ins/functions/host.ts";

export interface Scene {
  host: FunctionsHost;
  lines: string[];
  ask(path?: string): Promise<Response>;
  /** Waits for a line that the function prints. */
  said(line: string): Promise<void>;
  /** Waits until none but these isolates live. */
  left(pids: number[]): Promise<void>;
}

interface HostOptions {
  wallClockSeconds?: number;
  traced?: boolean;
}

/** Serves `code` as an `index.ts` on the hosted limits, where not said otherwise. */
export async function withHost(
  code: string,
  run: (scene: Scene) => Promise<void>,
  { wallClockSeconds = 400, traced }: HostOptions = {},
): Promise<void> {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/index.ts`, code);
  await Deno.writeTextFile(`${dir}/deno.json`, "{}");
  const lines: string[] = [];
  const waiting = new Map<string, () => void>();
  try {
    const host = await startFunctionsHost({
      entrypoint: `${dir}/index.ts`,
      deno: Deno.env.get("EDGE_DENO") || Deno.execPath(),
      env: { GIVEN: "this" },
      wallClockSeconds,
      traced,
      onLine: (line) => {
        lines.push(line);
        waiting.get(line)?.();
      },
    });
    const scene: Scene = {
      host,
      lines,
      ask: async (path = "/") => await fetch(`${await host.url()}/name${path}`),
      said: (line) =>
        new Promise<void>((resolve) => {
          if (lines.includes(line)) resolve();
          else waiting.set(line, resolve);
        }),
      async left(pids) {
        while (host.pids().some((pid) => !pids.includes(pid))) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    };
    try {
      await run(scene);
    } finally {
      await host.stop();
      assertEquals(host.pids(), []);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
