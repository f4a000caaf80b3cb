/** What the function answers. */
import { z } from "zod";
import { Section } from "../compose/sections.ts";
import { ErrorCode } from "../core/domain.ts";
import { QueueHealth } from "../job/queue.ts";

/** A file that could not be used. */
const FileError = z.object({
  path: z.string(),
  code: ErrorCode,
  message: z.string(),
});

const ignored = z.array(z.string()).optional()
  .describe("The body's fields that are not known here, where there are any.");

/** 200: the summary has been completed. */
export const SummaryAnswer = z.object({
  summary: z.string().describe("Markdown: what a doctor pastes into the record."),
  model: z.string().describe("The model that answered."),
  timestamp: z.iso.datetime({ offset: true }).describe("When the summary was completed."),
  files_processed: z.object({
    audio: z.int().min(0),
    images: z.int().min(0),
    errors: z.array(FileError),
  }),
  summary_id: z.guid(),
  consultation_id: z.guid(),
  status: z.literal("completed"),
  sections: z.array(Section).describe("The draft with the evidence of each statement."),
  ignored,
}).meta({ id: "SummaryAnswer" });
export type SummaryAnswer = z.infer<typeof SummaryAnswer>;

/** What a queued summary waits for, as the database says. */
export const WaitingFor = z.enum(["slot", "retry", "limit", "budget", "provider", "account"])
  .meta({ id: "WaitingFor" });

/** 202: the work goes on, and the row will tell. */
export const AcceptedAnswer = z.object({
  summary_id: z.guid().nullable().describe("null where the service only woke a worker."),
  status: z.string().describe("The summary's status: the work goes on."),
  waiting_for: WaitingFor.nullable().optional()
    .describe("What a queued one waits for; it goes on by itself. `budget`: tomorrow."),
  errors: z.array(FileError).optional()
    .describe("The body's addresses that name no recording, where there are any."),
  ignored,
}).meta({ id: "AcceptedAnswer" });
export type AcceptedAnswer = z.infer<typeof AcceptedAnswer>;

/** Any other status. */
export const ErrorAnswer = z.object({
  error: z.object({
    code: ErrorCode,
    message: z.string().describe("A sentence that says what to do."),
    request_id: z.string(),
    summary_id: z.guid().optional().describe("With `already_running`: the one under way."),
  }),
}).meta({ id: "ErrorAnswer" });
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;

export const HealthAnswer = z.object({
  status: z.enum(["ok", "down"]),
  timestamp: z.iso.datetime(),
  database: z.enum(["ok", "down"]),
  gemini_client: z.enum(["ok", "down"]),
  model: z.string(),
  second_reader: z.enum(["ok", "down", "off"])
    .describe("Whether there is a model that reads summaries a second time."),
  model_error: z.object({ code: ErrorCode, message: z.string() }).nullable().optional()
    .describe("Only for callers with the secret key: what is wrong with the model; null: nothing."),
  queue: QueueHealth.nullable().optional()
    .describe("Only for callers with the secret key; null while the database is down."),
}).meta({ id: "HealthAnswer" });
export type HealthAnswer = z.infer<typeof HealthAnswer>;

/** With `?words=python`: as the earlier backend's monitors read it. */
export const PythonHealthAnswer = z.object({
  status: z.enum(["healthy", "unhealthy"]),
  timestamp: z.iso.datetime(),
  gemini_client: z.enum(["connected", "disconnected"]),
  model: z.string(),
}).meta({ id: "PythonHealthAnswer" });
export type PythonHealthAnswer = z.infer<typeof PythonHealthAnswer>;
