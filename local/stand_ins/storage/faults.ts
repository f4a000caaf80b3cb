/**
 * What a test can make go wrong with the next reads of objects' bytes. Each fault is used `times`
 * times (once), by the first request that it fits, then it is gone.
 */
export interface StorageFault {
  /** Only this `bucket/path`. */
  path?: string;
  /** Only requests with (`ranged`) or without (`whole`) a Range header. */
  on?: "ranged" | "whole";
  /** Only requests whose Range header is like this. */
  range?: RegExp;
  times?: number;
  /** Runs first: overwrite the object meanwhile, wait for something. */
  before?: () => unknown;
  /** Answers with this status and the Storage API's error shape. */
  status?: number;
  /** Answers 302 to this address. */
  redirect?: string;
  /** The connection breaks after that many bytes of the body. */
  breakAt?: number;
  bytesPerSecond?: number;
  /** Content-Length is left out, so the body goes out chunked. */
  chunked?: boolean;
  /** The body goes out compressed. */
  gzip?: boolean;
}

export function takeFault(
  faults: StorageFault[],
  path: string,
  range: string | null,
): StorageFault | undefined {
  const fault = faults.find((candidate) =>
    (candidate.path ?? path) === path &&
    (candidate.on === undefined || (candidate.on === "ranged") === (range !== null)) &&
    (candidate.range?.test(range ?? "") ?? true)
  );
  if (!fault) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}

/** The same bytes, slower or broken off. */
export async function* disturbed(
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { breakAt, bytesPerSecond }: StorageFault,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let sent = 0;
  for await (const chunk of bytes) {
    if (bytesPerSecond) {
      await new Promise((done) => setTimeout(done, chunk.length / bytesPerSecond * 1000));
    }
    if (breakAt !== undefined && sent + chunk.length >= breakAt) {
      yield chunk.subarray(0, breakAt - sent);
      // Fewer bytes than the Content-Length says: the server breaks the connection.
      return;
    }
    sent += chunk.length;
    yield chunk;
  }
}
