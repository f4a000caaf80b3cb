/** What a run stands on goes away and comes back: the result is the same. */
import { assert, assertEquals } from "@std/assert";
import { until } from "../database/platform.ts";
import { assertNothingLeft, type Scene, withStack } from "../e2e/harness.ts";
import {
  assertCleanedUp,
  ended,
  holdCall,
  holdModel,
  ONCE,
  ONE_RUN,
  paid,
  passTime,
  queueInSilence,
  statusOf,
  stopCron,
  story,
  sweep,
  turnOff,
} from "./run.ts";

const test = withStack();

async function assertOneRun(scene: Scene): Promise<void> {
  assertEquals(await ended(scene), "completed");
  assertEquals(await story(scene), ONE_RUN);
  assertEquals(paid(scene.stack.gemini!), ONCE);
}

for (const name of ["claim_next", "save_extraction", "complete_summary"]) {
  test(`the answer of ${name} is lost after its commit: the call is made again`, async (scene) => {
    const { services } = scene.stack;
    await stopCron(scene.stack);
    let lost = 0;
    services.between = async (request, pass) => {
      const answer = await pass();
      if (request.url.endsWith(`/rpc/${name}`) && lost++ === 0) throw new Error("lost");
      return answer;
    };
    await scene.upload("consultation.webm");
    await assertOneRun(scene);
    await until(() => Promise.resolve(lost >= 2));
    services.between = undefined;
    assertNothingLeft(scene.stack);
  });
}

test("Storage is away: the summary waits, and is made when Storage is back", async (scene) => {
  const { services } = scene.stack;
  await stopCron(scene.stack);
  const claim = holdCall(scene, "claim_next", "before");
  await scene.upload("consultation.webm");
  await claim.reached;
  services.down.add("storage");
  claim.letGo();
  await until(async () => (await story(scene)).length === 3);
  assertEquals(paid(scene.stack.gemini!), { uploads: 0, listened: 0, composed: 0, read: 0 });
  services.down.delete("storage");
  await passTime(scene);
  await sweep(scene);
  assertEquals(await ended(scene), "completed");
  assertEquals(await story(scene), [
    "queued",
    "queued → processing #1",
    "processing → queued #1 (storage_unavailable)",
    "queued → processing #2",
    "processing → completed #2",
  ]);
  await assertCleanedUp(scene);
});

test("pg_net's queue is truncated: the sweep tells of the summary again", async (scene) => {
  await stopCron(scene.stack);
  await turnOff(scene);
  await scene.upload("consultation.webm");
  await queueInSilence(scene);
  await sweep(scene);
  await assertOneRun(scene);
});

test("cron stands still while hints get lost: it catches up when it runs again", async (scene) => {
  const { services, sql } = scene.stack;
  await stopCron(scene.stack);
  services.down.add("functions");
  await sql`delete from net._http_response where true`;
  await scene.upload("consultation.webm");
  await until(async () =>
    (await sql`select from net._http_response where status_code = 503`).count > 0
  );
  services.down.delete("functions");
  assertEquals(await statusOf(scene), "queued");
  await sql`update cron.job set active = true, schedule = '1 second' where true`;
  await assertOneRun(scene);
  await sql`update cron.job set schedule = '15 seconds' where true`;
});

for (const crash of [false, true]) {
  const what = crash ? "crashes and comes back" : "is stopped and started";
  test(`Postgres ${what} in the middle: the run goes on`, async (scene) => {
    const { postgres, sql } = scene.stack;
    await stopCron(scene.stack);
    const model = holdModel(scene);
    await scene.upload("consultation.webm");
    await model.reached;
    await postgres.restart({ crash });
    // Connections notice when they are used.
    await until(() => sql`select`.then(() => true, () => false));
    model.letGo();
    await assertOneRun(scene);
    assertNothingLeft(scene.stack);
  });
}

test("the queue of pg_net is empty after a crash, and the summary is made all the same", async (scene) => {
  const { services, postgres, sql } = scene.stack;
  await stopCron(scene.stack);
  services.down.add("functions");
  await scene.upload("consultation.webm");
  await postgres.restart({ crash: true });
  services.down.delete("functions");
  await until(() => sql`select`.then(() => true, () => false));
  assertEquals(await statusOf(scene), "queued");
  await sweep(scene);
  assertEquals(await ended(scene), "completed");
  assert((await scene.summaries())[0].summary!.includes("Amoxicillin 500 mg"));
});
