/** A user asks for a summary, waits for it, and reads what came of it. */
import { z } from "zod";
import type { TemplateConfig } from "../compose/template.ts";
import { Section } from "../compose/sections.ts";
import type { Clock } from "../core/clock.ts";
import { ErrorCode, type Submitter } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { follow } from "../core/follow.ts";
import { answerDeadline } from "../core/times.ts";
import type { Queue } from "../job/queue.ts";
import type { DataApi } from "../job/data_api.ts";
import type { SummaryWorker } from "../job/worker.ts";
import type { Session } from "./identify.ts";
import { type AcceptedAnswer, type SummaryAnswer, WaitingFor } from "./answers.ts";

export interface Asked {
  consultation: string;
  user: string;
  session: Session;
  template?: TemplateConfig;
  /** Left out: as the user's role says. */
  submittedBy?: Submitter;
}

export interface AskDeps {
  queue: Queue;
  worker: SummaryWorker;
  dataApi: DataApi;
  clock: Clock;
  log: Log;
  /** When the isolate's work must have ended, as time since the epoch. */
  deadline: number;
}

/** How long until the row is looked at while the work may go on elsewhere: longer each time. */
const FIRST_LOOK_MS = 500;
const LAST_LOOK_MS = 5000;

const UNKNOWN = "The address names no recording of your clinic.";

/**
 * Asks for the summary, wakes this isolate's worker, and waits until the summary has ended, whoever
 * works on it, or the time to answer has come. An active one that asks for the same is the answer to
 * this request too. With `wait` false it returns at once, and when `hungUp` is aborted: nobody listens.
 * Throws what `request_summary` refuses with,
 * `already_running` with the id of the one under way, and the error with which the summary ended.
 */
export async function askForSummary(
  asked: Asked,
  wait: boolean,
  { queue, worker, dataApi, clock, log, deadline }: AskDeps,
  hungUp: AbortSignal,
): Promise<SummaryAnswer | AcceptedAnswer> {
  const requested = await queue("request_summary", {
    p_consultation: asked.consultation,
    p_user: asked.user,
    p_template: asked.template,
    p_submitted_by: asked.submittedBy,
    p_session: { ...asked.session },
  });
  if (requested.outcome === "refused") {
    throw new AppError(requested.code, { retryAfter: requested.retry_after ?? undefined });
  }
  if (requested.outcome === "active" && !requested.same) {
    throw new AppError("already_running", { summaryId: requested.summary_id });
  }
  const id = requested.summary_id;
  log.info("request", { summary_id: id, user_id: asked.user, code: requested.outcome });
  const answerBy = wait ? answerDeadline(clock.now(), deadline) : clock.now();
  // One that is queued may have lost its hint, or not have got one yet.
  void worker.wake();
  for (
    let pause = FIRST_LOOK_MS;
    clock.now() < answerBy;
    pause = Math.min(pause * 2, LAST_LOOK_MS)
  ) {
    const looked = new AbortController();
    const letGo = follow(hungUp, looked);
    const ended = worker.ended(id, looked.signal);
    const late = clock.sleep(Math.min(pause, answerBy - clock.now()), looked.signal);
    await Promise.race([ended, late.catch(() => {})]);
    looked.abort();
    letGo();
    if (hungUp.aborted) return { summary_id: id, status: requested.status };
    const row = await readRow(dataApi, id);
    if (!["queued", "processing"].includes(row.status)) return answerOf(row);
    // That takes until tomorrow.
    if (row.waiting_for === "budget") return answerOf(row);
  }
  return answerOf(await readRow(dataApi, id));
}

const LookedAt = z.object({
  outcome: z.enum(["used", "partial", "failed"]),
  code: ErrorCode.nullable().catch("internal"),
  message: z.string().nullable(),
  recordings: z.object({ kind: z.enum(["audio", "image"]), object_path: z.string() }),
});

const Row = z.object({
  id: z.string(),
  consultation_id: z.string(),
  status: z.string(),
  waiting_for: WaitingFor.nullable().catch(null),
  summary: z.string().nullable(),
  sections: z.array(Section).nullable(),
  model: z.string().nullable(),
  completed_at: z.string().nullable(),
  error_code: ErrorCode.nullable().catch("internal"),
  error_message: z.string().nullable(),
  summary_recordings: z.array(LookedAt),
});
type Row = z.infer<typeof Row>;

/** Throws `not_found`, `database_unavailable`. */
async function readRow(dataApi: DataApi, id: string): Promise<Row> {
  const { data, error } = await dataApi.from("summaries").select(
    "id, consultation_id, status, waiting_for, summary, sections, model, completed_at, error_code, " +
      "error_message, summary_recordings(outcome, code, message, recordings(kind, object_path))",
  ).eq("id", id).maybeSingle();
  if (error) throw new AppError("database_unavailable", { cause: error });
  if (!data) throw new AppError("not_found");
  return Row.parse(data);
}

/** Throws the error with which it ended. */
function answerOf(row: Row): SummaryAnswer | AcceptedAnswer {
  if (row.status === "cancelled") throw new AppError("cancelled");
  if (row.status === "failed") {
    throw new AppError(row.error_code ?? "internal", { message: row.error_message ?? undefined });
  }
  if (row.status !== "completed") {
    return { summary_id: row.id, status: row.status, waiting_for: row.waiting_for };
  }
  const files = row.summary_recordings;
  const count = (kind: string) =>
    files.filter(({ outcome, recordings }) => outcome !== "failed" && recordings.kind === kind)
      .length;
  return {
    summary: row.summary ?? "",
    model: row.model ?? "",
    timestamp: row.completed_at ?? "",
    files_processed: {
      audio: count("audio"),
      images: count("image"),
      errors: files.filter(({ outcome }) => outcome !== "used").map((file) => ({
        path: file.recordings.object_path,
        code: file.code ?? "internal",
        message: file.message ?? "",
      })),
    },
    summary_id: row.id,
    consultation_id: row.consultation_id,
    status: "completed",
    sections: row.sections ?? [],
  };
}

/** The answer, with the addresses that named no recording, and the fields that nobody knows. */
export function withNotes<T extends SummaryAnswer | AcceptedAnswer>(
  answer: T,
  unknown: string[],
  ignored: string[],
): T {
  const errors = unknown.map((path) => ({
    path,
    code: "url_not_allowed" as const,
    message: UNKNOWN,
  }));
  const noted = ignored.length > 0 ? { ...answer, ignored } : answer;
  if (errors.length === 0) return noted;
  if (!("files_processed" in noted)) return { ...noted, errors };
  const { files_processed } = noted;
  return {
    ...noted,
    files_processed: { ...files_processed, errors: [...files_processed.errors, ...errors] },
  };
}
