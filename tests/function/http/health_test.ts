import { assertEquals, assertFalse } from "@std/assert";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import {
  createHealthCheck,
  inPythonWords,
} from "../../../supabase/functions/generate-summary/http/health.ts";
import type { Queue } from "../../../supabase/functions/generate-summary/job/queue.ts";
import { fakeClock } from "../fake_clock.ts";

const DEPTH = {
  queued: 2,
  processing: 1,
  oldest_due_seconds: 3,
  held_by: null,
  paused_until: null,
  dollars_a_day: null,
  dollars_spent: 1.5,
  dollars_reserved: 0.25,
  last_sweep_at: null,
  upload_trigger: true,
  failed_last_hour: 0,
};

/** A health check over a database and models that answer or don't; asking is counted. */
function checked(other?: "another" | "none") {
  const clock = fakeClock();
  const up = { database: true, model: true, another: true };
  let asked = 0;
  let looked = 0;
  const model = {
    model: "gemini-3.8-flash",
    check() {
      looked++;
      return up.model ? Promise.resolve() : Promise.reject(new AppError("model_key"));
    },
  };
  const another = {
    check: () => up.another ? Promise.resolve() : Promise.reject(new AppError("model_not_found")),
  };
  const health = createHealthCheck({
    queue: (() => {
      asked++;
      return up.database ? Promise.resolve(DEPTH) : Promise.reject(new AppError("internal"));
    }) as unknown as Queue,
    model,
    reader: other === "none" ? null : other === "another" ? another : model,
    clock,
  });
  return { health, clock, up, asked: () => asked, looked: () => looked };
}

Deno.test("everything answers: ok, with the model that is asked and the time", async () => {
  assertEquals(await checked().health(false), {
    status: "ok",
    timestamp: "2026-11-22T08:00:00.000Z",
    database: "ok",
    gemini_client: "ok",
    model: "gemini-3.8-flash",
    second_reader: "ok",
  });
});

Deno.test("a second reader who isn't there is told, and nothing is down for it", async () => {
  const { health, up } = checked("another");
  up.another = false;
  const { status, gemini_client, second_reader } = await health(false);
  assertEquals([status, gemini_client, second_reader], ["ok", "ok", "down"]);
  assertEquals((await checked("none").health(false)).second_reader, "off");
});

Deno.test("a model that writes and reads is asked for once", async () => {
  const { health, looked } = checked();
  await health(false);
  assertEquals(looked(), 1);
});

Deno.test("only the service is told how long the queue is", async () => {
  const { health } = checked();
  assertEquals((await health(true)).queue, DEPTH);
  assertFalse("queue" in await health(false));
});

Deno.test("only the service is told what is wrong with the model, in a sentence", async () => {
  assertEquals((await checked().health(true)).model_error, null);
  const other = checked();
  other.up.model = false;
  const { model_error } = await other.health(true);
  assertEquals(model_error?.code, "model_key");
  assertEquals(model_error?.message, new AppError("model_key").message);
  assertFalse("model_error" in await other.health(false));
});

Deno.test("what doesn't answer is down, and the whole with it", async () => {
  for (const part of ["database", "model"] as const) {
    const { health, up } = checked();
    up[part] = false;
    const { status, database, gemini_client, queue } = await health(true);
    assertEquals<unknown>(
      [status, database, gemini_client, queue],
      part === "database" ? ["down", "down", "ok", null] : ["down", "ok", "down", DEPTH],
    );
  }
});

Deno.test("an answer is remembered for a minute, whoever asks, and no longer", async () => {
  const { health, clock, up, asked } = checked();
  await Promise.all([health(false), health(true), health(false)]);
  up.database = false;
  await clock.sleep(60_000);
  assertEquals([(await health(false)).status, asked()], ["ok", 1]);
  await clock.sleep(1);
  assertEquals([(await health(false)).status, asked()], ["down", 2]);
});

Deno.test("the earlier backend's monitors read its four fields, in its words", async () => {
  assertEquals(inPythonWords(await checked().health(true)), {
    status: "healthy",
    timestamp: "2026-11-22T08:00:00.000Z",
    gemini_client: "connected",
    model: "gemini-3.8-flash",
  });
  for (const part of ["database", "model"] as const) {
    const { health, up } = checked();
    up[part] = false;
    const { status, gemini_client } = inPythonWords(await health(false));
    assertEquals<string[]>([status, gemini_client], [
      "unhealthy",
      part === "model" ? "disconnected" : "connected",
    ]);
  }
});
