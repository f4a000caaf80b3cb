/** The functions' host: isolates that live and die as hosted ones do. */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type FunctionsHost, startFunctionsHost } from "../../local/stand_ins/functions/host.ts";

/** A function that says who it is, what it was given, and when it hears that it will be unloaded. */
const FUNCTION = `
addEventListener("beforeunload", (event) => console.log("unload " + event.detail.reason));
export default {
  fetch: (request) => {
    EdgeRuntime.waitUntil(Promise.resolve());
    return Response.json({
      pid: Deno.pid,
      path: new URL(request.url).pathname,
      given: Deno.env.get("GIVEN"),
      key: Deno.env.get("GOOGLE_OF_THE_TESTER") ?? null,
    });
  },
};`;

interface Scene {
  host: FunctionsHost;
  lines: string[];
  ask(): Promise<{ pid: number; path: string; given: string; key: string | null }>;
  said(line: string): Promise<void>;
}

async function withHost(
  code: string,
  wallClockSeconds: number,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/index.ts`, code);
  await Deno.writeTextFile(`${dir}/deno.json`, "{}");
  const lines: string[] = [];
  const waiting = new Map<string, () => void>();
  try {
    const host = await startFunctionsHost({
      entrypoint: `${dir}/index.ts`,
      deno: Deno.execPath(),
      env: { GIVEN: "this" },
      wallClockSeconds,
      onLine: (line) => {
        lines.push(line);
        waiting.get(line)?.();
      },
    });
    const said = (line: string) =>
      new Promise<void>((resolve) => {
        if (lines.includes(line)) resolve();
        else waiting.set(line, resolve);
      });
    const ask = async () => await (await fetch(`${await host.url()}/name/path`)).json();
    try {
      await run({ host, lines, ask, said });
    } finally {
      await host.stop();
      assertEquals(host.pids(), []);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a function runs in a process of its own, with its own settings alone", async () => {
  Deno.env.set("GOOGLE_OF_THE_TESTER", "not for the function");
  try {
    await withHost(FUNCTION, 400, async ({ ask }) => {
      const { pid, path, given, key } = await ask();
      assertNotEquals(pid, Deno.pid);
      assertEquals([path, given, key], ["/name/path", "this", null]);
      assertEquals((await ask()).pid, pid);
    });
  } finally {
    Deno.env.delete("GOOGLE_OF_THE_TESTER");
  }
});

Deno.test("after a kill -9 the next request is served by a new isolate", async () => {
  await withHost(FUNCTION, 400, async ({ host, ask }) => {
    const { pid } = await ask();
    await host.kill("SIGKILL");
    assertEquals(host.pids(), []);
    assertNotEquals((await ask()).pid, pid);
  });
});

Deno.test("an isolate hears why it is unloaded, and takes no more requests", async () => {
  await withHost(FUNCTION, 400, async ({ host, ask, said }) => {
    const { pid } = await ask();
    await host.unload("memory");
    await said("unload memory");
    assertNotEquals((await ask()).pid, pid);
  });
});

Deno.test("an isolate is retired, unloaded and ended by its wall clock", async () => {
  await withHost(FUNCTION, 0.5, async ({ host, ask, said }) => {
    const { pid } = await ask();
    await said("unload wall_clock");
    assertNotEquals((await ask()).pid, pid);
    while (host.pids().includes(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

Deno.test("a function that can't start says why", async () => {
  await assertRejects(
    () => withHost('throw new Error("a setting is missing");', 400, () => Promise.resolve()),
    Error,
    "a setting is missing",
  );
});
