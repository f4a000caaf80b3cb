/** The function's process is killed at each step of a run; lease and sweep bring it to its end. */
import { assert, assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { until } from "../database/platform.ts";
import { sample, type Scene, withStack } from "../e2e/harness.ts";
import {
  assertCleanedUp,
  composes,
  ended,
  holdCall,
  listens,
  paid,
  passTime,
  reads,
  stopCron,
  story,
  sweep,
} from "./run.ts";

const test = withStack();

interface Step {
  name: string;
  /** Makes the run stop at this step. */
  stopAt(scene: Scene): Stop;
  paid: ReturnType<typeof paid>;
  /** The summary was complete already. */
  done?: true;
}

interface Stop {
  /** Waits until the run is there. */
  reached(): Promise<unknown>;
  /** What the killed worker had sent goes on. */
  letGo?(): void;
}

const once = { uploads: 1, listened: 1, composed: 1, read: 1 };

const stopAtCall = (name: string, when: "before" | "after") => (scene: Scene): Stop => {
  const { reached, letGo } = holdCall(scene, name, when);
  return { reached: () => reached, letGo };
};

const stopAtRequest = (meets: (request: Parameters<typeof listens>[0]) => boolean) =>
(
  { stack: { gemini } }: Scene,
) => {
  for (const on of ["count", "generate", "delete"] as const) {
    gemini!.fail({ on, hang: true, when: meets });
  }
  return { reached: () => until(() => Promise.resolve(gemini!.requests.some(meets))) };
};

const STEPS: Step[] = [
  { name: "after the claim", stopAt: stopAtCall("claim_next", "after"), paid: once },
  {
    name: "during the upload",
    stopAt({ stack: { gemini, services } }) {
      services.storage.faults.push({ range: /^bytes=0-$/, bytesPerSecond: 100_000 });
      const begun = () => gemini!.requests.some(({ kind }) => kind === "bytes");
      return { reached: () => until(() => Promise.resolve(begun())) };
    },
    paid: { ...once, uploads: 2 },
  },
  {
    name: "after the upload",
    stopAt: stopAtRequest(({ kind }) => kind === "count"),
    paid: once,
  },
  {
    name: "while the model listens",
    stopAt: stopAtRequest(listens),
    paid: { ...once, listened: 2 },
  },
  {
    name: "after a part is saved, before its file is deleted",
    stopAt: stopAtRequest(({ kind }) => kind === "delete"),
    paid: once,
  },
  {
    name: "while the model composes",
    stopAt: stopAtRequest(composes),
    paid: { ...once, composed: 2 },
  },
  {
    name: "while a second reader reads",
    stopAt: stopAtRequest(reads),
    paid: { ...once, read: 2 },
  },
  {
    name: "before the result is written",
    stopAt: stopAtCall("complete_summary", "before"),
    paid: once,
  },
  {
    name: "after the result is written, before the answer",
    stopAt: stopAtCall("complete_summary", "after"),
    paid: once,
    done: true,
  },
];

for (const { name, stopAt, paid: expected, done } of STEPS) {
  test(`killed ${name}: the summary is complete after the lease and one sweep`, async (scene) => {
    const { stack } = scene;
    await stopCron(stack);
    const stop = stopAt(scene);
    await scene.upload("consultation.webm");
    await stop.reached();
    const pids = stack.functions.pids();
    await stack.functions.kill("SIGKILL");
    assertEquals(stack.functions.pids().filter((pid) => pids.includes(pid)), []);

    await passTime(scene);
    await sweep(scene);
    stop.letGo?.();
    assertEquals(await ended(scene), "completed");
    const [row, ...others] = await scene.summaries();
    assertEquals(others, []);
    assert(row.summary!.includes("Amoxicillin 500 mg"));
    assertEquals(paid(stack.gemini!), expected);
    assertEquals(
      await story(scene),
      done ? ["queued", "queued → processing #1", "processing → completed #1"] : [
        "queued",
        "queued → processing #1",
        "processing → queued #1",
        "queued → processing #2",
        "processing → completed #2",
      ],
    );
    await assertCleanedUp(scene);
  });
}

test("killed while the model listens to a file that is then overwritten: nothing is left", async (scene) => {
  const { stack } = scene;
  await stopCron(stack);
  const stop = stopAtRequest(listens)(scene);
  const path = await scene.upload("consultation.webm");
  await stop.reached();
  await stack.functions.kill("SIGKILL");
  const service = createClient(stack.url, stack.keys.secret, { auth: { persistSession: false } });
  const type = "audio/webm";
  const bytes = new Blob([await Deno.readFile(sample("consultation.webm"))], { type });
  const { error } = await service.storage.from("consultations")
    .upload(path, bytes, { contentType: type, upsert: true });
  assertEquals(error, null);

  await passTime(scene);
  await sweep(scene);
  assertEquals(await ended(scene), "completed");
  await assertCleanedUp(scene);
  // That of the version before, too, of which nothing else tells any more.
  const deleted = stack.gemini!.requests.filter(({ kind, status }) =>
    kind === "delete" && status < 300
  );
  assertEquals(new Set(deleted.map(({ path }) => path)).size, 2);
});
