/** Watching reads one row an event, one topic for all who watch, and the stage while one is active. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { createSummaries, type Summaries, type SummariesError } from "../../clients/index.ts";
import { type Scene, withStack } from "../e2e/harness.ts";

const test = withStack();

/** A nurse's page, and what it reads of `summaries`. */
async function page(scene: Scene) {
  const read: string[] = [];
  const client = createClient(scene.stack.url, scene.stack.keys.publishable, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      fetch: (input, init) => {
        const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
        if (pathname.endsWith("/rest/v1/summaries")) {
          read.push(searchParams.get("id")?.replace("eq.", "") ?? "all");
        }
        return fetch(input, init);
      },
    },
  });
  await client.auth.signInWithPassword(scene.clinic.nurse);
  return { client, read, summaries: createSummaries(client) };
}

/** Calls back with what is shown, until it is as wanted. */
function shown<Row>(watch: (show: (row: Row) => void) => () => Promise<void>) {
  let last: Row | undefined;
  let look = () => {};
  const stop = watch((row) => {
    last = row;
    look();
  });
  const until = (wanted: (row: Row) => boolean | undefined) =>
    new Promise<Row>((resolve) => {
      look = () => last !== undefined && wanted(last) && resolve(last);
      look();
    });
  return { stop, until };
}

const watchClinic = (summaries: Summaries, { clinic }: Scene) =>
  shown<{ id: string; status: string; summary: string | null }[]>((show) =>
    summaries.watchClinic(clinic.id, { show })
  );

test("a list is read once, and then one row an event", async (scene) => {
  await scene.upload("consultation.webm");
  const { id } = await scene.event({ status: "completed" });
  const { client, read, summaries } = await page(scene);
  const { stop, until } = watchClinic(summaries, scene);
  try {
    await until((rows) => rows.length === 1);
    assertEquals(read, ["all"]);
    await createSummaries(scene.doctor).edit({ id, version: 1 }, "Corrected.");
    // No text travels by Realtime: it came with the row.
    await until(([row]) => row.summary === "Corrected.");
    assertEquals(read, ["all", id]);

    const events = scene.events.length;
    await scene.upload("consultation.webm");
    const [next] = await until((rows) => rows.length === 2 && rows[0].status === "completed");
    const came = scene.events.slice(events).filter((event) => event.id === next.id).length;
    const reads = read.slice(2);
    assertEquals(new Set(reads), new Set([next.id]));
    assertEquals([reads.length <= came, came >= 3], [true, true]);
  } finally {
    await stop();
    await client.realtime.disconnect();
  }
});

test("all who watch a clinic share its topic, whoever stops and begins again", async (scene) => {
  const { client, summaries } = await page(scene);
  const first = watchClinic(summaries, scene);
  await first.until((rows) => rows.length === 0);
  const second = watchClinic(createSummaries(client), scene);
  try {
    await second.until((rows) => rows.length === 0);
    assertEquals(client.getChannels().length, 1);
    await first.stop();
    assertEquals(client.getChannels().length, 1);
    // As a page does that is left and shown in the same moment.
    const left = second.stop();
    const third = watchClinic(summaries, scene);
    await left;
    await third.until((rows) => rows.length === 0);
    await scene.upload("consultation.webm");
    await third.until(([row]) => row?.status === "completed");
    await third.stop();
    assertEquals(client.getChannels().length, 0);
  } finally {
    await client.realtime.disconnect();
  }
});

test("one summary is followed from being queued to its review", async (scene) => {
  let letGo = () => {};
  const held = new Promise<undefined>((resolve) => letGo = () => resolve(undefined));
  scene.stack.gemini!.answer = () => held;
  await scene.upload("consultation.webm");
  const { id } = await scene.event({ status: "processing" });
  const { client, summaries } = await page(scene);
  const { stop, until } = shown<{ status: string; review_status: string; version: number }>((
    show,
  ) => summaries.watch(id, { show }));
  try {
    await until(({ status }) => status === "processing");
    scene.stack.gemini!.answer = undefined;
    letGo();
    await until(({ status }) => status === "completed");
    await createSummaries(scene.doctor).reject({ id, version: 1 });
    await until(({ review_status }) => review_status === "rejected");
  } finally {
    letGo();
    await stop();
    await client.realtime.disconnect();
  }
});

test("who watches what is not theirs is told so", async (scene) => {
  const { summaries } = await page(scene);
  const error = await new Promise<SummariesError>((onError) =>
    summaries.watch(crypto.randomUUID(), { show: () => {}, onError })
  );
  assertEquals([error.code, error.message], [
    "not_found",
    "There is nothing here for you: check the id.",
  ]);
});

/** The doctor is no member any more. */
const leaves = ({ stack, clinic }: Scene) =>
  stack.sql`
    update public.clinic_members set disabled_at = now() where user_id = ${clinic.doctor.id}`;

test("of two who watch one leaves: the other misses nothing, and who left hears that and no more", async (scene) => {
  let letGo = () => {};
  const held = new Promise<undefined>((resolve) => letGo = () => resolve(undefined));
  scene.stack.gemini!.answer = () => held;
  const { client, summaries } = await page(scene);
  const { stop, until } = watchClinic(summaries, scene);
  const heard: string[] = [];
  const [own] = scene.doctor.getChannels();
  own.on("broadcast", { event: "*" }, ({ event }) => heard.push(event));
  try {
    await scene.upload("consultation.webm");
    await until(([row]) => row?.status === "processing");
    heard.length = 0;
    await leaves(scene);
    scene.stack.gemini!.answer = undefined;
    letGo();
    await until(([row]) => row.status === "completed");
    assertEquals(heard, ["moved"]);
    assertEquals(client.getChannels().length, 1);
  } finally {
    letGo();
    await stop();
    await client.realtime.disconnect();
  }
});

test("who was asleep while the topic moved finds it, and reads what was missed", async (scene) => {
  const { client, summaries } = await page(scene);
  const { stop, until } = watchClinic(summaries, scene);
  try {
    await until((rows) => rows.length === 0);
    scene.stack.services.down.add("realtime");
    await client.realtime.disconnect();
    await scene.upload("silence.webm");
    await leaves(scene);
    scene.stack.services.down.delete("realtime");
    client.realtime.connect();
    const [{ id }] = await until((rows) => rows.length === 1);
    await until(([row]) => row.id === id && row.status === "failed");
  } finally {
    await stop();
    await client.realtime.disconnect();
  }
});
