/** A budget holds new work, whatever was expected of it; what is there stays, and goes on the next day. */
import { assert, assertEquals } from "@std/assert";
import { until } from "../database/platform.ts";
import { type Scene, withStack } from "../e2e/harness.ts";
import { quiet, statuses, uploadMany } from "./many.ts";
import { holdModel, listens, stopCron, sweep } from "./run.ts";

const test = withStack();

const budget = ({ stack }: Scene, dollars: number | null) =>
  stack.sql`update summaries_private.settings set dollars_a_day = ${dollars} where only_row`;

async function today({ stack }: Scene) {
  const [row] = await stack.sql`select spent::float, reserved::float from summaries_private.budgets
    where clinic_id is null`;
  return row as { spent: number; reserved: number };
}

/** What was paid for, in the order in which it ended. */
async function ledger({ stack, clinic }: Scene) {
  const rows = await stack.sql`select summary_id, purpose, dollars::float
    from summaries_private.model_calls where clinic_id = ${clinic.id} order by at`;
  return [...rows] as unknown as { summary_id: string; purpose: string; dollars: number }[];
}

const sum = (calls: { dollars: number }[]) => calls.reduce((all, { dollars }) => all + dollars, 0);

async function waitForBudget({ stack, clinic }: Scene): Promise<number> {
  return (await stack.sql`select from public.summaries
    where clinic_id = ${clinic.id} and waiting_for = 'budget'`).count;
}

/** As if the present day had ended; and the sweep comes. */
async function nextDay(scene: Scene): Promise<void> {
  const { sql } = scene.stack;
  await sql`update summaries_private.spending set day = day - 1 where true`;
  await sql`update summaries_private.summary_jobs
    set run_after = run_after - interval '1 day' where run_after > clock_timestamp()`;
  await sweep(scene);
}

/** Runs `go` while each summary is expected to cost so much. */
async function expecting(scene: Scene, dollars: number, go: () => Promise<void>): Promise<void> {
  const { sql } = scene.stack;
  const signature = "summaries_private.estimate(uuid)";
  const [{ before }] = await sql`select pg_get_functiondef(${signature}::regprocedure) as before`;
  await sql.unsafe(`create or replace function summaries_private.estimate(p_id uuid) returns numeric
    language sql stable security definer set search_path = '' as 'select ${dollars}::numeric'`);
  try {
    await go();
  } finally {
    await sql.unsafe(before);
    await budget(scene, null);
    await sql`delete from summaries_private.spending where true`;
  }
}

/** What a summary of the sample costs. */
async function costOfOne(scene: Scene): Promise<number> {
  await uploadMany(scene, 1);
  await until(async () => (await statuses(scene)).completed === 1);
  const cost = sum(await ledger(scene));
  const { sql } = scene.stack;
  await sql`delete from summaries_private.spending where true`;
  await sql`delete from summaries_private.model_calls where true`;
  return cost;
}

test("eight workers, and estimates that are half of what it costs: what comes on top are the calls in flight", async (scene) => {
  const { gemini } = scene.stack;
  await stopCron(scene.stack);
  const each = await costOfOne(scene);
  await expecting(scene, each / 2, async () => {
    await budget(scene, 4 * each);
    const model = holdModel(scene);
    const before = gemini!.requests.filter(listens).length;
    await uploadMany(scene, 24);
    const asked = () => gemini!.requests.filter(listens).length - before;
    await until(() => Promise.resolve(asked() === 8));
    // All that there is, is reserved: the ninth waits.
    await sweep(scene);
    assertEquals((await statuses(scene)).processing, 8);
    const { reserved } = await today(scene);
    assert(reserved <= 4 * each && reserved > 3.9 * each, `${reserved}`);
    model.letGo();
    await quiet(scene);
    const calls = await ledger(scene);
    assert(sum(calls) > 4 * each, "it has come to more");
    // Each call but the last of each of them was begun with something left.
    const last = new Map(calls.map((call) => [call.summary_id, call]));
    assertEquals(last.size, 8);
    assert(sum(calls) - sum([...last.values()]) < 4 * each);
    assertEquals((await today(scene)).reserved, 0);

    // As it comes, with some more dollars each time.
    for (let more = 1; more <= 3; more++) {
      const start = (await ledger(scene)).length;
      const spent = sum(await ledger(scene));
      const limit = spent + 2.2 * each;
      await budget(scene, limit);
      // What is reserved while they work is free at their end, which the next sweep finds.
      for (let n = 0; n < 50 && sum(await ledger(scene)) < limit; n++) {
        await sweep(scene);
        await quiet(scene);
      }
      const paid = (await ledger(scene)).slice(start);
      const dearest = paid.sort((one, other) => other.dollars - one.dollars).slice(0, 8);
      assert(sum(paid) + spent - limit < sum(dearest), `${sum(paid)}`);
    }
    await sweep(scene);
    assertEquals(await waitForBudget(scene), (await statuses(scene)).queued);
    const rows = await scene.stack.sql`select distinct j.fruitless, s.error_code
      from summaries_private.summary_jobs j join public.summaries s on s.id = j.summary_id
      where s.clinic_id = ${scene.clinic.id} and s.status = 'queued' and s.error_code is not null`;
    assertEquals([...rows], [{ fruitless: 0, error_code: "over_budget" }]);

    // The next day has enough for all; and nothing is paid for twice.
    await budget(scene, 100);
    await nextDay(scene);
    await until(async () => (await statuses(scene)).completed === 25);
    assertEquals(asked(), 24);
  });
});

test("killed with a reservation: it ends with the lease, and everything is made", async (scene) => {
  const { sql, functions, gemini } = scene.stack;
  await stopCron(scene.stack);
  const each = await costOfOne(scene);
  await expecting(scene, each, async () => {
    await budget(scene, 3 * each);
    const model = holdModel(scene);
    const before = gemini!.requests.filter(listens).length;
    await uploadMany(scene, 3);
    await until(() => Promise.resolve(gemini!.requests.filter(listens).length - before === 3));
    await functions.kill("SIGKILL");
    model.letGo();
    assert(Math.abs((await today(scene)).reserved - 3 * each) < 1e-9);
    await uploadMany(scene, 1);
    await until(async () => await waitForBudget(scene) === 1);
    // Raised, and yet there would be no room beside what the killed ones have reserved.
    await budget(scene, 4.1 * each);
    await sql`update summaries_private.slots set lease_expires_at = clock_timestamp()
      where summary_id is not null`;
    await sweep(scene);
    await until(async () => {
      await sweep(scene);
      return (await statuses(scene)).completed === 5;
    });
    assertEquals(await today(scene), { spent: (await today(scene)).spent, reserved: 0 });
  });
});

test("an upload succeeds while nothing may be spent, and waits; whoever asks is told at once", async (scene) => {
  await stopCron(scene.stack);
  await budget(scene, 0);
  try {
    await scene.upload("consultation.webm");
    const { waiting_for } = await scene.event({ status: "queued" });
    assertEquals(waiting_for, "budget");
    const { data } = await scene.doctor.functions.invoke("generate-summary", {
      body: { consultation_id: scene.consultation },
    });
    const [{ id }] = await scene.summaries();
    assertEquals(data, { summary_id: id, status: "queued", waiting_for: "budget" });
    await budget(scene, 1);
    await sweep(scene);
    await scene.event({ status: "completed" });
  } finally {
    await budget(scene, null);
  }
});
