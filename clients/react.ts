"use client";
/** Hooks over `createSummaries`, for React 18 and later. Make `summaries` once, outside of components. */
// @ts-types="@types/react"
import { useCallback, useEffect, useRef, useState } from "react";
import { SummariesError } from "./refusals.ts";
import type { Summaries } from "./summaries.ts";
import type { Summary } from "./types.ts";
import type { Place, UploadOptions } from "./upload.ts";

/** One summary as it changes; null until it was read, and where `id` is null. */
export function useSummary(
  summaries: Summaries,
  id: string | null,
): { summary: Summary | null; error: SummariesError | null } {
  const [shown, watcher] = useShown<Summary>(id);
  useEffect(() => {
    if (id) return ending(summaries.watch(id, watcher(id)));
  }, [summaries, id]);
  return { summary: shown.value, error: shown.error };
}

/** A clinic's newest summaries as they change; null until they were read. */
export function useClinicSummaries(
  summaries: Summaries,
  clinicId: string | null,
): { summaries: Summary[] | null; error: SummariesError | null } {
  const [shown, watcher] = useShown<Summary[]>(clinicId);
  useEffect(() => {
    if (clinicId) {
      return ending(summaries.watchClinic(clinicId, watcher(clinicId)));
    }
  }, [summaries, clinicId]);
  return { summaries: shown.value, error: shown.error };
}

/** One upload at a time, with its progress. It is aborted by `abort`, not when the page is left. */
export function useUpload(summaries: Summaries): {
  /** Gives the path; null when it failed, which `error` tells, or was aborted. */
  upload(
    place: Place,
    file: Blob,
    options?: Pick<UploadOptions, "extension">,
  ): Promise<string | null>;
  abort(): void;
  /** From 0 to 1; null unless one is under way. */
  progress: number | null;
  error: SummariesError | null;
} {
  const [progress, setProgress] = useState<number | null>(null);
  const [error, setError] = useState<SummariesError | null>(null);
  const aborting = useRef<AbortController | null>(null);
  const upload = useCallback(
    async (
      place: Place,
      file: Blob,
      options: Pick<UploadOptions, "extension"> = {},
    ) => {
      const { signal } = aborting.current = new AbortController();
      setError(null);
      setProgress(0);
      try {
        return await summaries.upload(place, file, {
          ...options,
          signal,
          onProgress: setProgress,
        });
      } catch (thrown) {
        if (!signal.aborted) setError(asError(thrown));
        return null;
      } finally {
        setProgress(null);
      }
    },
    [summaries],
  );
  const abort = useCallback(() => aborting.current?.abort(), []);
  return { upload, abort, progress, error };
}

interface Shown<Value> {
  of: string | null;
  value: Value | null;
  error: SummariesError | null;
}

/** What was read last, of `of` alone: of another one nothing is shown. */
function useShown<Value>(of: string | null) {
  const [shown, setShown] = useState<Shown<Value>>({
    of,
    value: null,
    error: null,
  });
  const watcher = (of: string) => ({
    show: (value: Value) => setShown({ of, value, error: null }),
    onError: (error: SummariesError) =>
      setShown((before) => ({
        of,
        value: before.of === of ? before.value : null,
        error,
      })),
  });
  return [
    shown.of === of ? shown : { of, value: null, error: null },
    watcher,
  ] as const;
}

/** An effect's end may give nothing. */
const ending = (stop: () => Promise<void>) => () => void stop();

const asError = (thrown: unknown) =>
  thrown instanceof SummariesError
    ? thrown
    : new SummariesError("internal", undefined, { cause: thrown });
