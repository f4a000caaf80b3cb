/** Supabase Storage as far as the function reads it, with faults. It counts requests. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

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
  /** Stores an object, or overwrites it: the ETag is another then. */
  put(path: string, bytes: Uint8Array, type?: string): void;
  fail(fault: StorageFault): void;
}

export async function startFakeStorage(): Promise<FakeStorage> {
  const key = "sb_secret_test";
  const objects = new Map<string, { bytes: Uint8Array; type: string; etag: string }>();
  const faults: { fault: StorageFault; left: number }[] = [];
  const requests: FakeStorage["requests"] = [];
  let versions = 0;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { range = "", apikey } = request.headers;
    const path = decodeURIComponent(request.url!.replace("/storage/v1/object/authenticated/", ""));
    const what = /^bytes=0-\d+$/.test(range) ? "peek" : "open";
    const entry = faults.find(({ fault, left }) => left > 0 && fault.on === what);
    if (entry) entry.left -= 1;
    const fault: StorageFault | { on?: undefined } = entry?.fault ?? {};
    const record = { what, range, status: 0, path } as FakeStorage["requests"][number];
    requests.push(record);
    const finish = (
      status: number,
      headers: Record<string, string | number>,
      body?: Uint8Array,
    ) => {
      record.status = status;
      response.writeHead(status, headers).end(body);
    };
    const refuse = (status: number, statusCode: string) => {
      const body = JSON.stringify({ statusCode, error: "refused", message: "refused" });
      finish(status, { "content-type": "application/json" }, new TextEncoder().encode(body));
    };
    if ("before" in fault) fault.before();
    if ("hang" in fault) return;
    if ("status" in fault) {
      const body = new TextEncoder().encode(JSON.stringify(fault.body ?? {}));
      return finish(fault.status, { ...fault.headers }, body);
    }
    if (apikey !== key) return refuse(400, "403");
    const object = objects.get(path);
    if (!object) return refuse(400, "404");
    const { bytes, type, etag } = object;
    const [from, to] = range.replace("bytes=", "").split("-").map(Number);
    const ranged = !("ignoreRange" in fault);
    if (ranged && from >= bytes.length) {
      return finish(416, { "content-range": `bytes */${bytes.length}` });
    }
    const part = ranged ? bytes.subarray(from, range.endsWith("-") ? undefined : to + 1) : bytes;
    const headers: Record<string, string> = { etag, "content-type": type };
    if (ranged) {
      headers["content-range"] = `bytes ${from}-${from + part.length - 1}/${bytes.length}`;
    }
    if (!("chunked" in fault)) headers["content-length"] = String(part.length);
    if ("gzip" in fault) headers["content-encoding"] = "gzip";
    if ("breakAt" in fault) {
      record.status = ranged ? 206 : 200;
      response.writeHead(record.status, headers);
      const some = part.subarray(0, Math.floor(part.length * fault.breakAt));
      response.write(some, () => response.socket?.destroy());
      return;
    }
    if ("chunked" in fault) {
      record.status = ranged ? 206 : 200;
      response.writeHead(record.status, headers);
      response.write(part);
      response.end();
      return;
    }
    finish(ranged ? 206 : 200, headers, part);
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    requests,
    put: (path, bytes, type = "audio/webm") =>
      void objects.set(path, { bytes, type, etag: `"${++versions}"` }),
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
