/** What `POST /generate-summary` takes. */
import { z } from "zod";
import { TemplateConfig, type WithoutNull, withoutNull } from "../compose/template.ts";
import { Submitter } from "../core/domain.ts";
import { AppError } from "../core/errors.ts";
import { ASK } from "./routes.ts";

const Address = z.string();

/** What a user asks for. As the Python backend did, null is taken for what is left out. */
const options = {
  template_config: TemplateConfig.nullish(),
  submitted_by: Submitter.nullish()
    .describe("Who speaks on the recording; by default the caller's role in the clinic."),
};

// Further fields are ignored, and the answer names them.
const ByConsultation = z.object({ consultation_id: z.guid(), ...options })
  .meta({ id: "ByConsultation" });
const ByUrls = z.object({
  primary_audio_url: Address.nullish()
    .describe("A path in the bucket, or an address of this project's Storage."),
  additional_audio_urls: z.array(Address).nullish().describe("The same."),
  image_urls: z.array(Address).nullish().describe("The same; enough by themselves."),
  ...options,
}).meta({ id: "ByUrls" });
export type ByUrls = WithoutNull<z.infer<typeof ByUrls>>;
const ADDRESSES = ["primary_audio_url", "additional_audio_urls", "image_urls"];
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
  | { by: "consultation"; body: WithoutNull<z.infer<typeof ByConsultation>>; ignored: string[] }
  | { by: "urls"; body: ByUrls; ignored: string[] }
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
  if ("consultation_id" in body && body.consultation_id !== null) {
    return { by: "consultation", ...fromUser(ByConsultation, body) };
  }
  if (ADDRESSES.some((field) => field in body)) return { by: "urls", ...fromUser(ByUrls, body) };
  if ("summary_id" in body || Object.keys(body).length === 0) {
    return { by: "wake_up", body: valid(WakeUp, body) };
  }
  if ("record" in body) return { by: "webhook", body: valid(Webhook, body) };
  throw new AppError("invalid_request", { message: ASK });
}

/** A user's body, and the names of its fields that are not known. */
function fromUser<T extends z.ZodObject>(schema: T, body: object) {
  const told = withoutNull(valid(schema, body));
  const unknown = (known: z.ZodObject, given: object) =>
    Object.keys(given).filter((field) => !(field in known.shape));
  const template = "template_config" in body && body.template_config;
  const ignored = [
    ...unknown(schema, body),
    ...unknown(TemplateConfig, template || {}).map((field) => `template_config.${field}`),
  ];
  return { body: told as WithoutNull<z.infer<T>>, ignored };
}

function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body);
  if (!error) return data;
  const { path, message } = error.issues[0];
  const field = path.length ? `${path.join(".")}: ` : "";
  throw new AppError("invalid_request", { message: `${field}${message}.` });
}
