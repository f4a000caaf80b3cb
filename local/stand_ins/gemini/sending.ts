/** Answers as bytes of HTTP/1.1: whole with their length, or in chunks while they come to be. */
import { Buffer } from "node:buffer";

/** Sends pieces of a body, each at once and as one chunk (RFC 9112, 7.1). */
export interface ChunkWriter {
  /** Sends the head alone; the first piece does so anyway. */
  begin(): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** The first half of a piece; what is sent of it announces all. */
  tear(bytes: Uint8Array): Promise<void>;
}

/** An answer that is sent while it comes to be. */
export class Streaming {
  /** `run` writes the body; the connection breaks where it throws `ConnectionLost`. */
  constructor(
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly run: (to: ChunkWriter) => Promise<void>,
  ) {}
}

/** What writing fails with when the client has gone away, or the server is being closed: no errors. */
const GONE = [
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionReset,
  Deno.errors.BadResource,
  Deno.errors.Interrupted,
];

/** Sends an answer and ends the connection's outgoing half; throws what a stream's `run` throws. */
export async function send(connection: Deno.Conn, answer: Response | Streaming): Promise<void> {
  try {
    await (answer instanceof Streaming ? inChunks(connection, answer) : whole(connection, answer));
    await connection.closeWrite();
  } catch (error) {
    if (!GONE.some((kind) => error instanceof kind)) throw error;
  }
}

async function whole(connection: Deno.Conn, answer: Response): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer());
  const headers = new Headers(answer.headers);
  headers.set("content-length", String(body.length));
  const head = headOf(answer.status, headers, answer.statusText);
  await writeAll(connection, Buffer.concat([head, body]));
}

async function inChunks(connection: Deno.Conn, answer: Streaming): Promise<void> {
  const headers = new Headers({ ...answer.headers, "transfer-encoding": "chunked" });
  // The head goes with what comes first.
  let head = headOf(answer.status, headers);
  const write = async (...parts: (string | Uint8Array)[]) => {
    const message = Buffer.concat([head, ...parts.map((part) => Buffer.from(part as string))]);
    head = Buffer.alloc(0);
    await writeAll(connection, message);
  };
  const sized = (bytes: Uint8Array) => `${bytes.length.toString(16)}\r\n`;
  await answer.run({
    begin: () => write(),
    write: (bytes) => write(sized(bytes), bytes, "\r\n"),
    tear: (bytes) => write(sized(bytes), bytes.subarray(0, Math.ceil(bytes.length / 2))),
  });
  await write("0\r\n\r\n");
}

function headOf(status: number, headers: Headers, statusText = ""): Buffer<ArrayBuffer> {
  headers.set("connection", "close");
  headers.set("date", new Date().toUTCString());
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`HTTP/1.1 ${status} ${statusText}\r\n${lines}\r\n`);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}
