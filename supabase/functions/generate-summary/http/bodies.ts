/** What `POST /generate-summary` takes, and what it and the others answer: shapes and examples. */
import { z } from "@hono/zod-openapi";
import { AppError, ERRORS } from "../core/errors.ts";
import { TemplateConfig } from "../compose/template.ts";

const Submitter = z.enum(["doctor", "nurse", "receptionist"])
  .describe("Who speaks on the recording; by default the caller's role in the clinic.");
const Url = z.string()
  .describe("A path in the bucket, or an address of this project's Storage.");

/** What a user asks for. */
const options = {
  template_config: TemplateConfig.optional(),
  submitted_by: Submitter.optional(),
};

const ByConsultation = z.strictObject({ consultation_id: z.guid(), ...options })
  .openapi("ByConsultation");
const ByUrls = z.strictObject({
  primary_audio_url: Url,
  additional_audio_urls: z.array(Url).optional(),
  image_urls: z.array(Url).optional(),
  ...options,
}).openapi("ByUrls");
export type ByUrls = z.infer<typeof ByUrls>;
const BySummary = z.strictObject({ summary_id: z.guid() }).openapi("BySummary");
const Webhook = z.object({
  type: z.enum(["INSERT", "UPDATE", "DELETE"]),
  table: z.string(),
  schema: z.string(),
  record: z.record(z.string(), z.unknown()).nullable(),
  old_record: z.record(z.string(), z.unknown()).nullable(),
}).openapi("Webhook");
export type Webhook = z.infer<typeof Webhook>;

export const AnyRequest = z.union([ByConsultation, ByUrls, BySummary, Webhook]);

export type Request =
  | { by: "consultation"; body: z.infer<typeof ByConsultation> }
  | { by: "urls"; body: ByUrls }
  | { by: "summary"; body: z.infer<typeof BySummary> }
  | { by: "webhook"; body: Webhook };

/**
 * Tells the four bodies apart by the keys that they have, then validates the one it is: a union's
 * own error would not name the field. Throws `invalid_request`.
 */
export function parseRequest(body: unknown): Request {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new AppError("invalid_request", { message: "Send one JSON object." });
  }
  if ("consultation_id" in body) return { by: "consultation", body: valid(ByConsultation, body) };
  if ("primary_audio_url" in body) return { by: "urls", body: valid(ByUrls, body) };
  if ("summary_id" in body) return { by: "summary", body: valid(BySummary, body) };
  if ("record" in body) return { by: "webhook", body: valid(Webhook, body) };
  throw new AppError("invalid_request", {
    message: "Name a consultation_id, or a primary_audio_url.",
  });
}

function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  const field = path.length ? `${path.join(".")}: ` : "";
  throw new AppError("invalid_request", { message: `${field}${message}.` });
}

/** A file that could not be used. */
const FileError = z.object({
  path: z.string(),
  code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS]),
  message: z.string(),
});

const Warnings = z.array(z.object({ code: z.string(), detail: z.string().nullable() }))
  .describe("What the checks found: to be looked at.");

const Section = z.object({
  section: z.string(),
  heading: z.string(),
  statements: z.array(z.object({
    text: z.string(),
    evidence: z.array(z.object({
      segment: z.string(),
      recording_id: z.guid(),
      kind: z.string().describe("`speech`, or what it is on a picture."),
      speaker: z.string().nullable(),
      start: z.number().nullable().describe("Seconds from the recording's start."),
      text: z.string().describe("What was said, or is written there."),
    })),
    medication: z.object({
      drug: z.string().nullable(),
      dose: z.string().nullable(),
      route: z.string().nullable(),
      frequency: z.string().nullable(),
      duration: z.string().nullable(),
    }).nullable().describe("In a structured prescription; null where it was not said."),
    warnings: Warnings,
  })),
  warnings: Warnings,
}).openapi("Section");

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
}).openapi("Summary");
export type SummaryAnswer = z.infer<typeof SummaryAnswer>;

export const AcceptedAnswer = z.object({
  summary_id: z.guid().nullable().describe("null: nothing was there to do."),
  status: z.string().describe("The summary's status: the work goes on."),
}).openapi("Accepted");
export type AcceptedAnswer = z.infer<typeof AcceptedAnswer>;

export const ErrorAnswer = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS]),
    message: z.string().describe("A sentence that says what to do."),
    request_id: z.string(),
    summary_id: z.guid().optional().describe("With `already_running`: the one under way."),
  }),
}).openapi("Error");
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;

export const HealthAnswer = z.object({
  status: z.enum(["ok", "down"]),
  timestamp: z.iso.datetime(),
  database: z.enum(["ok", "down"]),
  gemini_client: z.enum(["ok", "down"]),
  model: z.string(),
  queue: z.object({
    queued: z.int(),
    processing: z.int(),
    oldest_due_seconds: z.number().nullable(),
    last_sweep_at: z.string().nullable(),
    failed_last_hour: z.int(),
  }).nullable().optional()
    .describe("Only for callers with the secret key; null while the database is down."),
}).openapi("Health");
export type HealthAnswer = z.infer<typeof HealthAnswer>;
