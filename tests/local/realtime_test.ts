import { assertEquals, assertStringIncludes } from "@std/assert";
import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import { postgresOfTests } from "../database/harness.ts";
import { project } from "./project.ts";

// A user may join the topic named after them.
const schema = `
  create policy "own topic" on realtime.messages for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid()));
  grant execute on function realtime.send to service_role;
`;

/** Joins; gives what the server said, and collects what arrives. */
async function join(client: SupabaseClient, topic: string, isPrivate = true) {
  const received: unknown[] = [];
  const waiting: (() => void)[] = [];
  const channel = client.channel(topic, { config: { private: isPrivate } });
  channel.on("broadcast", { event: "*" }, ({ payload }) => {
    received.push(payload.n);
    waiting.splice(0).forEach((wake) => wake());
  });
  const answer = await subscribe(channel);
  const upTo = async (count: number) => {
    while (received.length < count) await new Promise<void>((wake) => waiting.push(wake));
    return received;
  };
  return { answer, upTo, channel };
}

function subscribe(channel: RealtimeChannel): Promise<string> {
  return new Promise((resolve) =>
    channel.subscribe((status, error) => resolve(error ? `${status}: ${error.message}` : status))
  );
}

Deno.test("who may read a private topic joins it, others are refused", async () => {
  await using made = await project(schema);
  const [ada, bob] = [await made.user(), await made.user()];
  const topic = `user:${ada.userId}`;
  assertEquals((await join(ada, topic)).answer, "SUBSCRIBED");
  for (const other of [bob, made.client()]) {
    const { answer, channel } = await join(other, topic);
    assertStringIncludes(answer, "CHANNEL_ERROR");
    assertStringIncludes(answer, "Unauthorized");
    await other.removeChannel(channel);
  }
  assertEquals((await made.db.sql`select from realtime.messages`).length, 0);
});

Deno.test("a message is received once its transaction is committed, in order, and not if undone", async () => {
  await using made = await project(schema);
  const ada = await made.user();
  const topic = `user:${ada.userId}`;
  const { upTo } = await join(ada, topic);
  const { sql } = made.db;
  const send = (n: number, on: { unsafe: typeof sql.unsafe } = sql) =>
    on.unsafe("select realtime.send($1, 'tick', $2, true)", [{ n }, topic]);
  await sql.begin(async (tx) => {
    await send(0, tx);
    throw new Error("undone");
  }).catch(() => {});
  await sql.begin(async (tx) => {
    await send(2, tx);
    await send(3, tx);
    // Sent later, committed earlier.
    await send(1);
    assertEquals(await upTo(1), [1]);
  });
  for (let n = 4; n <= 10; n++) await send(n);
  assertEquals(await upTo(10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("public and private members of a topic don't hear each other's messages", async () => {
  await using made = await project(schema);
  const ada = await made.user();
  const topic = `user:${ada.userId}`;
  const [mine, anyone] = [await join(ada, topic), await join(made.client(), topic, false)];
  assertEquals(anyone.answer, "SUBSCRIBED");
  const { sql } = made.db;
  await sql`select realtime.send('{"n": 1}', 'tick', ${topic}, true)`;
  await sql`select realtime.send('{"n": 2}', 'tick', ${topic}, false)`;
  await sql`select realtime.send('{"n": 3}', 'tick', ${topic}, true)`;
  assertEquals(await mine.upTo(2), [1, 3]);
  assertEquals(await anyone.upTo(1), [2]);
});

Deno.test("a new token is checked against the policies again", async () => {
  await using made = await project(schema);
  const ada = await made.user();
  const topic = `user:${ada.userId}`;
  const { upTo, channel } = await join(ada, topic);
  await made.db.sql`select realtime.send('{"n": 1}', 'tick', ${topic}, true)`;
  assertEquals(await upTo(1), [1]);
  const said = new Promise<string>((resolve) =>
    channel.on("system", {}, ({ message }) => resolve(message))
  );
  const { sign } = made.services.tokens;
  await ada.realtime.setAuth(await sign({ sub: crypto.randomUUID(), role: "authenticated" }));
  assertStringIncludes(await said, "permissions");
});

Deno.test("Postgres Changes are refused, saying so", async () => {
  await using made = await project(schema);
  const ada = await made.user();
  const channel = ada.channel("changes")
    .on("postgres_changes", { event: "*", schema: "public" }, () => {});
  assertStringIncludes(await subscribe(channel), "Broadcast only");
});

Deno.test("both versions of the protocol are spoken, after a wrong key none", async () => {
  await using made = await project(schema);
  const client = createClient(made.services.url, made.services.tokens.keys.publishable, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { vsn: "1.0.0" },
  });
  const { answer, upTo } = await join(client, "news", false);
  assertEquals(answer, "SUBSCRIBED");
  await made.db.sql`select realtime.send('{"n": 1}', 'tick', 'news', false)`;
  assertEquals(await upTo(1), [1]);
  await client.removeAllChannels();
  await client.realtime.disconnect();

  const address = `${made.services.url.replace("http", "ws")}/realtime/v1/websocket?apikey=sb_no`;
  const refused = await new Promise<boolean>((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => resolve(false);
    socket.onerror = () => resolve(true);
  });
  assertEquals(refused, true);
});

Deno.test("messages arrive again after Postgres was restarted", async () => {
  await using made = await project(schema);
  const ada = await made.user();
  const topic = `user:${ada.userId}`;
  const { upTo } = await join(ada, topic);
  await (await postgresOfTests()).restart();
  let heard = false;
  const first = upTo(1).then(() => heard = true);
  // What is sent before the service listens again is lost, as it is on a hosted project.
  while (!heard) {
    await made.db.sql`select realtime.send('{"n": 1}', 'tick', ${topic}, true)`.catch(() => {});
    await new Promise((done) => setTimeout(done, 20));
  }
  await first;
});
