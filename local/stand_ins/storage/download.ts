/** Downloads of the Storage API. */
import { invalidRange, noSuchBytes, s3Error } from "./errors.ts";
import { disturbed, type StorageFault, takeFault } from "./faults.ts";
import { type ByteStore, partOf } from "./byte_store.ts";
import type { Cdn } from "./cdn.ts";
import type { StoredObject } from "./object_store.ts";

/** Where Storage keeps bytes: S3 as hosted projects, or files. They refuse a range differently. */
export type Backend = "s3" | "file";

interface Wanted {
  bucket: string;
  name: string;
  /** Looks the object up, as whoever may read it. */
  find(): Promise<StoredObject>;
}

/** Answers a GET or HEAD of an object's bytes: ranges, conditions, exact lengths. */
export async function download(
  request: Request,
  { bucket, name, find }: Wanted,
  { bytes, cdn, faults, backend }: {
    bytes: ByteStore;
    cdn: Cdn;
    faults: StorageFault[];
    backend: Backend;
  },
): Promise<Response> {
  const range = request.headers.get("range");
  const fault = request.method === "GET"
    ? takeFault(faults, `${bucket}/${name}`, range)
    : undefined;
  await fault?.before?.();
  if (fault?.status) {
    const { status } = fault;
    return Response.json(
      { statusCode: String(status), error: "Injected", message: "Injected fault" },
      { status },
    );
  }
  if (fault?.redirect) {
    return new Response(null, { status: 302, headers: { location: fault.redirect } });
  }
  const { object, file } = await openObject(async () => cdn.serves(await find()), bytes);
  const answer = answerTo(request, object);
  if (answer === "unsatisfiable") {
    file.close();
    throw backend === "s3" ? s3Error() : invalidRange();
  }
  if (!answer.part || request.method === "HEAD") {
    file.close();
    return new Response(null, answer);
  }

  if (fault?.chunked || fault?.gzip) answer.headers.delete("content-length");
  const part = await partOf(file, answer.part.from, answer.part.length);
  const body = fault ? ReadableStream.from(disturbed(part, fault)) : part;
  if (!fault?.gzip) return new Response(body, answer);
  answer.headers.set("content-encoding", "gzip");
  return new Response(body.pipeThrough(new CompressionStream("gzip")), answer);
}

/** The object and its bytes, which stay readable when it is overwritten from here on. */
async function openObject(find: Wanted["find"], bytes: ByteStore) {
  for (let tries = 0; tries < 3; tries++) {
    const object = await find();
    try {
      return { object, file: await bytes.open(object.version) };
    } catch (error) {
      // Overwritten between the two.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw noSuchBytes();
}

interface Answer {
  status: number;
  headers: Headers;
  /** The bytes to send. */
  part?: { from: number; length: number };
}

/** Everything of the answer but the bytes. */
function answerTo(request: Request, object: StoredObject): Answer | "unsatisfiable" {
  const { size, eTag, mimetype, cacheControl, lastModified } = object.metadata;
  const headers = new Headers({
    "content-type": mimetype,
    "cache-control": cacheControl,
    etag: eTag,
    "last-modified": new Date(lastModified).toUTCString(),
    "accept-ranges": "bytes",
  });
  const wanted = new URL(request.url).searchParams.get("download");
  if (wanted !== null) {
    const name = encodeURIComponent(wanted || object.name.split("/").at(-1)!);
    headers.set("content-disposition", `attachment; filename*=UTF-8''${name}`);
  }
  if (unchanged(request.headers, eTag, lastModified)) return { status: 304, headers };

  const range = request.headers.get("range");
  const satisfied = range ? satisfy(range, size) : undefined;
  if (satisfied === "unsatisfiable") return satisfied;
  const part = satisfied ?? { from: 0, length: size };
  headers.set("content-length", String(part.length));
  if (!satisfied) return { status: 200, headers, part };
  headers.set("content-range", `bytes ${part.from}-${part.from + part.length - 1}/${size}`);
  return { status: 206, headers, part };
}

function unchanged(headers: Headers, eTag: string, lastModified: string): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return tags.split(",").some((tag) => ["*", eTag].includes(tag.trim()));
  const since = headers.get("if-modified-since");
  // HTTP dates have whole seconds.
  return since !== null && Math.floor(Date.parse(lastModified) / 1000) * 1000 <= Date.parse(since);
}

/** One range of bytes; several or malformed ones are ignored, as HTTP allows. */
function satisfy(range: string, size: number) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range.trim());
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [first, last] = [match[1], match[2]].map((text) => text === "" ? undefined : Number(text));
  const from = first ?? Math.max(0, size - last!);
  const to = first === undefined ? size - 1 : Math.min(last ?? size - 1, size - 1);
  if (from >= size || to < from) return "unsatisfiable" as const;
  return { from, length: to - from + 1 };
}
