/**
 * One isolate of the functions' host, as a process: imports the function whose `index.ts` is named
 * by the first argument, serves it, and has what the edge runtime adds to Deno. Says its port in
 * the first line that it prints; each further line is the function's own. A line on standard input
 * is the reason of a `beforeunload`; the end of standard input is its own end, so that nothing is
 * left when the process that started it dies.
 */
import { pathToFileURL } from "node:url";

const [entrypoint] = Deno.args;

Object.assign(globalThis, {
  EdgeRuntime: {
    // Keeps an isolate from being dropped early; this one is dropped only when its time is up.
    waitUntil: (work: Promise<unknown>) => void work.catch((error) => console.error(error)),
  },
});

const { default: edgeFunction } = await import(pathToFileURL(entrypoint).href);

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port, version: Deno.version.deno })),
}, (request) => edgeFunction.fetch(request));

const reasons = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const reason of reasons) {
  // Plain Deno's event has no detail.
  dispatchEvent(new CustomEvent("beforeunload", { detail: { reason: reason.trim() } }));
}
await server.shutdown();
Deno.exit(0);
