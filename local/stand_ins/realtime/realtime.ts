/**
 * A stand-in for Supabase Realtime: Broadcast from the database, in the protocol of realtime-js 2
 * (Phoenix channels, `vsn` 2.0.0 and 1.0.0). A row committed to `realtime.messages` reaches the
 * clients that joined its topic. Presence, Postgres Changes and messages between clients are refused.
 */
import type { Sql } from "postgres";
import type { Tokens } from "../auth/tokens.ts";
import { type Client, createChannels } from "./channels.ts";
import { codecFor } from "./frames.ts";

interface RealtimeOptions {
  /** As a superuser: it reads and probes `realtime.messages`. */
  sql: Sql;
  tokens: Tokens;
}

interface Realtime {
  fetch(request: Request): Promise<Response>;
  stop(): Promise<void>;
}

export async function startRealtime({ sql, tokens }: RealtimeOptions): Promise<Realtime> {
  const { clients, deliver, receive } = createChannels(sql, tokens);
  let delivery = Promise.resolve();

  const listening = await sql.listen("realtime_messages", (id) => {
    // One after the other, so that a topic's messages keep their order. One that can't be read any
    // more (the database is going) is lost, as on a hosted project.
    delivery = delivery.then(() => deliver(id)).catch(() => {});
  });

  return {
    async fetch(request) {
      const url = new URL(request.url);
      const apikey = url.searchParams.get("apikey") ?? "";
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
        return new Response("Upgrade Required", { status: 426 });
      }
      const known = await tokens.callerOf(apikey).then(() => true, () => false);
      if (!known) return new Response("Forbidden", { status: 403 });

      const codec = codecFor(url.searchParams.get("vsn"));
      const { socket, response } = Deno.upgradeWebSocket(request);
      const client: Client = {
        joined: new Map(),
        send(frame) {
          if (socket.readyState === WebSocket.OPEN) socket.send(codec.encode(frame));
        },
        close: () => socket.close(),
      };
      let received = Promise.resolve();
      socket.onopen = () => clients.add(client);
      socket.onclose = socket.onerror = () => clients.delete(client);
      socket.onmessage = ({ data }) => {
        // Binary frames are messages between clients.
        if (typeof data !== "string") return;
        received = received
          .then(() => receive(client, codec.decode(data), apikey))
          .catch(() => socket.close(1011, "internal error"));
      };
      return response;
    },
    async stop() {
      for (const client of clients) client.close();
      await listening.unlisten();
    },
  };
}
