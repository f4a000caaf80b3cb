/** Turns one recording into segments: uploads it, asks the model window by window, saves each part. */
import type { Clock, Limits } from "../core/clock.ts";
import { type Extraction, noUsage, type Recording } from "../core/domain.ts";
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { MODEL_CALL_MS } from "../core/times.ts";
import type { Model, ModelFile } from "../models/model.ts";
import { detectType } from "./media_types.ts";
import type { StorageReader } from "./storage.ts";

export interface ExtractDeps extends Limits {
  storage: StorageReader;
  model: Model;
  clock: Clock;
  log: Log;
  /** Aborted when the lease is lost or the isolate goes. */
  signal: AbortSignal;
  /** Names of the files that may be at the model's service; kept up to date here. */
  left: Set<string>;
  /** Whether the lease is still ours: another worker uses files of the same names. */
  holds(): Promise<boolean>;
  /** How many answers may still be paid for in vain. */
  triesLeft: number;
  /** Saves a part, unless the lease is lost; the first writer of a part wins. */
  save(part: Extraction): Promise<"saved" | "exists" | "lost">;
}

/** The longest window that is asked for. */
const WINDOW_SECONDS = 600;
/** A window that is cut off is halved, down to this. */
const SMALLEST_WINDOW_SECONDS = 60;
/** Gemini counts audio with this. */
const TOKENS_PER_SECOND = 32;

/**
 * All parts of a recording: those that it comes with, and the missing ones. The file at the model's
 * service is deleted when the last part is saved, or can never be. Throws the codes of a file,
 * `model_*`, `storage_unavailable`, `out_of_time`, and `lease_lost`, after which nothing more is
 * touched.
 */
export async function extractRecording(
  recording: Recording,
  deps: ExtractDeps,
): Promise<Extraction[]> {
  if (recording.extractions.at(-1)?.is_last) return recording.extractions;
  if (recording.excluded) throw new AppError("file_excluded");
  // Storage on S3 answers any range of it with 500, as if it were away.
  if (recording.size_bytes === 0) throw new AppError("file_empty");
  const { model, left, signal } = deps;
  const name = await model.fileName(recording);
  const remove = async () => {
    left.add(name);
    if (await model.deleteFile(name)) left.delete(name);
  };
  try {
    const parts = await extractParts(recording, name, deps);
    await remove();
    return parts;
  } catch (thrown) {
    if (signal.aborted) throw new AppError("lease_lost");
    const error = asAppError(thrown);
    // An earlier attempt may have left it, too.
    if (!error.retry) {
      if (!await deps.holds()) throw new AppError("lease_lost");
      await remove();
    }
    throw error;
  }
}

async function extractParts(
  recording: Recording,
  name: string,
  deps: ExtractDeps,
): Promise<Extraction[]> {
  const { storage, model, clock, log } = deps;
  const stored = await storage.peek(recording, deps);
  const declared = stored.contentType ?? recording.declared_type;
  const type = await detectType(stored.head, declared, recording.object_path);
  if (!type) throw new AppError("file_type");
  if (clock.now() + MODEL_CALL_MS > deps.deadline) throw new AppError("out_of_time");

  deps.left.add(name);
  const upload = () =>
    model.upload(stored.open, { name, mimeType: type.mimeType, size: stored.size }, deps);
  let file = await upload();
  // Prompts and their schemas: not before the bytes are on their way.
  const { hearWindow } = await import("./window.ts");
  /** Files vanish; once is bad luck. */
  const withFile = async <T>(use: (file: ModelFile) => Promise<T>): Promise<T> => {
    try {
      return await use(file);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "file_gone") throw error;
      file = await upload();
      return await use(file);
    }
  };

  const seconds = type.kind === "audio"
    ? await withFile((file) => model.countTokens(file, deps)) / TOKENS_PER_SECOND
    : 0;
  const parts = [...recording.extractions];
  let width = WINDOW_SECONDS;
  let usage = noUsage();
  /** Answers that were paid for since something was saved. */
  let tries = 0;
  while (!parts.at(-1)?.is_last) {
    const from = parts.at(-1)?.to_seconds ?? 0;
    const to = from + width < seconds ? from + width : null;
    const window = { from_seconds: from, to_seconds: to };
    const begun = clock.now();
    let heard;
    try {
      const limits = { ...deps, triesLeft: deps.triesLeft - tries };
      heard = await withFile((file) => hearWindow(file, type.kind, window, usage, limits));
    } catch (thrown) {
      const error = asAppError(thrown);
      tries += error.tries;
      const half = Math.ceil(Math.min(width, seconds - from) / 2);
      const goesOn = error.code === "model_truncated" && half >= SMALLEST_WINDOW_SECONDS &&
        tries < deps.triesLeft;
      if (!goesOn) throw error.counting(tries);
      width = half;
      continue;
    }
    tries = 0;
    const part = { part: parts.length, ...window, is_last: to === null, ...heard, usage };
    if (await deps.save(part) === "lost") throw new AppError("lease_lost");
    parts.push(part);
    usage = noUsage();
    log.info("extracted", {
      part: part.part,
      count: part.segments.length,
      tokens: part.usage.input_tokens + part.usage.output_tokens,
      model: part.model,
      ms: clock.now() - begun,
    });
  }
  return parts;
}
