/**
 * A fresh isolate that gets a hint, in a process of its own: says what its thread's CPU was when the
 * hint was answered, and goes on with the work until somebody ends it.
 */
import { pathToFileURL } from "node:url";

const [entrypoint] = Deno.args;

Object.assign(globalThis, { EdgeRuntime: { waitUntil: () => {} } });

const { default: edgeFunction } = await import(pathToFileURL(entrypoint).href);
const answer = await edgeFunction.fetch(
  new Request("http://localhost/generate-summary", {
    method: "POST",
    headers: { apikey: "key", "content-type": "application/json" },
    body: JSON.stringify({ summary_id: crypto.randomUUID() }),
  }),
);
await answer.body?.cancel();
const stat = await Deno.readTextFile(`/proc/self/task/${Deno.pid}/schedstat`);
console.log(JSON.stringify({ status: answer.status, cpu: Number(stat.split(" ")[0]) / 1e6 }));
