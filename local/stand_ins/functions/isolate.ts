/**
 * One isolate of the functions' host, as a process: imports the function whose `index.ts` is named
 * by the first argument into the edge runtime's likeness, and serves it. Lines on standard input are
 * the host's orders; the end of it is the isolate's own end, so that nothing is left when the process
 * that started it dies.
 */
import { edgeDeno } from "./likeness/deno.ts";
import { becomeEdgeRuntime } from "./likeness/globals.ts";
import { createOutbound } from "./likeness/outbound.ts";
import { createWaiting } from "./likeness/wait_until.ts";
import { mark, type Order, type Report } from "./wire.ts";

/** How often memory is looked at (`ALLOC_CHECK_DUR` of crates/base/src/runtime/mod.rs). */
const MEMORY_CHECK_MS = 1000;

const { memoryUsage, readTextFileSync, serve, exit, stdin, stdout, unrefTimer, version } = Deno;
const [entrypoint, traced] = Deno.args;

const report = (report: Report) => stdout.writeSync(mark(report));
const outbound = createOutbound(fetch, {
  traced: traced === "traced",
  onRefused: (refused) => report({ refused }),
});
const waiting = createWaiting();
let starting = false;
becomeEdgeRuntime({
  fetch: outbound.fetch,
  waitUntil: waiting.waitUntil,
  deno: edgeDeno(Deno, { mainModule: entrypoint, starting: () => starting }),
});

/** Called when all modules are loaded, before the first is evaluated: from here on CPU counts. */
Object.defineProperty(globalThis, Symbol.for("isolate.begin"), {
  value() {
    starting = true;
    // Modules are evaluated without a pause until the first one awaits something.
    queueMicrotask(() => starting = false);
    report({ began: { cpuMs: cpuMs() } });
  },
});
const source = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
const begin = source(`globalThis[Symbol.for("isolate.begin")]();`);
const { edgeFunction } = await import(
  source(
    `import ${JSON.stringify(begin)}; export * as edgeFunction from ${JSON.stringify(entrypoint)};`,
  )
);

const server = serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => report({ serving: { port, version: version.deno } }),
}, (request) => edgeFunction.default.fetch(request));

unrefTimer(setInterval(() => {
  const { heapUsed, external } = memoryUsage();
  report({ memory: heapUsed + external });
}, MEMORY_CHECK_MS));

function unload(reason: string): void {
  report({ unloaded: reason });
  dispatchEvent(new CustomEvent("beforeunload", { cancelable: true, detail: { reason } }));
}

let rest = "";
for await (const text of stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    const order: Order = JSON.parse(line);
    if (order.refuse) outbound.refuse(order.refuse);
    if (order.unload) unload(order.unload);
    if (order.drain) dispatchEvent(new Event("drain"));
    if (order.drop) {
      waiting.whenIdle(() => {
        unload("early_drop");
        exit(0);
      });
    }
  }
}
await server.shutdown();
exit(0);

/** Of the thread that runs the function, as the source counts it; 0 where that can't be known. */
function cpuMs(): number {
  try {
    return Number(readTextFileSync("/proc/self/schedstat").split(" ")[0]) / 1e6;
  } catch {
    return 0;
  }
}
