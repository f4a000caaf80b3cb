/** Extracts the recordings of a consultation, a few at a time; a file's failure is its own. */
import type { Extraction, Missing, Recording, Segment } from "../core/domain.ts";
import { type AppError, asAppError } from "../core/errors.ts";
import { follow } from "../core/follow.ts";
import { logAbout } from "../core/log.ts";
import { type ExtractDeps, extractRecording } from "./recording.ts";

/** A recording that was looked at. */
export interface Looked {
  recording: Recording;
  /** Of all parts that there are, also of a recording that could not be heard to its end. */
  segments: Segment[];
  error?: AppError;
  /** What is in no segment: stretches that were skipped, and what comes after the last part. */
  missing: Missing[];
}

const FILES_AT_ONCE = 3;

/**
 * In the order of `recordings`; never rejects. An error that ends the run is met by all: what is under way
 * is aborted, and nothing more begins.
 */
export async function extractFiles(
  recordings: Recording[],
  deps: Omit<ExtractDeps, "save">,
  save: (recording: Recording, part: Extraction) => ReturnType<ExtractDeps["save"]>,
): Promise<Looked[]> {
  const looked: Looked[] = [];
  const waiting = recordings.entries();
  const ended = new AbortController();
  const letGo = follow(deps.signal, ended);
  const { signal } = ended;
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, async () => {
    for (const [place, recording] of waiting) {
      const one = await logAbout(
        { recording_id: recording.recording_id },
        () => look(recording, { ...deps, signal, save: (part) => save(recording, part) }),
      );
      if (one.error?.scope === "run") ended.abort(one.error);
      looked[place] = one;
    }
  }));
  letGo();
  return looked;
}

async function look(recording: Recording, deps: ExtractDeps): Promise<Looked> {
  const parts = [...recording.extractions];
  let error: AppError | undefined;
  try {
    await extractRecording(recording, {
      ...deps,
      async save(part) {
        const outcome = await deps.save(part);
        if (outcome !== "lost") parts.push(part);
        return outcome;
      },
    });
  } catch (thrown) {
    error = asAppError(thrown);
    deps.log.warn("file_failed", { code: error.code });
  }
  return heardIn(recording, parts, error);
}

/** One that can't be listened to again is what was heard of it before. */
export function asBefore(looked: Looked): Looked {
  const { recording, error } = looked;
  return error && recording.earlier.length > 0 ? heardIn(recording, recording.earlier) : looked;
}

function heardIn(recording: Recording, parts: Extraction[], error?: AppError): Looked {
  const segments = parts.flatMap(({ segments }) => segments);
  return { recording, segments, error, missing: missingIn(parts, error) };
}

function missingIn(parts: Extraction[], error: AppError | undefined): Missing[] {
  const skipped = parts.flatMap(({ from_seconds, to_seconds, found: { missing: code } }) =>
    code ? [{ from_seconds, to_seconds, code }] : []
  );
  if (!error) return skipped;
  const from_seconds = parts.at(-1)?.to_seconds ?? 0;
  return [...skipped, { from_seconds, to_seconds: null, code: error.code }];
}
