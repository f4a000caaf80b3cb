/** What `POST /generate-summary` takes. */
import { z } from "zod";
import { TemplateConfig } from "../compose/template.ts";
import { Submitter } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import { ASK } from "./routes.ts";

const Address = z.string()
  .describe("A path in the bucket, or an address of this project's Storage.");

/** What a user asks for. */
const options = {
  template_config: TemplateConfig.optional(),
  submitted_by: Submitter
    .describe("Who speaks on the recording; by default the caller's role in the clinic.")
    .optional(),
};

const ByConsultation = z.strictObject({ consultation_id: z.guid(), ...options })
  .meta({ id: "ByConsultation" });
const ByUrls = z.strictObject({
  primary_audio_url: Address,
  additional_audio_urls: z.array(Address).optional(),
  image_urls: z.array(Address).optional(),
  ...options,
}).meta({ id: "ByUrls" });
export type ByUrls = z.infer<typeof ByUrls>;
const WakeUp = z.strictObject({
  summary_id: z.guid().describe("Looked at for its form alone.").optional(),
}).meta({ id: "WakeUp" });
const RecordRow = z.record(z.string(), z.unknown()).nullable();
const Webhook = z.object({
  type: z.enum(["INSERT", "UPDATE", "DELETE"]),
  table: z.string(),
  schema: z.string(),
  record: RecordRow,
  old_record: RecordRow,
}).meta({ id: "Webhook" });
export type Webhook = z.infer<typeof Webhook>;

export const BODIES = { ByConsultation, ByUrls, WakeUp, Webhook };

export type PostBody =
  | { by: "consultation"; body: z.infer<typeof ByConsultation> }
  | { by: "urls"; body: ByUrls }
  | { by: "wake_up"; body: z.infer<typeof WakeUp> }
  | { by: "webhook"; body: Webhook };

/**
 * Tells the four bodies apart by the keys that they have, then validates the one it is: a union's
 * own error would not name the field. Throws `invalid_request`.
 */
export function parseBody(body: unknown): PostBody {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new AppError("invalid_request", { message: "Send one JSON object." });
  }
  if ("consultation_id" in body) return { by: "consultation", body: valid(ByConsultation, body) };
  if ("primary_audio_url" in body) return { by: "urls", body: valid(ByUrls, body) };
  if ("summary_id" in body || Object.keys(body).length === 0) {
    return { by: "wake_up", body: valid(WakeUp, body) };
  }
  if ("record" in body) return { by: "webhook", body: valid(Webhook, body) };
  throw new AppError("invalid_request", { message: ASK });
}

function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body);
  if (!error) return data;
  const { path, message } = error.issues[0];
  const field = path.length ? `${path.join(".")}: ` : "";
  throw new AppError("invalid_request", { message: `${field}${message}.` });
}
