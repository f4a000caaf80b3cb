/** Turns one recording into segments: uploads it, has the model hear it, saves each part. */
import type { Clock, Limits } from "../core/clock.ts";
import { type Extraction, type ModelCall, type Recording, usageOf } from "../core/domain.ts";
import { AppError, asAppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { PROMPT_VERSION } from "../core/prompt_version.ts";
import { SHORTEST_MODEL_CALL_MS } from "../core/times.ts";
import type { Model, ModelFile, PaidCall } from "../models/model.ts";
import type { Heard } from "./hearing.ts";
import { detectType } from "./media_types.ts";
import type { Question } from "./request.ts";
import type { StorageReader } from "./storage.ts";

export interface ExtractDeps extends Limits {
  storage: StorageReader;
  model: Model;
  clock: Clock;
  log: Log;
  /** Aborted when the lease is lost or the isolate goes, or with the error that ends the run. */
  signal: AbortSignal;
  /** Names of the files that may be at the model's service; kept up to date here. */
  left: Set<string>;
  /** Whether the lease is still ours: another worker uses files of the same names. */
  holds(): Promise<boolean>;
  /** How many answers may still be paid for in vain, in a row. */
  triesLeft: number;
  /** Is told each request to the model that may have been paid for. */
  book(call: ModelCall): void;
  /** Saves a part, unless the lease is lost; the first writer of a part wins. */
  save(part: Extraction): Promise<"saved" | "exists" | "lost">;
}

/** Gemini counts audio with this. */
const TOKENS_PER_SECOND = 32;
/** About what it counts a picture with. */
const IMAGE_TOKENS = 1120;

/**
 * Makes and saves the parts of a recording that are missing. The file at the model's service is deleted
 * when the last part is saved, or can never be. Throws the codes of a file, `model_*`,
 * `storage_unavailable`, `out_of_time`, and `lease_lost` or the error that ends the run, after which
 * nothing more is touched.
 */
export async function extractRecording(
  recording: Recording,
  deps: ExtractDeps,
): Promise<void> {
  if (recording.extractions.at(-1)?.is_last) return;
  if (deps.signal.aborted) throw reasonOf(deps.signal);
  if (recording.excluded) throw new AppError(recording.excluded);
  // Storage on S3 answers any range of it with 500, as if it were away.
  if (recording.size_bytes === 0) throw new AppError("file_empty");
  const { model, left, signal } = deps;
  const name = await model.fileName(recording);
  const remove = async () => {
    left.add(name);
    if (await model.deleteFile(name)) left.delete(name);
  };
  try {
    await extractParts(recording, name, deps);
    await remove();
  } catch (thrown) {
    if (signal.aborted) throw reasonOf(signal);
    const error = asAppError(thrown);
    // An earlier attempt may have left it, too.
    if (!error.retry) {
      if (!await deps.holds()) throw new AppError("lease_lost");
      await remove();
    }
    throw error;
  }
}

/** Another file's error that ends the run, else the lease. */
function reasonOf({ reason }: AbortSignal): AppError {
  return reason instanceof AppError ? reason : new AppError("lease_lost");
}

async function extractParts(recording: Recording, name: string, deps: ExtractDeps): Promise<void> {
  const { storage, model, clock, log } = deps;
  const stored = await storage.peek(recording, deps);
  const declared = stored.contentType ?? recording.declared_type;
  const type = await detectType(stored.head, declared, recording.object_path);
  const mimeType = type && model.typeName(type.mimeType);
  if (!mimeType) throw new AppError("file_type");
  if (clock.now() + SHORTEST_MODEL_CALL_MS > deps.deadline) throw new AppError("out_of_time");

  deps.left.add(name);
  const { size, md5 } = stored;
  const upload = () => model.upload(stored.open, { name, mimeType, size, md5 }, deps);
  let file = await upload();
  // Prompts and their schemas: not before the bytes are on their way.
  const [{ listen }, { lookAt }, { audioRequest, imageRequest }] = await Promise.all([
    import("./listen.ts"),
    import("./picture.ts"),
    import("./request.ts"),
  ]);
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

  const parts = [...recording.extractions];
  /** Since something was saved. */
  let calls: PaidCall[] = [];
  const book = (call: PaidCall) => {
    calls.push(call);
    const { recording_id } = recording;
    deps.book({ ...call, id: crypto.randomUUID(), recording_id, purpose: "extract" });
  };
  async function save(heard: Heard): Promise<void> {
    const usage = usageOf(calls);
    const part = { part: parts.length, ...heard, prompt_version: PROMPT_VERSION, usage };
    if (await deps.save(part) === "lost") throw new AppError("lease_lost");
    parts.push(part);
    log.info("extracted", {
      part: part.part,
      count: part.segments.length,
      tokens: usage.input_tokens + usage.output_tokens,
      model: part.model,
      ms: calls.reduce((sum, { ms }) => sum + ms, 0),
    });
    calls = [];
  }
  const { deadline, signal, triesLeft } = deps;
  const given = { book, deadline, signal };

  if (type.kind === "image") {
    const ask = (fault?: string) =>
      withFile((file) =>
        model.generate({ ...imageRequest(file, fault), ...given, fileTokens: IMAGE_TOKENS })
      );
    const seen = await lookAt(ask, triesLeft);
    return await save({ ...seen, from_seconds: 0, to_seconds: null, is_last: true });
  }
  const fileTokens = await withFile((file) => model.countTokens(file, deps));
  const seconds = fileTokens / TOKENS_PER_SECOND;
  const ask = (question: Question) =>
    withFile((file) => model.generate({ ...audioRequest(file, question), ...given, fileTokens }));
  await listen({ clock, log, deadline, signal, parts, seconds, triesLeft, ask, save });
}
