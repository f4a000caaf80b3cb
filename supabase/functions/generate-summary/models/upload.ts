/**
 * Uploads a stored object by a resumable protocol: as a rule one request, whose body is the untouched body
 * of Storage's answer, so that the bytes stay out of JavaScript.
 */
import { type Clock, type Limits, within } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ModelFile, OpenSource, SourceFile } from "./model.ts";
import { Fault } from "./policy.ts";
import { withRetry } from "./retry.ts";

/** A file as its store tells of it. */
export interface KeptFile {
  uri: string;
  mimeType: string;
  /** Bytes */
  size: number;
  state: "PROCESSING" | "ACTIVE" | "FAILED" | "UNKNOWN";
  /** Of the bytes, hex; where the store tells. */
  md5?: string;
}

/** Where files are kept for a model: how one gets there is the same for each. */
export interface FileStore {
  clock: Clock;
  log: Log;
  /** What is known of a file; null when there is none of that name. */
  look(name: string, limits: Limits): Promise<KeptFile | null>;
  /** True when it is not there any more; never throws. */
  remove(name: string): Promise<boolean>;
  /** Begins an upload: the address for its bytes, which is a secret, or null when the name is taken. */
  start(file: SourceFile, limits: Limits): Promise<URL | null>;
  /**
   * One request with all bytes from `offset` on; `body` is null where they all have arrived. The file, or
   * that its name is taken, or null when only `received` can tell what arrived. Throws a `Fault`.
   */
  send(session: URL, bytes: Bytes): Promise<KeptFile | "taken" | null>;
  /** How many bytes have arrived, or that the upload is finished; NaN when it is no use any more. */
  received(session: URL, file: SourceFile, limits: Limits): Promise<number | "final">;
}

export interface Bytes {
  file: SourceFile;
  offset: number;
  body: Response["body"];
  signal?: AbortSignal;
}

interface Uploading {
  open: OpenSource;
  file: SourceFile;
  store: FileStore;
  limits: Limits;
}

/** An upload may take this, and as long as its size needs at half a MiB a second. */
const BASE_MS = 20_000;
const BYTES_PER_MS = 512 * 1024 / 1000;
/** Google's own client gives up then, too. */
const RECOVERIES_WITHOUT_PROGRESS = 3;

/** See `Model.upload`. */
export async function upload(
  open: OpenSource,
  file: SourceFile,
  store: FileStore,
  limits: Limits,
): Promise<ModelFile> {
  const { clock, log } = store;
  const enough = clock.now() + BASE_MS + file.size / BYTES_PER_MS;
  const late = enough < limits.deadline ? new Fault("upload_slow") : new AppError("out_of_time");
  const deadline = Math.min(enough, limits.deadline);
  const refuted = new Set<string>();
  return await withRetry(
    () =>
      within(
        clock,
        deadline - clock.now(),
        late,
        limits.signal,
        (signal) => uploadOnce({ open, file, store, limits: { deadline, signal } }, refuted, late),
      ),
    { deadline, signal: limits.signal, clock, log, needs: 0, ofFile: true },
  );
}

/** What is no use is deleted, and uploaded anew at the next try. */
async function uploadOnce(
  uploading: Uploading,
  refuted: Set<string>,
  late: Error,
): Promise<ModelFile> {
  const { file, store, limits } = uploading;
  const { clock, log } = store;
  const begun = clock.now();
  // Most services tell at the start that a name is taken, some only when all bytes have been sent.
  let kept = await store.look(file.name, limits);
  const session = kept ? null : await store.start(file, limits);
  if (session) kept = await sendAll(session, uploading);
  else kept ??= await store.look(file.name, limits);
  let wait = 1000;
  while (kept?.state === "PROCESSING") {
    if (clock.now() + wait > limits.deadline) throw late;
    await clock.sleep(wait, limits.signal);
    kept = await store.look(file.name, limits);
    wait = Math.min(wait * 1.5, 5000);
  }
  if (kept && isWhole(kept, file, refuted)) {
    const fields = { bytes: file.size, ms: clock.now() - begun };
    log.info(session ? "file_uploaded" : "file_reused", fields);
    return { name: file.name, uri: kept.uri, mimeType: kept.mimeType };
  }
  if (kept) await store.remove(file.name);
  // One that an earlier try left says nothing of this one.
  throw new Fault(session && kept?.state === "FAILED" ? "file_failed" : "upload_void");
}

/** In an outage files were ACTIVE with size "0"; a type may come back under another of its names. */
function isWhole(kept: KeptFile, file: SourceFile, refuted: Set<string>): boolean {
  const [kind] = file.mimeType.split("/");
  if (kept.state !== "ACTIVE" || kept.size !== file.size) return false;
  if (!kept.mimeType.startsWith(`${kind}/`)) return false;
  if (!file.md5 || !kept.md5 || kept.md5 === file.md5) return true;
  // The same twice is what Storage sends: its ETag is no MD5 (so it is with encryption by a key of yours).
  const again = refuted.has(kept.md5);
  refuted.add(kept.md5);
  return again;
}

/**
 * Sends the bytes until all have arrived; what arrived before a break is not sent again. Null when
 * nothing is there of that name after all.
 */
export async function sendAll(
  session: URL,
  { open, file, store, limits }: Uploading,
): Promise<KeptFile | null> {
  let offset = 0;
  for (let idle = 0; idle <= RECOVERIES_WITHOUT_PROGRESS;) {
    const body = offset < file.size ? (await open(offset, limits)).body : null;
    const sent = await store.send(session, { file, offset, body, signal: limits.signal })
      .catch((error) => {
        const over = error instanceof Fault && error.kind === "upload_void";
        if (over || limits.signal?.aborted) throw error;
        // Which side broke doesn't matter: what arrived is asked for next.
        return null;
      });
    if (sent === "taken") return await store.look(file.name, limits);
    if (sent) return sent;
    if (idle > 0) await store.clock.sleep(500 * 2 ** idle, limits.signal);
    const received = await store.received(session, file, limits);
    if (received === "final") return await store.look(file.name, limits);
    if (!(received <= file.size)) throw new Fault("upload_void");
    idle = received > offset ? 0 : idle + 1;
    offset = received;
    store.log.warn("file_resumed", { bytes: offset });
  }
  throw new Fault("upload_stuck");
}
