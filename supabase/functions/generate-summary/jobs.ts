/**
 * The job rules, which live in the database: each method is one call of a function of the same name
 * (`supabase/migrations`). A worker makes its lease token itself, so that a call whose answer got
 * lost can be made again: every one of them is repeated on connection failures and 5xx.
 */
import { type Clock, within } from "./clock.ts";
import type { Database, Json } from "./database.types.ts";
import type { Extraction, Recording, Usage } from "./domain.ts";
import { AppError, type ErrorCode } from "./errors.ts";
import type { Supabase } from "./supabase.ts";
import type { TemplateConfig } from "./template.ts";
import {
  DATABASE_CALL_MS,
  LEASE_SECONDS,
  REPEAT_AFTER_MS,
  REPEAT_LEASED_AFTER_MS,
} from "./times.ts";

export type Submitter = "doctor" | "nurse" | "receptionist";

export interface Job {
  summary_id: string;
  clinic_id: string;
  consultation_id: string;
  /** 1 for the first. */
  attempt: number;
  max_attempts: number;
}

/** A file that Gemini may still hold. */
export interface LeftFile {
  recording_id: string;
  object_version: string;
}

export type Claim =
  | { outcome: "claimed"; job: Job }
  | { outcome: "nothing"; status: string | null }
  | { outcome: "full" }
  | { outcome: "cleanup"; summary_id: string; files: LeftFile[] };

export type Requested =
  | { outcome: "claimed"; job: Job }
  | { outcome: "queued"; summary_id: string; status: string }
  | { outcome: "active"; summary_id: string; status: string; same: boolean }
  | { outcome: "refused"; code: ErrorCode; retry_after: number | null };

export interface Inputs {
  submitted_by: Submitter;
  /** Lowest first. */
  templates: {
    clinic: TemplateConfig | null;
    consultation: TemplateConfig | null;
    summary: TemplateConfig | null;
  };
  recordings: Recording[];
}

/** A recording that was looked at. */
export interface Used {
  recording_id: string;
  object_version: string;
  outcome: "used" | "failed";
  code: ErrorCode | null;
  message: string | null;
}

export interface Result {
  sections: unknown;
  summary: string;
  model: string;
  prompt_version: string;
  usage: Usage;
  /** Something may still be at Gemini: the sweep asks for its deletion. */
  left_files: boolean;
}

export interface Jobs {
  request(
    asked: {
      consultation: string;
      user: string;
      template: TemplateConfig | null;
      submittedBy: Submitter | null;
    },
    token: string,
  ): Promise<Requested>;
  claim(id: string, token: string): Promise<Claim>;
  /** False when the lease was lost or the summary cancelled. */
  heartbeat(id: string, token: string, stage: string): Promise<boolean>;
  inputs(id: string): Promise<Inputs>;
  saveExtraction(
    id: string,
    token: string,
    recording: LeftFile,
    part: Extraction,
  ): Promise<"saved" | "exists" | "lost">;
  complete(
    id: string,
    token: string,
    used: Used[],
    result: Result,
  ): Promise<"completed" | "stale" | "lost">;
  fail(
    id: string,
    token: string,
    error: AppError,
    used: Used[],
    leftFiles: boolean,
  ): Promise<"queued" | "failed" | "lost">;
  release(id: string, token: string): Promise<boolean>;
  cleaned(id: string, token: string): Promise<boolean>;
}

type Functions = Database["public"]["Functions"];

/** A function's parameters; the generated types don't know what JSON holds. */
type Args<Name extends keyof Functions> = {
  [P in keyof Functions[Name]["Args"]]: Json extends Functions[Name]["Args"][P] ? unknown
    : Functions[Name]["Args"][P];
};

/** Jobs over the Data API; throws `database_unavailable` when it stays away, else `internal`. */
export function createJobs(supabase: Supabase, clock: Clock): Jobs {
  async function repeat<T, Name extends keyof Functions>(
    waits: number[],
    name: Name,
    args: Args<Name>,
  ): Promise<T> {
    const away = new AppError("database_unavailable");
    for (const wait of [...waits, null]) {
      const { data, error, status } = await within(
        clock,
        DATABASE_CALL_MS,
        away,
        undefined,
        // One that is aborted has an error and status 0.
        async (signal) => await supabase.rpc(name, args as never).abortSignal(signal),
      );
      if (!error) return data as T;
      if (status !== 0 && status < 500) throw new AppError("internal", { cause: error });
      if (wait !== null) await clock.sleep(wait);
    }
    throw away;
  }
  const call = <T, Name extends keyof Functions>(name: Name, args: Args<Name>): Promise<T> =>
    repeat(REPEAT_AFTER_MS, name, args);
  const callLeased = <T, Name extends keyof Functions>(name: Name, args: Args<Name>): Promise<T> =>
    repeat(REPEAT_LEASED_AFTER_MS, name, args);
  const lease = { p_lease_seconds: LEASE_SECONDS };

  return {
    request: (asked, token) =>
      call("request_summary", {
        p_consultation: asked.consultation,
        p_user: asked.user,
        p_token: token,
        p_template: asked.template ?? undefined,
        p_submitted_by: asked.submittedBy ?? undefined,
        ...lease,
      }),
    claim: (id, token) => call("claim_summary", { p_id: id, p_token: token, ...lease }),
    heartbeat: (id, token, stage) =>
      callLeased("heartbeat_summary", { p_id: id, p_token: token, p_stage: stage, ...lease }),
    inputs: (id) => callLeased("summary_inputs", { p_id: id }),
    saveExtraction: (id, token, recording, part) =>
      callLeased("save_extraction", {
        p_id: id,
        p_token: token,
        p_recording: recording.recording_id,
        p_object_version: recording.object_version,
        p_part: part,
      }),
    complete: (id, token, used, result) =>
      callLeased("complete_summary", { p_id: id, p_token: token, p_used: used, p_result: result }),
    fail: async (id, token, error, used, leftFiles) => {
      const failed: { outcome: "queued" | "failed" | "lost" } = await callLeased("fail_summary", {
        p_id: id,
        p_token: token,
        p_code: error.code,
        p_message: error.message,
        p_retryable: error.retry,
        p_retry_after: error.retryAfter && Math.ceil(error.retryAfter),
        p_used: used,
        p_left_files: leftFiles,
      });
      return failed.outcome;
    },
    release: (id, token) => callLeased("release_summary", { p_id: id, p_token: token }),
    cleaned: (id, token) => call("cleaned_summary", { p_id: id, p_token: token }),
  };
}
