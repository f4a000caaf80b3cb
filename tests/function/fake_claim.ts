/** What the database answers to a claim, and to what is called under it. */
import type { Recording } from "../../supabase/functions/generate-summary/core/domain.ts";
import type { Claimed, Inputs } from "../../supabase/functions/generate-summary/job/queue.ts";
import { recordingOf } from "./fake_model.ts";
import type { Answers } from "./fake_queue.ts";

export const inputsOf = (
  recordings: Recording[] = [recordingOf("r1")],
  changes: Partial<Inputs> = {},
): Inputs => ({
  submitted_by: "doctor",
  templates: { clinic: null, consultation: null, summary: null },
  recordings,
  ...changes,
});

export const claimOf = (
  summary_id: string,
  inputs: Inputs = inputsOf(),
  job: Partial<Claimed["job"]> = {},
): Claimed => ({
  outcome: "claimed",
  job: {
    summary_id,
    clinic_id: "c",
    consultation_id: "k",
    attempt: 1,
    tries_left: 5,
    draft: null,
    ...job,
  },
  inputs,
});

export const COMPLETED = { outcome: "completed", next: null };

/** All goes well, and nothing follows. */
export const AS_A_RULE: Answers = {
  claim_next: { outcome: "nothing" },
  heartbeat_summary: true,
  save_extraction: { outcome: "saved", may_spend: true },
  tell_calls: true,
  complete_summary: COMPLETED,
  fail_summary: { outcome: "queued" },
  release_summary: true,
  cleaned_summary: true,
};

/** Answers in turn, the last of them from then on. */
export function inTurn(...answers: unknown[]) {
  return () => answers.length > 1 ? answers.shift() : answers[0];
}
