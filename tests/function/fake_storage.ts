/**
 * Supabase Storage as far as the function reads it, with faults; it counts requests. Over plain TCP:
 * web servers can't be made to break a connection in the middle of a body.
 */

type Answered = "peek" | "open";

type StorageFault =
  & { on: Answered; times?: number }
  & (
    | { status: number; body?: unknown; headers?: Record<string, string> }
    /** So much of the body, 0 to 1, then the connection breaks. */
    | { breakAt: number }
    | { ignoreRange: true }
    | { gzip: true }
    | { chunked: true }
    | { hang: true }
    /** Happens before the request is looked at. */
    | { before: () => void }
  );

export interface FakeStorage extends AsyncDisposable {
  url: string;
  key: string;
  requests: { what: Answered; range: string; status: number; path: string }[];
  /** Stores an object, or overwrites it; gives its ETag, another one each time. */
  put(path: string, bytes: Uint8Array, type?: string): string;
  fail(fault: StorageFault): void;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

export function startFakeStorage(): FakeStorage {
  const key = "sb_secret_test";
  const objects = new Map<string, { bytes: Uint8Array; type: string; etag: string }>();
  const faults: { fault: StorageFault; left: number }[] = [];
  const requests: FakeStorage["requests"] = [];
  let versions = 0;

  /** Null: no answer at all. */
  function answer(url: string, headers: Headers): Answer | null {
    const range = headers.get("range") ?? "";
    const path = decodeURIComponent(url.replace("/storage/v1/object/authenticated/", ""));
    const what = /^bytes=0-\d+$/.test(range) ? "peek" : "open";
    const entry = faults.find(({ fault, left }) => left > 0 && fault.on === what);
    if (entry) entry.left -= 1;
    const fault: StorageFault | { on?: undefined } = entry?.fault ?? {};
    const record: FakeStorage["requests"][number] = { what, range, status: 0, path };
    requests.push(record);
    if ("before" in fault) fault.before();
    if ("hang" in fault) return null;
    const given = "status" in fault
      ? json(fault.status, fault.body ?? {}, fault.headers)
      : read(path, range, headers.get("apikey"), "ignoreRange" in fault);
    record.status = given.status;
    if ("gzip" in fault) given.headers["content-encoding"] = "gzip";
    if ("chunked" in fault) {
      delete given.headers["content-length"];
      given.headers["transfer-encoding"] = "chunked";
      given.body = chunk(given.body);
    }
    if ("breakAt" in fault) given.body = given.body.subarray(0, given.body.length * fault.breakAt);
    return given;
  }

  function read(path: string, range: string, apikey: string | null, whole: boolean): Answer {
    if (apikey !== key) return json(400, { statusCode: "403", error: "Unauthorized" });
    const object = objects.get(path);
    if (!object) return json(400, { statusCode: "404", error: "not_found" });
    const { bytes, type, etag } = object;
    const [from, to] = range.replace("bytes=", "").split("-");
    const first = whole ? 0 : Number(from);
    if (!whole && first >= bytes.length) {
      return json(416, { statusCode: "416", error: "invalid_range" });
    }
    const body = bytes.subarray(first, to && !whole ? Number(to) + 1 : undefined);
    const headers = { etag, "content-type": type, "content-length": String(body.length) };
    const last = first + body.length - 1;
    return whole ? { status: 200, headers, body } : {
      status: 206,
      headers: { ...headers, "content-range": `bytes ${first}-${last}/${bytes.length}` },
      body,
    };
  }

  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  async function serve(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(16_384);
    const length = await connection.read(buffer) ?? 0;
    const [line, ...lines] = text(buffer.subarray(0, length)).trim().split("\r\n");
    const headers = new Headers(lines.map((line) => line.split(/: (.*)/).slice(0, 2)));
    const given = answer(line.split(" ")[1], headers);
    if (!given) return void await connection.read(buffer);
    const head = Object.entries({ ...given.headers, connection: "close" })
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await write(connection, bytesOf(`HTTP/1.1 ${given.status} Status\r\n${head}\r\n`));
    await write(connection, given.body);
  }
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      serve(connection).catch(() => {}).finally(() => {
        if (open.delete(connection)) connection.close();
      });
    }
  })();

  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    key,
    requests,
    put(path, bytes, type = "audio/webm") {
      const etag = `"${++versions}"`;
      objects.set(path, { bytes, type, etag });
      return etag;
    },
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      open.clear();
      await serving;
    },
  };
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  const body = bytesOf(JSON.stringify(value));
  return { status, headers: { ...headers, "content-length": String(body.length) }, body };
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

function chunk(body: Uint8Array): Uint8Array {
  const [head, tail] = [bytesOf(`${body.length.toString(16)}\r\n`), bytesOf("\r\n0\r\n\r\n")];
  const chunked = new Uint8Array(head.length + body.length + tail.length);
  chunked.set(head);
  chunked.set(body, head.length);
  chunked.set(tail, head.length + body.length);
  return chunked;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
