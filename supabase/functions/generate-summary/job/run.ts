/** The work on one claimed summary: extract what is new, compose, complete; and its heartbeat. */
import type { Clock } from "../core/clock.ts";
import { compose } from "../compose/compose.ts";
import type { Recording, Segment } from "../core/domain.ts";
import { AppError, asAppError, causeOf, type ErrorCode } from "../core/errors.ts";
import { type ExtractDeps, extractRecording } from "../extract/recording.ts";
import type { Gemini } from "../models/gemini_api/client.ts";
import type { Inputs, Job, Jobs, Used } from "./queue.ts";
import { type Log, logAbout } from "../core/log.ts";
import type { Storage } from "../extract/storage.ts";
import { resolveTemplate } from "../compose/template.ts";
import { HEARTBEAT_MS } from "../core/times.ts";

export interface WorkDeps {
  jobs: Jobs;
  storage: Storage;
  gemini: Gemini;
  clock: Clock;
  log: Log;
  /** When the isolate's work must have ended, as time since the epoch. */
  deadline: number;
}

/** Files worked on at the same time. */
const FILES_AT_ONCE = 3;

interface Looked {
  recording: Recording;
  segments: Segment[];
  error?: AppError;
}

/**
 * Works on a claimed job until it is completed, failed, back in the queue, released or lost; never
 * rejects. `shutdown` says that the isolate is going: the job is released.
 */
export async function work(job: Job, token: string, deps: WorkDeps, shutdown: AbortSignal) {
  const { jobs, clock, log } = deps;
  const id = job.summary_id;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, shutdown]);
  let stage = "extracting";
  const beat = async (now = stage) => {
    stage = now;
    if (!await jobs.heartbeat(id, token, stage)) {
      stop.abort(new AppError("lease_lost"));
      throw new AppError("lease_lost");
    }
  };
  const beating = keepBeating(beat, clock, signal);
  const left = new Set<string>();
  let used: Used[] = [];
  const started = clock.now();
  log.info("claim", { attempt: job.attempt });
  try {
    for (let outcome = ""; outcome !== "completed";) {
      await beat("extracting");
      const inputs = await jobs.inputs(id);
      const looked = await extractAll(inputs.recordings, id, token, {
        ...deps,
        signal,
        left,
        holds: () => jobs.heartbeat(id, token, stage),
      });
      signal.throwIfAborted();
      used = looked.map(toUsed);
      refuse(looked, job);
      await beat("composing");
      const result = await composeAll(inputs, looked, { ...deps, signal });
      signal.throwIfAborted();
      outcome = await jobs.complete(id, token, used, { ...result, left_files: left.size > 0 });
      if (outcome === "lost") throw new AppError("lease_lost");
      if (outcome === "stale") log.info("stale");
    }
    log.info("completed", { ms: clock.now() - started });
  } catch (thrown) {
    const error = asAppError(shutdown.aborted ? new AppError("out_of_time") : thrown);
    await end(error).catch((error) => log.error("failed", { code: asAppError(error).code }));
  } finally {
    stop.abort();
    await beating;
  }

  async function end(error: AppError) {
    if (error.code === "lease_lost") return log.warn("lease_lost");
    if (error.code === "out_of_time") {
      await jobs.release(id, token);
      return log.info("released");
    }
    if (error.code === "internal") log.error("failed", { code: causeOf(error) });
    const outcome = await jobs.fail(id, token, error, used, left.size > 0);
    if (outcome === "lost") return log.warn("lease_lost");
    log.warn(outcome === "queued" ? "requeued" : "failed", { code: error.code });
  }
}

/** Says every few seconds that the worker lives, until `signal`; a database that is away is no death. */
async function keepBeating(beat: () => Promise<void>, clock: Clock, signal: AbortSignal) {
  while (!signal.aborted) {
    await clock.sleep(HEARTBEAT_MS, signal).catch(() => {});
    if (!signal.aborted) await beat().catch(() => {});
  }
}

/** Extracts what has no extraction yet; a file's failure is its own. */
async function extractAll(
  recordings: Recording[],
  id: string,
  token: string,
  deps: WorkDeps & Pick<ExtractDeps, "signal" | "left" | "holds">,
): Promise<Looked[]> {
  const looked = new Map<string, Looked>();
  const queue = recordings.values();
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, async () => {
    for (const recording of queue) {
      try {
        const extractions = await logAbout(
          { recording_id: recording.recording_id },
          () =>
            extractRecording(recording, {
              ...deps,
              save: (part) => deps.jobs.saveExtraction(id, token, recording, part),
            }),
        );
        const segments = extractions.flatMap(({ segments }) => segments);
        looked.set(recording.recording_id, { recording, segments });
      } catch (thrown) {
        const error = asAppError(thrown);
        deps.log.warn("file_failed", { recording_id: recording.recording_id, code: error.code });
        looked.set(recording.recording_id, { recording, segments: [], error });
      }
    }
  }));
  return recordings.map(({ recording_id }) => looked.get(recording_id)!);
}

/** These are not about a file: a summary without it would leave out what could be had tomorrow. */
const NOT_OF_A_FILE: ErrorCode[] = [
  "lease_lost",
  "out_of_time",
  "model_key",
  "model_quota",
  "model_not_found",
];

/**
 * A file that may succeed later sends the job back into the queue, until its last attempt: then the
 * summary is made without it. Throws what ends this run: the lease or the time, the account at
 * Gemini, trouble that may pass, or that no file is left.
 */
function refuse(looked: Looked[], job: Job): void {
  const errors = looked.flatMap(({ error }) => error ?? []);
  const ending = errors.find(({ code }) => NOT_OF_A_FILE.includes(code));
  if (ending) throw ending;
  const passing = errors.find(({ retry }) => retry);
  if (passing && job.attempt < job.max_attempts) throw passing;
  if (looked.length === 0) throw new AppError("no_recordings");
  if (errors.length < looked.length) return;
  throw new Set(errors.map(({ code }) => code)).size === 1
    ? errors[0]
    : new AppError("no_usable_files");
}

function composeAll(
  inputs: Inputs,
  looked: Looked[],
  { gemini, deadline, log, signal }: WorkDeps & { signal: AbortSignal },
) {
  const { clinic, consultation, summary } = inputs.templates;
  return compose({
    recordings: looked.map(({ recording, segments }) => ({
      recording_id: recording.recording_id,
      segments,
    })),
    template: resolveTemplate(clinic, consultation, summary),
    submittedBy: inputs.submitted_by,
  }, { generate: (request) => gemini.generate({ ...request, signal }), deadline, log });
}

function toUsed({ recording, error }: Looked): Used {
  return {
    recording_id: recording.recording_id,
    object_version: recording.object_version,
    outcome: error ? "failed" : "used",
    code: error?.code ?? null,
    message: error?.message ?? null,
  };
}
