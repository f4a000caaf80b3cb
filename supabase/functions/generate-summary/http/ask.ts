/** A user asks for a summary, and waits for it. */
import type { Clock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Jobs, Submitter } from "../job/queue.ts";
import type { Log } from "../core/log.ts";
import { readSummary, type SummaryState } from "./results.ts";
import type { Supabase } from "../job/supabase.ts";
import type { TemplateConfig } from "../compose/template.ts";
import { answerDeadline } from "../core/times.ts";
import type { Worker } from "../job/worker.ts";

export interface Asked {
  consultation: string;
  user: string;
  template: TemplateConfig | null;
  /** null: as the user's role says. */
  submittedBy: Submitter | null;
}

/** How often the row is looked at while the work goes on elsewhere. */
const LOOK_EVERY_MS = 1000;

/**
 * Asks for the summary, works on it here if nobody else does, and waits until it has ended or the
 * time to answer has come. An active one that asks for the same is the answer to this request too.
 * With `wait` false it returns at once. Throws what `request_summary` refuses with, and
 * `already_running` with the id of the one under way.
 */
export async function summarize(
  asked: Asked,
  wait: boolean,
  { jobs, worker, supabase, clock, log, deadline }: {
    jobs: Jobs;
    worker: Worker;
    supabase: Supabase;
    clock: Clock;
    log: Log;
    deadline: number;
  },
): Promise<SummaryState> {
  const token = crypto.randomUUID();
  const requested = await jobs.request(asked, token);
  if (requested.outcome === "refused") {
    throw new AppError(requested.code, { retryAfter: requested.retry_after ?? undefined });
  }
  if (requested.outcome === "active" && !requested.same) {
    throw new AppError("already_running", { summaryId: requested.summary_id });
  }
  const id = requested.outcome === "claimed" ? requested.job.summary_id : requested.summary_id;
  log.info("request", { summary_id: id, code: requested.outcome });
  // One that is queued may have lost its hint: whoever asks for it may as well do it.
  const work = requested.outcome === "claimed"
    ? worker.start(requested.job, token)
    : worker.take(id);

  const answerBy = wait ? answerDeadline(clock.now(), deadline) : clock.now();
  const answered = new AbortController();
  const late = clock.sleep(answerBy - clock.now(), answered.signal).catch(() => {});
  await Promise.race([work, late]);
  answered.abort();
  for (;;) {
    const state = await readSummary(supabase, id);
    if (state.answer || state.error || clock.now() >= answerBy) return state;
    await clock.sleep(LOOK_EVERY_MS);
  }
}
