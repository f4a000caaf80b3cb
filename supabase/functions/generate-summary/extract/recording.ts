/** Turns one recording into segments: uploads it, asks the model part by part, saves each part. */
import type { Clock, Limits } from "../core/clock.ts";
import { type Extraction, noUsage, type Recording, type Usage } from "../core/domain.ts";
import { AppError, asAppError, type ErrorCode } from "../core/errors.ts";
import { loops, readAnswer } from "./answer.ts";
import type { Gemini, GenerateRequest } from "../models/gemini_api/client.ts";
import type { Log } from "../core/log.ts";
import { detectType, type MediaType } from "./media_types.ts";
import { AUDIO_SCHEMA, AUDIO_SYSTEM, IMAGE_SCHEMA, IMAGE_SYSTEM, type Window } from "./prompt.ts";
import { PROMPT_VERSION } from "../core/prompt_version.ts";
import type { Storage } from "./storage.ts";
import { MODEL_CALL_MS } from "../core/times.ts";
import { fileName, type GeminiFile } from "../models/gemini_api/upload.ts";

export interface ExtractDeps extends Limits {
  storage: Storage;
  gemini: Gemini;
  clock: Clock;
  log: Log;
  /** Aborted when the lease is lost or the isolate goes. */
  signal: AbortSignal;
  /** Names of the files that may be at Gemini; kept up to date here. */
  left: Set<string>;
  /** Whether the lease is still ours: another worker uses files of the same names. */
  holds(): Promise<boolean>;
  /** Saves a part, unless the lease is lost; the first writer of a part wins. */
  save(part: Extraction): Promise<"saved" | "exists" | "lost">;
}

/** Gemini counts audio with this. */
const TOKENS_PER_SECOND = 32;
const WINDOW_SECONDS = 600;
/** A window that is cut off is halved, down to this. */
const SMALLEST_WINDOW_SECONDS = 60;
/**
 * About what the model writes in the time of a call: a window with more to say ends as cut off, and
 * gets smaller, instead of timing out.
 */
const MAX_OUTPUT_TOKENS = 10_240;

/** What is said of a prompt is said of its file. */
const OF_THE_FILE: Partial<Record<ErrorCode, ErrorCode>> = {
  model_rejected: "file_rejected",
  model_refused: "file_refused",
};

/**
 * All parts of a recording: those that it comes with, and the missing ones. The file at Gemini is
 * deleted when the last part is saved, or can never be. Throws the codes of a file, `model_*`,
 * `storage_unavailable`, `out_of_time`, and `lease_lost`, after which nothing more is touched.
 */
export async function extractRecording(
  recording: Recording,
  deps: ExtractDeps,
): Promise<Extraction[]> {
  if (recording.extractions.at(-1)?.is_last) return recording.extractions;
  if (recording.excluded) throw new AppError("file_excluded");
  const name = await fileName(recording.recording_id, recording.object_version);
  const remove = async () => {
    deps.left.add(name);
    if (await deps.gemini.deleteFile(name)) deps.left.delete(name);
  };
  try {
    const parts = await extractParts(recording, name, deps);
    await remove();
    return parts;
  } catch (thrown) {
    if (deps.signal.aborted) throw new AppError("lease_lost");
    const error = asAppError(thrown);
    // An earlier attempt may have left it, too.
    if (!error.retry) {
      if (!await deps.holds()) throw new AppError("lease_lost");
      await remove();
    }
    const code = OF_THE_FILE[error.code];
    throw code ? new AppError(code, { cause: error }) : error;
  }
}

async function extractParts(recording: Recording, name: string, deps: ExtractDeps) {
  const { storage, gemini, clock, log } = deps;
  const stored = await storage.peek(recording, deps);
  const declared = stored.contentType ?? recording.declared_type;
  const type = detectType(stored.head, declared, recording.object_path);
  if (!type) throw new AppError("file_type");
  if (clock.now() + MODEL_CALL_MS > deps.deadline) throw new AppError("out_of_time");

  deps.left.add(name);
  const upload = () =>
    gemini.upload(
      (from, limits) => storage.open(recording, stored, from, limits),
      { name, mimeType: type.mimeType, size: stored.size },
      deps,
    );
  let file = await upload();
  /** Files vanish; once is bad luck. */
  const withFile = async <T>(use: (file: GeminiFile) => Promise<T>): Promise<T> => {
    try {
      return await use(file);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "file_gone") throw error;
      file = await upload();
      return await use(file);
    }
  };

  const seconds = type.kind === "audio"
    ? await withFile((file) => gemini.countTokens(file, deps)) / TOKENS_PER_SECOND
    : 0;
  const parts = [...recording.extractions];
  let width = WINDOW_SECONDS;
  let usage = noUsage();
  while (!parts.at(-1)?.is_last) {
    const from = parts.at(-1)?.to_seconds ?? 0;
    const to = from + width < seconds ? from + width : null;
    const window = { from_seconds: from, to_seconds: to };
    const begun = clock.now();
    let asked;
    try {
      asked = await withFile((file) => ask(file, type.kind, window, usage, deps));
    } catch (error) {
      const half = Math.ceil(Math.min(width, seconds - from) / 2);
      const cut = error instanceof AppError && error.code === "model_truncated";
      if (!cut || half < SMALLEST_WINDOW_SECONDS) throw error;
      width = half;
      continue;
    }
    const part = { part: parts.length, ...window, is_last: to === null, ...asked, usage };
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

/**
 * Asks for a window of a recording, or a picture; an answer out of shape may be repaired once. What
 * was paid for is counted in `usage`, also for answers that were no use.
 */
async function ask(
  file: GeminiFile,
  kind: MediaType["kind"],
  window: Window,
  usage: Usage,
  { gemini, deadline, signal }: ExtractDeps,
): Promise<Pick<Extraction, "segments" | "found" | "model" | "prompt_version">> {
  const audio = kind === "audio";
  const request = (fault?: string): GenerateRequest => ({
    system: audio ? AUDIO_SYSTEM : IMAGE_SYSTEM,
    parts: [
      { fileData: { fileUri: file.uri, mimeType: file.mimeType } },
      { text: JSON.stringify({ task: "extract", kind, window: audio ? window : null, fault }) },
    ],
    schema: audio ? AUDIO_SCHEMA : IMAGE_SCHEMA,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    thinkingLevel: "LOW",
    usage,
    deadline,
    signal,
  });
  let fault: string | undefined;
  for (let asked = 0; asked < 2; asked++) {
    const answer = await gemini.generate(request(fault));
    // Without tokens of audio the model made it all up.
    if (audio && !answer.audioTokens) throw new AppError("file_not_heard");
    const read = readAnswer(kind, answer.value, window);
    fault = read.fault;
    if (read.fault !== undefined) continue;
    if (loops(read.segments)) throw new AppError("model_truncated");
    const { segments, found } = read;
    return { segments, found, model: answer.model, prompt_version: PROMPT_VERSION };
  }
  throw new AppError("model_answer");
}
