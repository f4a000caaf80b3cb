/** A model and a Storage without a network: every file is there, is uploaded, and is listened to. */
import { resolveTemplate } from "../../supabase/functions/generate-summary/compose/template.ts";
import type { Recording } from "../../supabase/functions/generate-summary/core/domain.ts";
import type { StorageReader } from "../../supabase/functions/generate-summary/extract/storage.ts";
import type {
  GenerateRequest,
  Model,
  PaidCall,
} from "../../supabase/functions/generate-summary/models/model.ts";
import { webm } from "./workbench.ts";

export const storage: StorageReader = {
  peek: () =>
    Promise.resolve({
      size: 1000,
      etag: "1",
      head: webm(1000),
      contentType: "audio/webm",
      open: () => Promise.resolve(new Response()),
    }),
};

/** Said in a recording, by the name of its file. */
export const heard = (...texts: string[]) => ({
  speech_found: true,
  language: "en",
  segments: texts.map((text, start) => (
    { speaker: "patient", start, text, mentions: { drugs: [], quantities: [] } }
  )),
});

/** A summary of one statement. */
export const composed = (text = "Has a cough.") => ({
  clinical_content: true,
  sections: resolveTemplate().sections.map((section) => ({
    section,
    heading: section,
    statements: section === "symptoms" ? [{ text, evidence: ["s1"], medication: null }] : [],
  })),
});

/** What a call costs. */
export const paid = (changes: Partial<PaidCall> = {}): PaidCall => ({
  at: "2026-11-24T12:00:00.000Z",
  model: "model-1",
  input_tokens: 1000,
  audio_tokens: 960,
  cached_tokens: 0,
  output_tokens: 10,
  thought_tokens: 0,
  ms: 1000,
  outcome: "ok",
  estimated: false,
  ...changes,
});

type Answer<Of> = (of: Of) => unknown;

/** `hear` gets a file's name, `compose` the request; an error that they give is thrown. */
export function fakeModel(
  { hear = () => heard("I have a cough."), compose = () => composed(), keeps = [] }: {
    hear?: Answer<string>;
    compose?: Answer<GenerateRequest>;
    /** Names of files that can't be deleted. */
    keeps?: string[];
  } = {},
) {
  const deleted: string[] = [];
  let swept = 0;
  const model: Model = {
    model: "model-1",
    typeName: (type) => type,
    fileName: ({ recording_id }) => Promise.resolve(`files/${recording_id}`),
    upload: (_open, { name, mimeType }) => Promise.resolve({ name, uri: name, mimeType }),
    countTokens: () => Promise.resolve(32 * 30),
    async generate(request) {
      const file = request.parts.flatMap((part) => "file" in part ? part.file.name : [])[0];
      const value = await (file === undefined ? compose(request) : hear(file));
      request.book(paid());
      if (value instanceof Error) throw value;
      return { text: JSON.stringify(value), cut: null, model: "model-1", audioTokens: 960 };
    },
    deleteFile(name) {
      deleted.push(name);
      return Promise.resolve(!keeps.includes(name));
    },
    sweep() {
      swept++;
      return Promise.resolve();
    },
    check: () => Promise.resolve(),
  };
  return { model, deleted, swept: () => swept };
}

/** A recording that waits to be extracted. */
export const recordingOf = (recording_id: string, changes: Partial<Recording> = {}): Recording => ({
  recording_id,
  object_version: "1",
  bucket_id: "consultations",
  object_path: `clinic/consultation/${recording_id}.webm`,
  kind: "audio",
  declared_type: "audio/webm",
  size_bytes: 1000,
  etag: null,
  created_at: "2026-11-22T08:00:00Z",
  excluded: null,
  take: 1,
  earlier: [],
  extractions: [],
  ...changes,
});
