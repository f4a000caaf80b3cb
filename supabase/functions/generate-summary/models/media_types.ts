/** What each way calls a type of file: one table. */

interface Names {
  /** As ai.google.dev/gemini-api/docs/audio and /image-understanding list them. */
  geminiApi: string;
  /** As the platform's pages of its models list them; null: they don't. */
  googleCloud: string | null;
}

const same = (name: string): Names => ({ geminiApi: name, googleCloud: name });
const geminiOnly = (name: string): Names => ({ geminiApi: name, googleCloud: null });

export const MEDIA_TYPES = {
  "audio/wav": same("audio/wav"),
  "audio/mp3": same("audio/mp3"),
  "audio/m4a": same("audio/m4a"),
  "audio/aac": { geminiApi: "audio/aac", googleCloud: "audio/x-aac" },
  "audio/ogg": same("audio/ogg"),
  "audio/flac": same("audio/flac"),
  "audio/webm": same("audio/webm"),
  "audio/aiff": geminiOnly("audio/aiff"),
  "audio/l16": geminiOnly("audio/l16"),
  "audio/alaw": geminiOnly("audio/alaw"),
  "audio/mulaw": geminiOnly("audio/mulaw"),
  "image/jpeg": same("image/jpeg"),
  "image/png": same("image/png"),
  "image/webp": same("image/webp"),
  "image/heic": same("image/heic"),
  "image/heif": same("image/heif"),
} satisfies Record<string, Names>;

export type MimeType = keyof typeof MEDIA_TYPES;
