/** What Google Cloud refuses with, in its words, by what is the matter and by who says it. */
import { Refusal } from "../gemini/refusal.ts";

/** Cloud Storage's shape: a reason in place of a status. */
class StorageRefusal extends Refusal {
  constructor(code: number, readonly reason: string, message: string) {
    super(code, "INVALID_ARGUMENT", message);
  }

  override get body() {
    const { code, message, reason } = this;
    return { error: { code, message, errors: [{ message, domain: "global", reason }] } };
  }
}

/** The token endpoint's shape (RFC 6749). */
class TokenRefusal extends Refusal {
  constructor(code: number, readonly error: string, message: string) {
    super(code, "INVALID_ARGUMENT", message);
  }

  override get body() {
    return { error: this.error, error_description: this.message };
  }
}

const info = (reason: string) => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "aiplatform.googleapis.com",
});

/** The platform's own account, which reads objects too. */
const AGENT = "service-1234567890@gcp-sa-aiplatform.iam.gserviceaccount.com";

export const CLOUD_REFUSALS = {
  // Tokens
  grantType: () => new TokenRefusal(400, "unsupported_grant_type", "Invalid grant_type."),
  grant: (why: string) => new TokenRefusal(400, "invalid_grant", why),
  scope: () => new TokenRefusal(400, "invalid_scope", "Invalid OAuth scope or ID token audience."),
  accountDisabled: () =>
    new TokenRefusal(401, "invalid_client", "The service account is disabled."),
  unauthenticated: () =>
    new Refusal(
      401,
      "UNAUTHENTICATED",
      "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie " +
        "or other valid authentication credential.",
    ),

  // Cloud Storage
  storageUnauthenticated: () => new StorageRefusal(401, "authError", "Invalid Credentials"),
  bucket: () => new StorageRefusal(404, "notFound", "The specified bucket does not exist."),
  object: (bucket: string, name: string) =>
    new StorageRefusal(404, "notFound", `No such object: ${bucket}/${name}`),
  forbidden: (email: string, right: string) =>
    new StorageRefusal(
      403,
      "forbidden",
      `${email} does not have ${right} access to the Google Cloud Storage ` +
        `${right.includes("buckets") ? "bucket" : "object"}. Permission '${right}' denied on ` +
        "resource (or it may not exist).",
    ),
  billing: () =>
    new StorageRefusal(
      403,
      "accountDisabled",
      "The billing account for the owning project is disabled in state closed",
    ),
  exists: () =>
    new StorageRefusal(
      412,
      "conditionNotMet",
      "At least one of the pre-conditions you specified did not hold.",
    ),
  storageInvalid: (message: string) => new StorageRefusal(400, "invalid", message),
  session: (code: 404 | 410) =>
    new StorageRefusal(code, code === 404 ? "notFound" : "gone", "No such upload session."),

  // The platform
  publisherModel: (project: string, location: string, model: string) =>
    new Refusal(
      404,
      "NOT_FOUND",
      `Publisher Model \`projects/${project}/locations/${location}/publishers/google/models/${model}\` ` +
        "was not found or your project does not have access to it. Please ensure you are using a " +
        "valid model version.",
    ),
  role: (project: string) =>
    new Refusal(
      403,
      "PERMISSION_DENIED",
      "Permission 'aiplatform.endpoints.predict' denied on resource " +
        `'//aiplatform.googleapis.com/projects/${project}/locations/eu' (or it may not exist).`,
      [info("IAM_PERMISSION_DENIED")],
    ),
  apiDisabled: () =>
    new Refusal(
      403,
      "PERMISSION_DENIED",
      "Vertex AI API has not been used in project 1234567890 before or it is disabled.",
      [info("SERVICE_DISABLED")],
    ),
  /** The platform's account may not read the bucket. */
  agent: () =>
    new Refusal(
      403,
      "PERMISSION_DENIED",
      `${AGENT} does not have storage.objects.get access to the Google Cloud Storage object.`,
    ),
  agentComing: () =>
    new Refusal(
      400,
      "FAILED_PRECONDITION",
      "Service agents are being provisioned. Service agents are needed to read the Cloud Storage " +
        "file provided. So please try again in a few minutes.",
    ),
  lostObject: (uri: string) =>
    new Refusal(404, "NOT_FOUND", `The requested object ${uri} was not found.`),
  type: (mimeType: string) =>
    new Refusal(
      400,
      "INVALID_ARGUMENT",
      `Unable to submit request because it has a mimeType parameter with value ${mimeType}, which is ` +
        "not supported. Update the mimeType and try again.",
    ),
  contentRole: () => new Refusal(400, "INVALID_ARGUMENT", "Please use a valid role: user, model."),
  /** Without a RetryInfo, and whatever is exhausted. */
  exhausted: () =>
    new Refusal(429, "RESOURCE_EXHAUSTED", "Resource exhausted, please try again later."),
};
