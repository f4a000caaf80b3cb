/** The service says that something may be waiting: by a plain wake-up, or by a database webhook. */
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { SummaryWorker } from "../job/worker.ts";
import type { AcceptedAnswer } from "./answers.ts";
import type { PostBody, Webhook } from "./bodies.ts";

interface HintDeps {
  parts(): Promise<{ worker: SummaryWorker }>;
  log: Log;
  keepAlive(work: Promise<unknown>): void;
}

type Hint = Extract<PostBody, { by: "wake_up" | "webhook" }>;

/**
 * The database's hint, which is most requests there are: it is known without the schemas of bodies, so
 * that an isolate's first answer needn't wait for them. Null for any other body.
 */
export function plainHint(body: unknown): Hint | null {
  const plain = typeof body === "object" && body !== null && !Array.isArray(body) &&
    Object.keys(body).length === 0;
  return plain ? { by: "wake_up", body: {} } : null;
}

/**
 * Starts a loop, and answers at once: what it works on, the queue says. Throws `invalid_request` for
 * webhooks of other tables.
 */
export function takeHint(hint: Hint, { parts, log, keepAlive }: HintDeps): AcceptedAnswer {
  if (hint.by === "webhook") assertWanted(hint.body);
  log.info("request", { code: hint.by });
  keepAlive(parts().then(({ worker }) => worker.wake()));
  return { summary_id: null, status: "accepted" };
}

function assertWanted({ schema, table }: Webhook): void {
  switch (`${schema}.${table}`) {
    case "public.recordings":
    case "storage.objects":
      return;
    case "public.summaries":
      throw new AppError("invalid_request", {
        message: "table: a webhook of summaries would carry what doctors wrote through the " +
          "database's HTTP queue; send those of recordings or storage.objects.",
      });
  }
  throw new AppError("invalid_request", {
    message: "table: send webhooks of recordings or storage.objects.",
  });
}
