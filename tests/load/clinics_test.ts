/**
 * Thousands of summaries of fifty clinics through the function and its hints, on the hosted limits, with
 * isolates killed on the way: two thousand, or as many as the variable SUMMARIES says. Without a second
 * reader: this is about the queue.
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { startStack } from "../../local/stack/stack.ts";
import { doubled, mostInFlight, queue, retaken, work } from "./whole_queue.ts";

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const CLINICS = 50;
const TOTAL = Number(Deno.env.get("SUMMARIES") ?? 2000);
/** Of each clinic but the first, which has the rest, and whose come first. */
const FEW = TOTAL / 100;
const IN_FLIGHT = 20;
const KILLS = 3;
const KILL_EVERY_MS = 15_000;

Deno.test({
  name:
    "thousands of summaries go through the function, each once and in fair order, whatever is killed",
  // CPU time is counted on Linux alone.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const stack = await startStack({ env: { VERIFY_MODEL: "off" } });
    const { sql, functions } = stack;
    let killing: ReturnType<typeof setInterval> | undefined;
    try {
      const sizes = [TOTAL - (CLINICS - 1) * FEW, ...Array(CLINICS - 1).fill(FEW)];
      // Small: this is about the queue.
      const recorded = pathOf("../function/media/sound.webm");
      const queued = await queue(stack, TOTAL, sizes, recorded);
      let kills = 0;
      killing = setInterval(() => {
        if (kills++ < KILLS) void functions.kill("SIGKILL");
      }, KILL_EVERY_MS);
      const { seconds, hints, calls, isolates } = await work(stack, queued, { cap: IN_FLIGHT });

      const states = await sql`select status, count(*)::int from public.summaries group by 1`;
      assertEquals([...states], [{ status: "completed", count: TOTAL }]);
      const twice = await doubled(stack);
      assertEquals(twice, 0);
      const most = await mostInFlight(stack);
      assert(most <= IN_FLIGHT, `${most} in flight`);
      // The place of the others' last one in the order of first claims.
      const [{ last }] = await sql`
        with claims as (
          select clinic_id, row_number() over (order by min(at)) as place
          from public.summary_events where detail ->> 'to' = 'processing'
          group by clinic_id, summary_id
        ), sizes as (select clinic_id, count(*) as size from claims group by clinic_id)
        select max(place)::int as last from claims join sizes using (clinic_id) where size = ${FEW}`;
      assert(last <= CLINICS * FEW + 2 * CLINICS, `the others waited until place ${last}`);
      const again = await retaken(stack, queued.clinics);
      assert(again > 0, "no kill met a summary");
      const all = [...calls.values()].reduce((sum, count) => sum + count, 0);
      console.log(
        `${TOTAL} summaries, ${CLINICS} clinics (one has ${sizes[0]}), ${IN_FLIGHT} at once: ` +
          `${seconds.toFixed(0)} s, ${(TOTAL / seconds).toFixed(1)} a second; doubled ${twice}; ` +
          `at most ${most} in flight; the other clinics' last was claimed at place ${last}; ` +
          `${isolates} isolates, ${KILLS} killed, ${again} summaries taken back; ` +
          `${(hints / TOTAL).toFixed(2)} hints and ${(all / TOTAL).toFixed(2)} calls a summary`,
      );
    } finally {
      clearInterval(killing);
      await stack.stop();
    }
  },
});
