/**
 * HTTP/1.1 over plain TCP: as much as the stand-in needs. Web servers hide what it has to see and do:
 * whether a Content-Length was really sent, a reader that is slow, a connection that breaks in the
 * middle of a body or before the answer.
 */
import { Buffer } from "node:buffer";
import { send, type Streaming } from "./sending.ts";

export interface WireRequest {
  method: string;
  url: URL;
  headers: Headers;
  /** null: the request had none. */
  contentLength: number | null;
  /** The bytes of the body as they arrive; throws `ConnectionLost` when they stop early. */
  body: AsyncIterable<Uint8Array>;
  /** Settles when the client has gone away; to be asked for once the body has been read. */
  gone(): Promise<void>;
}

/** `BREAK` closes the connection without an answer. */
export type WireAnswer = Response | Streaming | typeof BREAK;
type Handler = (request: WireRequest) => Promise<WireAnswer>;

export const BREAK = Symbol("break the connection");

export class ConnectionLost extends Error {
  override name = "ConnectionLost";
}

interface WireServer {
  port: number;
  /** Closes every connection, also those in the middle of something. */
  close(): Promise<void>;
}

/** Bytes. */
const MAX_HEAD = 64 * 1024;

/** Listens on 127.0.0.1; port 0 takes a free one. */
export function listen(wanted: number, handler: Handler): WireServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: wanted });
  const port = (listener.addr as Deno.NetAddr).port;
  const open = new Map<Deno.Conn, Promise<void>>();
  let closing = false;
  const accepting = (async () => {
    for await (const connection of listener) {
      if (closing) return closeQuietly(connection);
      const answering = serve(connection, handler)
        .catch((error) => console.error("Gemini stand-in:", error))
        .finally(() => {
          closeQuietly(connection);
          open.delete(connection);
        });
      open.set(connection, answering);
    }
  })();
  return {
    port,
    async close() {
      // Closing the listener does not always end the loop over it (Deno 2.9.6); a connection does.
      if (!closing) {
        closing = true;
        await Deno.connect({ hostname: "127.0.0.1", port }).then(closeQuietly, () => {});
      }
      const answering = [...open.values()];
      for (const connection of open.keys()) closeQuietly(connection);
      await Promise.all([accepting, ...answering]);
    },
  };
}

/**
 * One request a connection: when one that is used again breaks, Deno's fetch repeats the request
 * by itself (2.9; not 2.1), and a test could not tell how often it was sent.
 */
async function serve(connection: Deno.Conn, handler: Handler): Promise<void> {
  const input = new Input(connection);
  const head = await input.head();
  if (head === null) return;
  const { request, drain } = parse(head, input);
  const answer = await handler(request);
  if (answer === BREAK) return;
  // What was sent and not read is taken off the wire, or the client may never see the answer.
  await drain();
  try {
    await send(connection, answer);
  } catch (error) {
    // A stream that breaks.
    if (error instanceof ConnectionLost) return;
    throw error;
  }
  await request.gone();
}

/** Bytes from a connection; what was read too far is kept for the next reader. */
class Input {
  #kept = Buffer.alloc(0);
  constructor(readonly connection: Deno.Conn) {}

  /** The next bytes, at most `limit`; null at the end or when the connection broke. */
  async more(limit = Infinity): Promise<Uint8Array | null> {
    if (this.#kept.length === 0) {
      const buffer = Buffer.alloc(64 * 1024);
      const count = await this.connection.read(buffer).catch(() => null);
      if (count === null) return null;
      this.#kept = buffer.subarray(0, count);
    }
    const bytes = this.#kept.subarray(0, limit);
    this.#kept = this.#kept.subarray(bytes.length);
    return bytes;
  }

  async end(): Promise<void> {
    while (await this.more());
  }

  /** Request line and headers; null when the client has closed or sends no head. */
  async head(): Promise<string | null> {
    let bytes = Buffer.alloc(0);
    while (bytes.length < MAX_HEAD) {
      const more = await this.more();
      if (more === null) return null;
      bytes = Buffer.concat([bytes, more]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) continue;
      this.#kept = bytes.subarray(end + 4);
      return bytes.toString("latin1", 0, end);
    }
    return null;
  }
}

function parse(head: string, input: Input): { request: WireRequest; drain(): Promise<void> } {
  const [line, ...fields] = head.split("\r\n");
  const [method, target] = line.split(" ");
  const headers = new Headers(
    fields.map((field): [string, string] => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon).trim(), field.slice(colon + 1).trim()];
    }),
  );
  const length = headers.get("content-length");
  const contentLength = length === null ? null : Number(length);
  let left = contentLength ?? 0;
  const next = async () => {
    const bytes = left > 0 ? await input.more(left) : null;
    left -= bytes?.length ?? 0;
    return bytes;
  };
  const body = (async function* () {
    for (let bytes = await next(); bytes !== null; bytes = await next()) yield bytes;
    if (left > 0) throw new ConnectionLost();
  })();
  let leaving: Promise<void> | undefined;
  const request: WireRequest = {
    method,
    url: new URL(target, "http://127.0.0.1"),
    headers,
    contentLength,
    body,
    gone: () => (leaving ??= input.end()),
  };
  return {
    request,
    async drain() {
      while (await next());
    },
  };
}

function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
