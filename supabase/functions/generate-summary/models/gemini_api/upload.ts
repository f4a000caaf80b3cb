/**
 * Uploads a stored object by the Files API's resumable protocol: as a rule one request, whose body is
 * the untouched body of Storage's answer, so that the bytes stay out of JavaScript.
 */
import { type Limits, within } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { ModelFile, OpenSource, SourceFile } from "../model.ts";
import { Fault } from "../policy.ts";
import { withRetry } from "../retry.ts";
import type { GeminiClient } from "./client.ts";
import { send, start, type Uploading } from "./resumable.ts";

/** An upload may take this, and as long as its size needs at half a MiB a second. */
const BASE_MS = 20_000;
const BYTES_PER_MS = 512 * 1024 / 1000;

/** See `Model.upload`. */
export async function upload(
  open: OpenSource,
  file: SourceFile,
  client: GeminiClient,
  limits: Limits,
): Promise<ModelFile> {
  const { clock, log } = client;
  const enough = clock.now() + BASE_MS + file.size / BYTES_PER_MS;
  const late = enough < limits.deadline ? new Fault("upload_slow") : new AppError("out_of_time");
  const deadline = Math.min(enough, limits.deadline);
  return await withRetry(
    () =>
      within(
        clock,
        deadline - clock.now(),
        late,
        limits.signal,
        (signal) => uploadOnce({ open, file, client, limits: { deadline, signal } }, late),
      ),
    { deadline, signal: limits.signal, clock, log, needs: 0, ofFile: true },
  );
}

/** What is no use is deleted, and uploaded anew at the next try. */
async function uploadOnce(uploading: Uploading, late: Error): Promise<ModelFile> {
  const { file, client, limits } = uploading;
  const { clock, log } = client;
  const begun = clock.now();
  // Most services tell at the start that a name is taken, some only when all bytes have been sent.
  let remote: Awaited<ReturnType<typeof send>> = await client.look(file.name, limits);
  const session = remote ? null : await start(uploading);
  if (session) remote = await send(session, uploading);
  else remote ??= await client.look(file.name, limits);
  let wait = 1000;
  while (remote?.state === "PROCESSING") {
    if (clock.now() + wait > limits.deadline) throw late;
    await clock.sleep(wait, limits.signal);
    remote = await client.look(file.name, limits);
    wait = Math.min(wait * 1.5, 5000);
  }
  const { uri = "", mimeType = "", sizeBytes, state } = remote ?? {};
  // In an outage files were ACTIVE with size "0"; a type may come back under another of its names.
  const [kind] = file.mimeType.split("/");
  if (state === "ACTIVE" && Number(sizeBytes) === file.size && mimeType.startsWith(`${kind}/`)) {
    const fields = { bytes: file.size, ms: clock.now() - begun };
    log.info(session ? "file_uploaded" : "file_reused", fields);
    return { name: file.name, uri, mimeType };
  }
  if (remote) await client.remove(file.name);
  // One that an earlier try left says nothing of this one.
  throw new Fault(session && state === "FAILED" ? "file_failed" : "upload_void");
}
