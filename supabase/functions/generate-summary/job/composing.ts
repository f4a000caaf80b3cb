/** What a run composes, and of what: the recordings as they were looked at, and the draft that is there. */
import { resolveTemplate } from "../compose/template.ts";
import type { Clock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Looked } from "../extract/files.ts";
import type { Model } from "../models/model.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { Ledger } from "./ledger.ts";
import type { Claimed, Inputs, Lease } from "./queue.ts";

interface ComposingDeps {
  model: Model;
  /** What reads a summary a second time; null: nothing does. */
  reader: Pick<Model, "model" | "generate"> | null;
  /** What one call of the model may take. */
  modelCallMs: number;
  clock: Clock;
  /** When the isolate's work must have ended, as time since the epoch. */
  deadline: number;
  log: Log;
  /** Whether the job ends with this error, which passes; throws when another attempt follows. */
  endsWith(error: AppError): Promise<boolean>;
}

/** Throws as `compose` does, and `lease_lost`. */
export async function composeFrom(
  inputs: Inputs,
  looked: Looked[],
  { job }: Claimed,
  lease: Lease,
  { signal, enter }: Heartbeat,
  { queue, book }: Ledger,
  { model, reader, modelCallMs, clock, deadline, log, endsWith }: ComposingDeps,
) {
  const { clinic, consultation, summary } = inputs.templates;
  // Its patterns are many: an isolate that goes before it gets here needn't pay for them.
  const [{ compose }, { createReader }] = await Promise.all([
    import("../compose/compose.ts"),
    import("../verify/verify.ts"),
  ]);
  const callSeconds = modelCallMs / 1000;
  const triesLeft = job.tries_left;
  return await compose({
    recordings: looked.map(({ recording: { recording_id, kind }, segments }) => (
      { recording_id, kind, segments }
    )),
    missing: looked.flatMap(({ recording: { recording_id }, missing }) =>
      missing.map((stretch) => ({ recording_id, ...stretch }))
    ),
    template: resolveTemplate(clinic, consultation, summary),
    submittedBy: inputs.submitted_by,
    draft: job.draft,
  }, {
    generate: (request) => model.generate({ ...request, signal }),
    book,
    callSeconds,
    deadline,
    clock,
    log,
    triesLeft,
    endsWith,
    enter,
    read: reader && createReader({ reader, signal, callSeconds, deadline, clock, triesLeft, log }),
    async keepDraft(draft) {
      const { outcome } = await queue("save_draft", { ...lease, p_draft: draft });
      if (outcome === "lost") throw new AppError("lease_lost");
      // Recordings that changed meanwhile may say the same.
      job.draft = draft;
    },
  });
}
