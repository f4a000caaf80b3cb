/**
 * The job rules live in the database (`supabase/migrations`): a call here is one of its functions, with
 * the arguments that it takes and the answer that it gives. A worker makes its lease token itself, so
 * that a call whose answer got lost can be made again: every one is repeated on connection failures
 * and 5xx.
 */
import { z } from "zod";
import { StoredTemplate } from "../compose/template.ts";
import { type Clock, within } from "../core/clock.ts";
import { ErrorCode, type Missing, Recording, RecordingVersion, Submitter } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import { DATABASE_CALL_MS, REPEAT_AFTER_MS, REPEAT_LEASED_AFTER_MS } from "../core/times.ts";
import type { Database } from "../database.types.ts";

const Job = z.object({
  summary_id: z.string(),
  clinic_id: z.string(),
  consultation_id: z.string(),
  /** 1 for the first. */
  attempt: z.int(),
  /** How many attempts may still gain nothing. */
  tries_left: z.int(),
  draft: z.unknown(),
});

/** What a summary is made of; templates lowest first. */
const Inputs = z.object({
  submitted_by: Submitter,
  templates: z.object({
    clinic: StoredTemplate.nullable(),
    consultation: StoredTemplate.nullable(),
    summary: StoredTemplate.nullable(),
  }),
  recordings: z.array(Recording),
});
export type Inputs = z.infer<typeof Inputs>;

const Claimed = z.object({ outcome: z.literal("claimed"), job: Job, inputs: Inputs });
/** A claimed summary, and what it is made of. */
export type Claimed = z.infer<typeof Claimed>;

const Cleanup = z.object({
  outcome: z.literal("cleanup"),
  summary_id: z.string(),
  files: z.array(RecordingVersion),
});
/** What an ended summary may have left at the model's service. */
export type Cleanup = z.infer<typeof Cleanup>;

const DeleteFiles = z.object({
  outcome: z.literal("delete_files"),
  clinic_id: z.string(),
  bucket_id: z.string(),
  paths: z.array(z.string()),
});
/** Files in Storage of a clinic that is being deleted. */
export type DeleteFiles = z.infer<typeof DeleteFiles>;

/** What every write of a worker carries: once the lease is lost, it changes nothing. */
export interface Lease {
  /** The summary. */
  p_id: string;
  /** Made by the worker. */
  p_token: string;
}

/** A recording that was looked at, as `complete_summary` and `fail_summary` take it. */
export type Used = RecordingVersion & {
  take: number;
  outcome: "used" | "partial" | "failed";
  code: ErrorCode | null;
  message: string | null;
  /** What the summary is made without; null: nothing. */
  missing: Missing[] | null;
};

export const QueueHealth = z.object({
  queued: z.int(),
  processing: z.int(),
  oldest_due_seconds: z.number().nullable(),
  held_by: z.enum(["provider", "account"]).nullable()
    .describe("Why nothing is claimed: the model's service answers nobody, or not this account."),
  paused_until: z.string().nullable().describe("When it is tried next whether it does."),
  dollars_a_day: z.number().nullable().describe("The day's budget; null: no limit."),
  dollars_spent: z.number().describe("What it has cost today."),
  dollars_reserved: z.number().describe("What those under way are expected to cost still."),
  last_sweep_at: z.string().nullable(),
  upload_trigger: z.boolean(),
  failed_last_hour: z.int(),
});

const Saved = z.object({
  outcome: z.enum(["saved", "exists", "lost"]),
  /** Whether the budget has room for another call of the model. */
  may_spend: z.boolean(),
});

/** What each function answers, the waits before a call of it is repeated, and how long it may take. */
const CALLS = {
  request_summary: {
    repeat: REPEAT_AFTER_MS,
    answer: z.discriminatedUnion("outcome", [
      z.object({ outcome: z.literal("queued"), summary_id: z.string(), status: z.string() }),
      z.object({
        outcome: z.literal("active"),
        summary_id: z.string(),
        status: z.string(),
        /** Whether it asks for the same. */
        same: z.boolean(),
      }),
      z.object({
        outcome: z.literal("refused"),
        code: ErrorCode,
        retry_after: z.number().nullable(),
      }),
    ]),
  },
  claim_next: {
    repeat: REPEAT_AFTER_MS,
    answer: z.discriminatedUnion("outcome", [
      Claimed,
      z.object({ outcome: z.literal("nothing") }),
      z.object({ outcome: z.literal("full") }),
      Cleanup,
      DeleteFiles,
    ]),
  },
  /** False when the lease was lost or the summary cancelled. */
  heartbeat_summary: { repeat: REPEAT_LEASED_AFTER_MS, answer: z.boolean() },
  /** Null when the lease was lost. */
  summary_inputs: { repeat: REPEAT_LEASED_AFTER_MS, answer: Inputs.nullable() },
  save_extraction: { repeat: REPEAT_LEASED_AFTER_MS, answer: Saved },
  save_draft: { repeat: REPEAT_LEASED_AFTER_MS, answer: Saved },
  tell_calls: { repeat: REPEAT_LEASED_AFTER_MS, answer: Saved.shape.may_spend },
  complete_summary: {
    repeat: REPEAT_LEASED_AFTER_MS,
    answer: z.discriminatedUnion("outcome", [
      z.object({ outcome: z.literal("completed"), next: Claimed.nullable() }),
      z.object({ outcome: z.literal("stale") }),
      z.object({ outcome: z.literal("lost") }),
    ]),
  },
  fail_summary: {
    repeat: REPEAT_LEASED_AFTER_MS,
    answer: z.object({ outcome: z.enum(["queued", "failed", "lost", "last"]) }),
  },
  release_summary: { repeat: REPEAT_LEASED_AFTER_MS, answer: z.boolean() },
  cleaned_summary: { repeat: REPEAT_AFTER_MS, answer: z.boolean() },
  queue_health: { repeat: [], answer: QueueHealth, ms: 5_000 },
};

type Functions = Database["public"]["Functions"];
type Called = keyof typeof CALLS & keyof Functions;
type Answers = { [Name in Called]: z.infer<(typeof CALLS)[Name]["answer"]> };

/**
 * Calls a function of the database. Throws `database_unavailable` when it stays away, and `internal`
 * when it refuses or answers something else than it should.
 */
export type Queue = <Name extends Called>(
  name: Name,
  args: Functions[Name]["Args"],
) => Promise<Answers[Name]>;

/** The part of a `DataApi` that is needed here. */
interface RpcClient {
  rpc(name: string, args?: object): {
    abortSignal(signal: AbortSignal): PromiseLike<
      { data: unknown; error: unknown; status: number }
    >;
  };
}

export function createQueue(dataApi: RpcClient, clock: Clock): Queue {
  const calls: {
    [Name in Called]: { repeat: number[]; answer: z.ZodType<Answers[Name]>; ms?: number };
  } = CALLS;
  return async (name, args) => {
    const { repeat, answer, ms = DATABASE_CALL_MS } = calls[name];
    const away = new AppError("database_unavailable");
    for (const wait of [...repeat, null]) {
      const { data, error, status } = await within(
        clock,
        ms,
        away,
        undefined,
        // One that is aborted has an error and status 0.
        async (signal) => await dataApi.rpc(name, args).abortSignal(signal),
      );
      if (!error) {
        const read = answer.safeParse(data);
        if (read.success) return read.data;
        throw new AppError("internal", { cause: read.error });
      }
      if (status !== 0 && status < 500) throw new AppError("internal", { cause: error });
      if (wait !== null) await clock.sleep(wait);
    }
    throw away;
  };
}
