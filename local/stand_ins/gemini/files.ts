/** Gemini's file store: names, states, and who may not see what. Bytes are not kept. */
import { Buffer } from "node:buffer";
import { invalid } from "./refusal.ts";
import { REFUSALS } from "./refusals.ts";

/**
 * The origin in addresses that are given out; nothing answers there. A client that was told a base URL
 * has to put that in its place.
 */
export const PUBLIC_ORIGIN = "https://gemini.invalid";

const AUDIO = "wav mp3 mpeg aiff aac ogg flac m4a opus webm l16 alaw mulaw".split(" ");
const IMAGE = "png jpeg webp heic heif".split(" ");
const VIDEO = "webm mp4".split(" ");
const TYPES = new Set([
  ...AUDIO.map((name) => `audio/${name}`),
  ...IMAGE.map((name) => `image/${name}`),
  ...VIDEO.map((name) => `video/${name}`),
]);

/** Two days. */
const LIFETIME_MS = 48 * 3600 * 1000;

/** How many times a video is seen PROCESSING; sound and pictures are ACTIVE at once. */
const VIDEO_POLLS = 2;

/** What any store tells of a file. */
interface AnyFile {
  name: string;
  mimeType: string;
  sizeBytes: string;
  /** What a prompt points at it with. */
  uri: string;
}

/** A file as `GET` answers it. */
interface GeminiFile extends AnyFile {
  displayName?: string;
  createTime: string;
  updateTime: string;
  expirationTime: string;
  /** Base64 of the hex text. */
  sha256Hash: string;
  state: "PROCESSING" | "ACTIVE" | "FAILED";
  source: "UPLOADED";
  error?: { code: number; message: string };
}

/** As answers are made of it, wherever it is kept. */
export interface StoredFile {
  file: AnyFile;
  /** Hex. */
  sha256: string;
}

interface GeminiStored extends StoredFile {
  file: GeminiFile;
  /** How many more times it is seen PROCESSING. */
  polls: number;
}

/** What can be wrong with a file that arrived whole. */
export interface FileFault {
  /** How many times it is seen PROCESSING first; Infinity: it never is ACTIVE. */
  polls?: number;
  /** It ends FAILED. */
  failed?: true;
  /** What it is said to be. */
  sizeBytes?: string;
  mimeType?: string;
  /** It is gone as soon as its upload has been answered. */
  gone?: true;
  /** Of Google Cloud alone, where files are neither processed nor FAILED: base64. */
  md5Hash?: string;
}

interface Arrived {
  name?: string;
  displayName?: string;
  mimeType: string;
  size: number;
  sha256: string;
  version: string;
}

/** 400 on a type that Gemini does not know; parameters such as `;codecs=opus` count as not known. */
export function checkType(mimeType: string): void {
  if (!TYPES.has(mimeType)) throw invalid(`Unsupported MIME type: ${mimeType}`);
}

/** 400 on a name that is not `files/` and 1 to 40 of a–z, 0–9 and `-`, no dash at either end. */
export function checkName(name: string): void {
  if (!/^files\/[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw invalid(
      `Invalid file name "${name}": at most 40 lowercase letters, digits and dashes, not beginning ` +
        "or ending with a dash.",
    );
  }
}

export class Files {
  /** By name. */
  readonly stored = new Map<string, GeminiStored>();

  /** 409 when there is a file of that name, whatever its state. */
  checkFree(name: string): void {
    if (this.stored.has(name)) throw REFUSALS.nameTaken(name);
  }

  add(arrived: Arrived, fault: FileFault = {}): GeminiFile {
    const name = arrived.name ?? `files/${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    this.checkFree(name);
    const now = new Date();
    const polls = fault.polls ?? (arrived.mimeType.startsWith("video/") ? VIDEO_POLLS : 0);
    const file: GeminiFile = {
      name,
      displayName: arrived.displayName,
      mimeType: fault.mimeType ?? arrived.mimeType,
      sizeBytes: fault.sizeBytes ?? String(arrived.size),
      createTime: now.toISOString(),
      updateTime: now.toISOString(),
      expirationTime: new Date(now.getTime() + LIFETIME_MS).toISOString(),
      sha256Hash: Buffer.from(arrived.sha256).toString("base64"),
      uri: `${PUBLIC_ORIGIN}/${arrived.version}/${name}`,
      state: "ACTIVE",
      source: "UPLOADED",
      error: fault.failed && { code: 3, message: "The file could not be processed." },
    };
    const stored = { file, sha256: arrived.sha256, polls };
    if (!fault.gone) this.stored.set(name, stored);
    return seen(stored);
  }

  /** What `GET` answers; one more poll of a file that is being processed. */
  get(name: string): GeminiFile {
    const stored = this.#find(name);
    const file = seen(stored);
    stored.polls = Math.max(0, stored.polls - 1);
    return file;
  }

  list(): GeminiFile[] {
    return [...this.stored.values()].map(seen);
  }

  delete(name: string): void {
    this.#find(name);
    this.stored.delete(name);
  }

  /** The file that a prompt points at: known, ACTIVE, and of the type that the prompt says. */
  use(uri: string, mimeType: string): StoredFile {
    const stored = [...this.stored.values()].find(({ file }) => file.uri === uri);
    if (!stored) throw REFUSALS.file(uri);
    const { name, state } = seen(stored);
    if (state !== "ACTIVE") throw REFUSALS.fileNotActive(name);
    if (stored.file.mimeType !== mimeType) {
      throw invalid(`The File ${name} is ${stored.file.mimeType}, not ${mimeType}.`);
    }
    return stored;
  }

  #find(name: string): GeminiStored {
    const stored = this.stored.get(name);
    if (!stored) throw REFUSALS.file(name);
    return stored;
  }
}

function seen({ file, polls }: GeminiStored): GeminiFile {
  if (polls > 0) return { ...file, state: "PROCESSING", error: undefined };
  return { ...file, state: file.error ? "FAILED" : "ACTIVE" };
}
