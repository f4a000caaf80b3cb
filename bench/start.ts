/** Until an isolate of the function serves and has answered, against a function that does nothing. */
import { startFunctionsHost } from "../local/stand_ins/functions/host.ts";
import { functionImportMap } from "../local/import_map.ts";
import { bothDenos, compare, here, type Report } from "./measure.ts";
import { benchStartCpu } from "./start_cpu.ts";

const ROUNDS = 5;

export async function benchStart(report: Report): Promise<void> {
  const denos = await bothDenos();
  const walls = denos.map(() => ({ version: "", ours: [] as Wall[], empty: [] as Wall[] }));
  // The first round fills caches.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, deno] of denos.entries()) {
      const { version, ...ours } = await start(
        deno,
        here("../supabase/functions/generate-summary/index.ts"),
      );
      const empty = await start(deno, here("empty_function.ts"));
      walls[at].version = version;
      if (round === 0) continue;
      walls[at].ours.push(ours);
      walls[at].empty.push(empty);
    }
  }
  for (const [at, { version, ours, empty }] of walls.entries()) {
    await benchStartCpu(denos[at], version, report);
    const of = (list: Wall[], key: keyof Wall) => list.map((wall) => wall[key]);
    const line = { measure: "ms", than: "an empty function" };
    report(compare(
      { what: `start until it serves, ${version}`, ...line },
      of(ours, "serving"),
      of(empty, "serving"),
    ));
    report(compare(
      { what: `its first answer, ${version}`, ...line },
      of(ours, "answer"),
      of(empty, "answer"),
    ));
  }
}

/** Milliseconds. */
interface Wall {
  /** A process is started and the function imported. */
  serving: number;
  /** Then one request is answered. */
  answer: number;
}

async function start(deno: string, entrypoint: string): Promise<Wall & { version: string }> {
  const began = performance.now();
  const host = await startFunctionsHost({
    entrypoint,
    importMap: functionImportMap,
    deno,
    env: { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEYS: '{"default":"key"}' },
    wallClockSeconds: 400,
    onLine: () => {},
  });
  const serving = performance.now() - began;
  // Without a credential it is refused, after all that stands before that.
  const request = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
  const url = `${await host.url()}/generate-summary`;
  const asked = performance.now();
  await (await fetch(url, request)).body?.cancel();
  const answer = performance.now() - asked;
  await host.stop();
  return { version: host.version, serving, answer };
}
