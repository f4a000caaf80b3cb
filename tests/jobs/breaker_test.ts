/** The model's service answers nobody, or not this account: the queue is held, and nothing fails. */
import { assert, assertEquals } from "@std/assert";
import type { RequestFault } from "../../local/stand_ins/gemini/faults.ts";
import { REFUSALS } from "../../local/stand_ins/gemini/refusals.ts";
import { until } from "../database/platform.ts";
import { age, endPause } from "../database/worker_calls.ts";
import { assertNothingLeft, type Scene, withStack } from "../e2e/harness.ts";
import { goOn, queueHealth, quiet, statuses, toTheEnd, uploadMany } from "./many.ts";
import { ended, stopCron, sweep } from "./run.ts";

const test = withStack();

/** Of what passes it waits the least after this. */
const NOBODY = { status: 504 };
const DENIED = { refusal: REFUSALS.suspended() };

/** Whatever Gemini is asked about files and answers, from now on. */
function fail({ stack: { gemini } }: Scene, answer: object): void {
  for (const on of ["start", "bytes", "get", "count", "generate"] as const) {
    gemini!.fail({ on, ...answer, times: Infinity } as RequestFault);
  }
}

async function breaker({ stack }: Scene) {
  const [row] = await stack.sql`select reason, probes from summaries_private.breaker`;
  return row as { reason: string | null; probes: number };
}

async function waiting({ stack, clinic }: Scene) {
  const rows = await stack.sql`
    select s.status, s.waiting_for, s.error_code, j.fruitless
    from public.summaries s join summaries_private.summary_jobs j on j.summary_id = s.id
    where s.clinic_id = ${clinic.id}`;
  return [...rows] as {
    status: string;
    waiting_for: string;
    error_code: string;
    fruitless: number;
  }[];
}

/** What the function's health route tells of its queue. */
async function heldBy({ stack }: Scene): Promise<unknown> {
  const answer = await fetch(`${stack.url}/functions/v1/generate-summary/health`, {
    headers: { apikey: stack.keys.secret },
  });
  return (await answer.json()).queue.held_by;
}

for (
  const [what, answer, reason, calls] of [
    ["Gemini answers nobody", NOBODY, "provider", 3],
    ["Gemini refuses the key", DENIED, "account", 1],
  ] as const
) {
  test(`${what}: twenty uploads wait, one at a time probes, and all are made when that is over`, async (scene) => {
    const { stack } = scene;
    await stopCron(stack);
    // A new isolate has no answer of its health route in mind.
    await stack.functions.kill("SIGKILL");
    fail(scene, answer);
    await uploadMany(scene, 20);
    await until(async () => (await breaker(scene)).reason === reason);
    await quiet(scene);
    assertEquals(await heldBy(scene), reason);

    // Nothing is asked while it is held, whoever comes, whatever is due.
    const asked = () => stack.gemini!.requests.filter(({ kind }) => kind !== "model").length;
    const before = asked();
    await uploadMany(scene, 1);
    await sweep(scene);
    await sweep(scene);
    assertEquals(asked(), before);
    for (const { waiting_for, ...row } of await waiting(scene)) {
      assertEquals([row.status, waiting_for, row.fruitless], ["queued", reason, 0]);
    }

    // It lasts for more than a day, and each probe is one summary's.
    await age(stack.sql, 30 * 60);
    await stack.sql`
      update summaries_private.summary_jobs set
        ages_from = ages_from - interval '30 hours', run_after = run_after - interval '30 hours'
      where run_after is not null`;
    const first = (await breaker(scene)).probes;
    for (let probe = 1; probe <= 6; probe++) {
      await endPause(stack.sql);
      await sweep(scene);
      await until(async () => (await breaker(scene)).probes === first + probe);
    }
    await quiet(scene);
    assertEquals(asked() - before, 6 * calls);
    assertEquals(await statuses(scene), { queued: 21 });
    for (const { fruitless } of await waiting(scene)) assertEquals(fruitless, 0);

    stack.gemini!.reset();
    await goOn(scene);
    // No sweep more: the first answer wakes the others.
    await until(async () => (await statuses(scene)).completed === 21);
    assertEquals((await queueHealth(scene)).held_by, null);
    await sweep(scene);
    assertEquals((await waiting(scene)).every(({ status }) => status === "completed"), true);
  });
}

test("a limit of requests a minute is waited for, and neither counts nor holds the others", async (scene) => {
  const { stack } = scene;
  await stopCron(stack);
  stack.gemini!.fail({ on: "generate", refusal: REFUSALS.limited("1000s"), times: 7 });
  await scene.upload("consultation.webm");
  const refused = () => stack.gemini!.requests.filter(({ status }) => status === 429).length;
  for (let times = 1; times <= 7; times++) {
    await until(async () => refused() === times && (await statuses(scene)).queued === 1);
    const [{ waits }] = await stack.sql`
      select extract(epoch from j.run_after - clock_timestamp())::int as waits
      from summaries_private.summary_jobs j where j.run_after is not null`;
    assert(waits > 900);
    const [{ waiting_for, error_code, fruitless }] = await waiting(scene);
    assertEquals([waiting_for, error_code, fruitless], ["limit", "model_rate_limited", 0]);
    assertEquals((await breaker(scene)).reason, null);
    await goOn(scene);
  }
  assertEquals(await ended(scene), "completed");
  await toTheEnd(scene);
  await until(() => Promise.resolve(stack.gemini!.files.size === 0));
  assertNothingLeft(stack);
});
