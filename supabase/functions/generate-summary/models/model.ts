/** What a way to a model is: files that it keeps for a while, and structured answers about them. */
import type { Clock, Limits } from "../core/clock.ts";
import type { ModelCall, RecordingVersion } from "../core/domain.ts";
import type { Log } from "../core/log.ts";
import type { MimeType } from "./media_types.ts";
import type { FaultKind } from "./policy.ts";

/** What a way to a model is made with. */
export interface WayDeps {
  fetch: typeof fetch;
  clock: Clock;
  log: Log;
  /** Milliseconds that one answer may take. */
  longest: number;
}

/** A file at the model's service. */
export interface ModelFile {
  /** As `Model.fileName` gives it. */
  name: string;
  /** What a request names it by. */
  uri: string;
  mimeType: string;
}

/** A file that is to be uploaded. */
export interface SourceFile {
  /** As `Model.fileName` gives it. */
  name: string;
  mimeType: string;
  /** Bytes */
  size: number;
  /** Of the bytes, hex, where Storage tells it. */
  md5?: string;
}

/** Answers with the source's bytes from `from` on, and with their Content-Length. */
export type OpenSource = (from: number, limits: Limits) => Promise<Response>;

/** Files come first, so that equal beginnings are cached. */
export type Part = { file: ModelFile } | { text: string };

/** A request that may have been paid for. */
export type PaidCall = Omit<ModelCall, "id" | "recording_id" | "purpose"> & {
  outcome: "ok" | FaultKind;
};

export interface GenerateRequest extends Limits {
  system: string;
  parts: Part[];
  /** What the files among them count as input, where that is known. */
  fileTokens?: number;
  /** JSON schema of the answer, in the subset that Gemini knows. */
  schema: unknown;
  /** Thinking counts, too. */
  maxOutputTokens: number;
  thinkingLevel?: "LOW" | "MEDIUM" | "HIGH";
  /** Whether the beginning of an answer is of use: then one that is cut off is given back. */
  takesBeginning?: boolean;
  /** Is told each request that may have been paid for, once, also those of which nothing comes. */
  book(call: PaidCall): void;
}

export interface Generation {
  /** JSON, in whole or its beginning; whether it keeps to the schema is for the caller to check. */
  text: string;
  /** Why it is not whole, where the request takes beginnings; null: it is. */
  cut: FaultKind | null;
  /** Milliseconds that the service asks to be left alone after that. */
  delay?: number;
  /** The model that served it, which may not be the one that was asked. */
  model: string;
  /** What was heard, at 32 a second; null when the answer doesn't say. */
  audioTokens: number | null;
}

export interface Model {
  /** The one that is asked: the fallback, once the first is gone. */
  readonly model: string;
  /** What that service calls a type of file; null: it takes none such. */
  typeName(type: MimeType): string | null;
  /** The name of a recording's version there: it says nothing, and is the same on every try. */
  fileName(version: RecordingVersion): Promise<string>;
  /**
   * Uploads what `open` gives, or finds that an earlier try did, and waits until it can be used.
   * Throws `file_rejected`, the `model_*` codes, `out_of_time`, and whatever `open` throws.
   */
  upload(open: OpenSource, file: SourceFile, limits: Limits): Promise<ModelFile>;
  /** What a file costs as input: 32 tokens a second of audio. Throws as `generate` does. */
  countTokens(file: ModelFile, limits: Limits): Promise<number>;
  /**
   * One structured answer. Ends by itself before the deadline, so that what came can be saved. Throws
   * `out_of_time` when too little time is left for a call, or nothing came in it; the codes of
   * `policy.ts` that are the model's (where the request holds a file, those of the file); and
   * `file_gone` when a file of the request is not there. Where the request takes beginnings, what the
   * model itself ended (refused, blocked, cut off, unusable) is given back, also without any text.
   */
  generate(request: GenerateRequest): Promise<Generation>;
  /** True when it is not there any more; never throws. */
  deleteFile(name: string): Promise<boolean>;
  /** Deletes what nobody will ask for any more, where the service doesn't do so by itself; never throws. */
  sweep(): Promise<void>;
  /** Asks for the model. Throws as `generate` does. */
  check(): Promise<void>;
}
