/**
 * Realtime's channels: who has joined which, what a client may ask, and whom a message of the database
 * goes to.
 */
import type { Sql } from "postgres";
import { become, rolledBack } from "../auth/as_caller.ts";
import { type Caller, CredentialError, type Tokens } from "../auth/tokens.ts";
import type { Frame } from "./frames.ts";

interface Membership {
  joinRef: string | null;
  private: boolean;
  caller: Caller;
}

export interface Client {
  send(frame: Frame): void;
  close(): void;
  joined: Map<string, Membership>;
}

interface Channels {
  /** The clients whose connection is open. */
  clients: Set<Client>;
  /** Sends a row of `realtime.messages` to the clients that joined its topic. */
  deliver(id: string): Promise<void>;
  /** What a client sent; it connected with this API key. */
  receive(client: Client, frame: Frame, apikey: string): Promise<void>;
}

interface JoinPayload {
  config?: { private?: boolean; postgres_changes?: unknown[] };
  access_token?: string;
}

const PREFIX = "realtime:";

/** `sql`: as a superuser, since it reads and probes `realtime.messages`. */
export function createChannels(sql: Sql, tokens: Tokens): Channels {
  const clients = new Set<Client>();

  async function deliver(id: string) {
    const [message] = await sql`
      select topic, event, payload, private from realtime.messages
       where id = ${id} and extension = 'broadcast'`;
    if (!message) return;
    const topic = PREFIX + message.topic;
    const payload = { type: "broadcast", event: message.event, payload: message.payload };
    for (const client of clients) {
      const member = client.joined.get(topic);
      if (!member || member.private !== message.private) continue;
      if (expired(member.caller)) expel(client, topic, "Token has expired");
      else client.send({ joinRef: null, ref: null, topic, event: "broadcast", payload });
    }
  }

  /** May the caller read broadcasts of this topic? Asked of a row that is never committed. */
  function mayRead(caller: Caller, topic: string): Promise<boolean> {
    return rolledBack(sql, async (tx) => {
      const [{ id }] = await tx`
        insert into realtime.messages (topic, extension, private)
        values (${topic}, 'broadcast', true) returning id`;
      await tx`select set_config('realtime.topic', ${topic}, true)`;
      await become(tx, caller);
      const seen = await tx`
        select from realtime.messages
         where topic = ${topic} and extension = 'broadcast' and id = ${id}`;
      return seen.length === 1;
    });
  }

  async function join(client: Client, frame: Frame, fallback: string): Promise<void> {
    const { config = {}, access_token } = (frame.payload ?? {}) as JoinPayload;
    const topic = frame.topic.slice(PREFIX.length);
    if (config.postgres_changes?.length) {
      return reply(client, frame, "error", {
        reason: "PostgresChangesUnsupported: this local Realtime carries Broadcast only",
      });
    }
    const caller = await tokens.callerOf(access_token ?? fallback).catch((error) => {
      if (!(error instanceof CredentialError)) throw error;
      return null;
    });
    if (!caller) {
      return reply(client, frame, "error", { reason: "InvalidJWTToken: Invalid token" });
    }
    if (config.private && !await mayRead(caller, topic)) {
      return reply(client, frame, "error", {
        reason:
          `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`,
      });
    }
    const { joinRef } = frame;
    client.joined.set(frame.topic, { joinRef, private: config.private ?? false, caller });
    reply(client, frame, "ok", { postgres_changes: [] });
  }

  async function refresh(client: Client, { topic, payload }: Frame): Promise<void> {
    const member = client.joined.get(topic);
    const { access_token } = (payload ?? {}) as JoinPayload;
    if (!member || !access_token) return;
    const caller = await tokens.callerOf(access_token).catch(() => null);
    if (!caller) return expel(client, topic, "Invalid token");
    if (member.private && !await mayRead(caller, topic.slice(PREFIX.length))) {
      return expel(
        client,
        topic,
        "You do not have permissions to read from this Channel topic",
      );
    }
    member.caller = caller;
  }

  async function receive(client: Client, frame: Frame, apikey: string): Promise<void> {
    switch (frame.event) {
      case "heartbeat":
        return reply(client, frame, "ok", {});
      case "phx_join":
        return await join(client, frame, apikey);
      case "access_token":
        return await refresh(client, frame);
      case "phx_leave":
        client.joined.delete(frame.topic);
        reply(client, frame, "ok", {});
        return client.send({ ...frame, ref: null, event: "phx_close", payload: {} });
      default:
        return reply(client, frame, "error", {
          reason: `Unsupported: clients can't send ${frame.event} here`,
        });
    }
  }

  return { clients, deliver, receive };
}

function reply(
  { send }: Client,
  { joinRef, ref, topic }: Frame,
  status: "ok" | "error",
  response: unknown,
) {
  send({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } });
}

/** Ends a membership, saying why. */
function expel(client: Client, topic: string, message: string) {
  const joinRef = client.joined.get(topic)?.joinRef ?? null;
  client.joined.delete(topic);
  const channel = topic.slice(PREFIX.length);
  const payload = { status: "error", extension: "system", message, channel };
  client.send({ joinRef, ref: null, topic, event: "system", payload });
  client.send({ joinRef, ref: null, topic, event: "phx_close", payload: {} });
}

const expired = ({ claims: { exp } }: Caller) => exp !== undefined && exp * 1000 <= Date.now();
