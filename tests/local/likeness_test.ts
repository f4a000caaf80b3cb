/** What a function finds in the functions' host: supabase/edge-runtime, and not Deno. */
import { assertEquals, assertMatch } from "@std/assert";
import { withHost } from "./isolates.ts";

/** What the expression is worth inside of a function, by its requests or as it starts. */
async function inside(expression: string, when: "start" | "request" = "request") {
  const code = `
    const look = async () => {
      try { return { value: await (${expression}) }; }
      catch ({ name, message }) { return { error: name + ": " + message }; }
    };
    const started = ${when === "start" ? "look()" : "undefined"};
    export default { fetch: async () => Response.json(await (started ?? look())) };`;
  let found: { value?: unknown; error?: string } = {};
  await withHost(code, async ({ ask }) => {
    found = await (await ask()).json();
  });
  if (found.error) throw new Error(found.error);
  return found.value;
}

Deno.test("what the edge runtime lacks is missing", async () => {
  const names = [
    ...[
      "Worker",
      "Cache",
      "CacheStorage",
      "EventSource",
      "GPU",
      "GPUDevice",
      "Location",
      "location",
    ],
    ...[
      "alert",
      "confirm",
      "prompt",
      "Storage",
      "localStorage",
      "sessionStorage",
      "close",
      "closed",
    ],
    ...["name", "Float16Array", "Temporal", "BroadcastChannel", "DisposableStack"],
  ];
  const missing = `${JSON.stringify(names)}.filter((name) => name in globalThis)`;
  assertEquals(await inside(missing), []);
  const members = [
    ...["run", "inspect", "HttpClient", "listenTls", "test", "bench", "dlopen", "exitCode", "ppid"],
    ...["umask", "watchFs", "noColor", "internal", "jupyter", "openKv", "cron"],
  ];
  assertEquals(await inside(`${JSON.stringify(members)}.filter((name) => name in Deno)`), []);
  assertEquals(await inside(`"NotCapable" in Deno.errors`), false);
});

Deno.test("performance.timeOrigin is undefined, and performance.now counts", async () => {
  assertEquals(
    await inside(
      `[typeof performance.timeOrigin, "timeOrigin" in performance, performance.now() > 0]`,
    ),
    ["undefined", true, true],
  );
});

Deno.test("what the edge runtime adds is there", async () => {
  assertEquals(
    await inside(`[
      window === globalThis, SharedArrayBuffer === ArrayBuffer, SUPABASE_VERSION, DENO_VERSION,
      Object.keys(EdgeRuntime), typeof Deno.errors.RateLimitError, navigator.hardwareConcurrency,
    ]`),
    [true, true, "1.74.0", "2.1.4", ["waitUntil"], "function", 1],
  );
  assertEquals(
    await inside("Deno.version.deno"),
    "supabase-edge-runtime-1.74.0 (compatible with Deno v2.1.4)",
  );
  assertMatch(String(await inside(`Deno.env.get("SB_EXECUTION_ID")`)), /^[\da-f-]{36}$/);
});

Deno.test("calls that would end or signal a process do nothing", async () => {
  const calls = `[
    Deno.exit(1), Deno.kill(Deno.pid, "SIGKILL"), Deno.addSignalListener("SIGINT", () => {}),
    Deno.removeSignalListener("SIGINT", () => {}),
  ].length`;
  assertEquals(await inside(calls), 4);
});

const refused = (expression: string) =>
  inside(expression).then(() => "", (error) => (error as Error).message);

Deno.test("files are read at once while the function starts, and never afterwards", async () => {
  const read = `Deno.readTextFileSync(new URL("deno.json", import.meta.url))`;
  assertEquals(await inside(read, "start"), "{}");
  assertEquals(
    await refused(read),
    "PermissionDenied: Deno.readTextFileSync is blocklisted on the current context",
  );
  // The start is over as soon as something is waited for.
  assertEquals(await inside(`Deno.readTextFile(new URL("deno.json", import.meta.url))`), "{}");
  assertEquals(
    await refused(`Deno.renameSync("a", "b")`),
    "PermissionDenied: Deno.renameSync is blocklisted",
  );
});

Deno.test("no subprocess is started", async () => {
  assertEquals(
    await refused(`new Deno.Command("true").output()`),
    "Error: Spawning subprocesses is not allowed on Supabase Edge Runtime.",
  );
});

/** Hands the body of an answer on, as the function hands a recording to Gemini. */
const PASSING = `
export default {
  async fetch(request) {
    const address = new URL(request.url).searchParams.get("to");
    try {
      const { body } = await fetch(address);
      return await fetch(address, { method: "POST", body, headers: { mine: "kept" } });
    } catch ({ name, retryAfterMs }) {
      return Response.json({ name, retryAfterMs });
    }
  },
};`;

/** Gives 10,000 bytes, and tells the headers of what it is sent. */
async function withEcho(run: (url: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
    if (request.method === "GET") return new Response(new Uint8Array(10_000));
    const { byteLength } = await request.arrayBuffer();
    return Response.json({ byteLength, ...Object.fromEntries(request.headers) });
  });
  try {
    await run(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("with tracing on a request carries a traceparent, and a body its length", async () => {
  await withEcho(async (url) => {
    await withHost(PASSING, async ({ ask }) => {
      const told = await (await ask(`/?to=${url}`)).json();
      assertEquals([told.byteLength, told["content-length"], told.mine], [10_000, "10000", "kept"]);
      assertMatch(told.traceparent, /^00-[\da-f]{32}-[\da-f]{16}-01$/);
    }, { traced: true });
    await withHost(PASSING, async ({ ask }) => {
      const told = await (await ask(`/?to=${url}`)).json();
      assertEquals([told["content-length"], told.traceparent], ["10000", undefined]);
    });
  });
});

Deno.test("the host's outbound limit refuses requests with an error of its own", async () => {
  await withEcho(async (url) => {
    await withHost(PASSING, async ({ host, ask }) => {
      await host.refuse({ matches: "^http://127", times: 1 });
      const limited = { name: "RateLimitError", retryAfterMs: 60_000 };
      assertEquals(await (await ask(`/?to=${url}`)).json(), limited);
      assertEquals(host.refused, [url]);
      assertEquals((await (await ask(`/?to=${url}`)).json()).byteLength, 10_000);
    });
  });
});
