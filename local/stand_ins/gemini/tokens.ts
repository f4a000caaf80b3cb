/** What Gemini counts: 32 tokens a second of sound, 1,120 a picture, text by its length. */
import type { Question } from "./answers.ts";
import type { StoredFile } from "./files.ts";
import type { Sample } from "./samples.ts";

const IMAGE_TOKENS = 1120;
const AUDIO_TOKENS_PER_SECOND = 32;
export const CHARACTERS_PER_TOKEN = 4;

/** Of recordings whose length is not known: kilobits a second that are usual for the type. */
const USUAL_KBPS: Record<string, number> = {
  "audio/wav": 256,
  "audio/aiff": 256,
  "audio/l16": 256,
  "audio/flac": 128,
  "audio/mp3": 128,
  "audio/mpeg": 128,
  "audio/alaw": 64,
  "audio/mulaw": 64,
};
const OTHER_KBPS = 32;

export interface TokenCount {
  modality: "TEXT" | "AUDIO" | "IMAGE" | "VIDEO";
  tokenCount: number;
}

/** A file or a text of a prompt, in the order in which the model reads them. */
export interface PromptPiece {
  /** A text, or a file's SHA-256. */
  content: string;
  count: TokenCount;
}

/** Tokens of a prompt, by what they are. */
export function promptTokens(question: Question, system: string, samples: Sample[]): TokenCount[] {
  const text = textTokens(system + question.texts.join(""));
  const details: TokenCount[] = text > 0 ? [{ modality: "TEXT", tokenCount: text }] : [];
  return [...details, ...question.files.map((file) => fileTokens(file, samples))];
}

/** A prompt piece by piece: the instruction, the files, the texts. */
export function promptPieces(question: Question, system: string, samples: Sample[]): PromptPiece[] {
  const text = (content: string): PromptPiece => ({
    content,
    count: { modality: "TEXT", tokenCount: textTokens(content) },
  });
  const files = question.files.map((file) => ({
    content: file.sha256,
    count: fileTokens(file, samples),
  }));
  return [text(system), ...files, ...question.texts.map(text)];
}

function fileTokens({ file, sha256 }: StoredFile, samples: Sample[]): TokenCount {
  const [kind] = file.mimeType.split("/");
  if (kind === "image") return { modality: "IMAGE", tokenCount: IMAGE_TOKENS };
  const known = samples.find((sample) => sample.sha256 === sha256)?.seconds;
  const kbps = USUAL_KBPS[file.mimeType] ?? OTHER_KBPS;
  const seconds = known ?? Number(file.sizeBytes) * 8 / (kbps * 1000);
  return {
    modality: kind === "video" ? "VIDEO" : "AUDIO",
    tokenCount: Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND),
  };
}

export const textTokens = (text: string) => Math.ceil(text.length / CHARACTERS_PER_TOKEN);
export const sum = (details: TokenCount[]) =>
  details.reduce((total, { tokenCount }) => total + tokenCount, 0);
