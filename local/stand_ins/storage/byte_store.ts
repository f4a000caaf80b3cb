/** The bytes of objects on disk, one file a version, as Storage keeps them in S3. */
import { createHash } from "node:crypto";
import { tooLarge } from "./errors.ts";

/** By version. Nothing is ever held whole. */
export interface ByteStore {
  /** Appends what the stream gives, as it comes. Throws `tooLarge` beyond `limit` bytes in all. */
  append(version: string, body: AsyncIterable<Uint8Array> | null, limit: number): Promise<void>;
  size(version: string): Promise<number>;
  /** MD5 in quotes, as S3 gives it for an object of one part. */
  eTag(version: string): Promise<string>;
  open(version: string): Promise<Deno.FsFile>;
  copy(version: string, to: string): Promise<void>;
  remove(version: string): Promise<void>;
}

/** Bytes. */
const CHUNK = 64 * 1024;

export function byteStore(dir: string): ByteStore {
  const path = (version: string) => `${dir}/${version}`;
  return {
    async append(version, body, limit) {
      using file = await Deno.open(path(version), { create: true, append: true });
      let total = (await file.stat()).size;
      for await (const chunk of body ?? []) {
        total += chunk.length;
        if (total > limit) throw tooLarge();
        for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
      }
    },
    size: async (version) => (await Deno.stat(path(version))).size,
    async eTag(version) {
      const hash = createHash("md5");
      for await (const chunk of (await Deno.open(path(version))).readable) hash.update(chunk);
      return `"${hash.digest("hex")}"`;
    },
    open: (version) => Deno.open(path(version)),
    copy: (version, to) => Deno.copyFile(path(version), path(to)),
    remove: (version) => Deno.remove(path(version)).catch(() => {}),
  };
}

/** `length` bytes from `from` on; the file is closed with the stream. */
export async function partOf(
  file: Deno.FsFile,
  from: number,
  length: number,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  await file.seek(from, Deno.SeekMode.Start);
  let left = length;
  return new ReadableStream({
    async pull(controller) {
      const chunk = new Uint8Array(Math.min(CHUNK, left));
      const count = left > 0 ? await file.read(chunk) : null;
      if (count !== null) {
        left -= count;
        return controller.enqueue(chunk.subarray(0, count));
      }
      file.close();
      controller.close();
    },
    cancel: () => file.close(),
  });
}
