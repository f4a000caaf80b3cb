/**
 * The job rules, which live in the database: each method is one call of a function of the same name
 * (`supabase/migrations`). A worker makes its lease token itself, so that a call whose answer got
 * lost can be made again: every one of them is repeated on connection failures and 5xx.
 */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Clock } from "./clock.ts";
import type { Extraction, Recording, Usage } from "./domain.ts";
import { AppError, type ErrorCode } from "./errors.ts";
import type { TemplateConfig } from "./template.ts";
import { LEASE_SECONDS } from "./times.ts";

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

/** Milliseconds to wait before each repetition. */
const REPEAT_AFTER = [250, 1000, 3000];

/** Jobs over the Data API; throws `database_unavailable` when it stays away, else `internal`. */
export function createJobs(supabase: SupabaseClient, clock: Clock): Jobs {
  async function call<T>(name: string, args: Record<string, unknown>): Promise<T> {
    for (let repeated = 0;; repeated++) {
      const { data, error, status } = await supabase.rpc(name, args);
      if (!error) return data as T;
      const away = status === 0 || status >= 500;
      if (!away) throw new AppError("internal", { cause: error });
      if (repeated === REPEAT_AFTER.length) throw new AppError("database_unavailable");
      await clock.sleep(REPEAT_AFTER[repeated]);
    }
  }
  const lease = { p_lease_seconds: LEASE_SECONDS };

  return {
    request: (asked, token) =>
      call("request_summary", {
        p_consultation: asked.consultation,
        p_user: asked.user,
        p_template: asked.template,
        p_submitted_by: asked.submittedBy,
        p_token: token,
        ...lease,
      }),
    claim: (id, token) => call("claim_summary", { p_id: id, p_token: token, ...lease }),
    heartbeat: (id, token, stage) =>
      call("heartbeat_summary", { p_id: id, p_token: token, p_stage: stage, ...lease }),
    inputs: (id) => call("summary_inputs", { p_id: id }),
    saveExtraction: (id, token, recording, part) =>
      call("save_extraction", {
        p_id: id,
        p_token: token,
        p_recording: recording.recording_id,
        p_object_version: recording.object_version,
        p_part: part.part,
        p_from_seconds: part.from_seconds,
        p_to_seconds: part.to_seconds,
        p_is_last: part.is_last,
        p_result: {
          segments: part.segments,
          found: part.found,
          model: part.model,
          prompt_version: part.prompt_version,
          usage: part.usage,
        },
      }),
    complete: (id, token, used, result) =>
      call("complete_summary", { p_id: id, p_token: token, p_used: used, p_result: result }),
    fail: async (id, token, error, used, leftFiles) => {
      const { outcome } = await call<{ outcome: "queued" | "failed" | "lost" }>("fail_summary", {
        p_id: id,
        p_token: token,
        p_code: error.code,
        p_message: error.message,
        p_retryable: error.retry,
        p_retry_after: error.retryAfter === undefined ? null : Math.ceil(error.retryAfter),
        p_used: used,
        p_left_files: leftFiles,
      });
      return outcome;
    },
    release: (id, token) => call("release_summary", { p_id: id, p_token: token }),
    cleaned: (id, token) => call("cleaned_summary", { p_id: id, p_token: token }),
  };
}
