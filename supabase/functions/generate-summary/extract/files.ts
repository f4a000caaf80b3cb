/** Extracts the recordings of a consultation, a few at a time; a file's failure is its own. */
import type { Extraction, Recording, Segment } from "../core/domain.ts";
import { type AppError, asAppError } from "../core/errors.ts";
import { logAbout } from "../core/log.ts";
import { type ExtractDeps, extractRecording } from "./recording.ts";

/** A recording that was looked at. */
export interface Looked {
  recording: Recording;
  /** None when it could not be used. */
  segments: Segment[];
  error?: AppError;
}

const FILES_AT_ONCE = 3;

/** In the order of `recordings`; never rejects. */
export async function extractFiles(
  recordings: Recording[],
  deps: Omit<ExtractDeps, "save">,
  save: (recording: Recording, part: Extraction) => ReturnType<ExtractDeps["save"]>,
): Promise<Looked[]> {
  const looked: Looked[] = [];
  const waiting = recordings.entries();
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, async () => {
    for (const [place, recording] of waiting) {
      looked[place] = await logAbout(
        { recording_id: recording.recording_id },
        () => look(recording, { ...deps, save: (part) => save(recording, part) }),
      );
    }
  }));
  return looked;
}

async function look(recording: Recording, deps: ExtractDeps): Promise<Looked> {
  try {
    const parts = await extractRecording(recording, deps);
    return { recording, segments: parts.flatMap(({ segments }) => segments) };
  } catch (thrown) {
    const error = asAppError(thrown);
    deps.log.warn("file_failed", { code: error.code });
    return { recording, segments: [], error };
  }
}
