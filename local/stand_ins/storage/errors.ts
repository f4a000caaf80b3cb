/**
 * An error of the Storage API, as it renders one: the true status stands in the body, while HTTP
 * says 400 for all but 500, and for a range that the file backend can't satisfy (supabase/storage,
 * `StorageBackendError`). Resumable uploads answer with the true status and plain text.
 */
export class StorageError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** The older name of the error, where it has one. */
    readonly error = code,
  ) {
    super(message);
  }

  body() {
    const { status, code, error, message } = this;
    return { statusCode: String(status), code, error, message };
  }

  toResponse(): Response {
    const status = [416, 500].includes(this.status) ? this.status : 400;
    return Response.json(this.body(), { status });
  }
}

export const noSuchKey = () => new StorageError(404, "NoSuchKey", "Object not found", "not_found");
/** The row is there, the bytes are not. */
export const noSuchBytes = () =>
  new StorageError(404, "NoSuchKey", "The resource was not found", "Not found");
/** S3's refusal of a range, which nobody expected. */
export const s3Error = () =>
  new StorageError(500, "InternalError", "Internal Server Error", "Internal");
export const invalidRange = () =>
  new StorageError(416, "InvalidRange", "invalid range provided", "invalid_range");
export const noSuchBucket = () =>
  new StorageError(404, "NoSuchBucket", "Bucket not found", "Bucket not found");
export const accessDenied = (message: string) =>
  new StorageError(403, "AccessDenied", message, "Unauthorized");
export const tooLarge = () =>
  new StorageError(
    413,
    "EntityTooLarge",
    "The object exceeded the maximum allowed size",
    "Payload too large",
  );
export const invalidMimeType = (type: string) =>
  new StorageError(
    415,
    "InvalidMimeType",
    `mime type ${type} is not supported`,
    "invalid_mime_type",
  );
/** A type that is none at all. */
export const invalidContentType = () =>
  new StorageError(
    415,
    "InvalidMimeType",
    "Invalid Content-Type header",
    "invalid_mime_type",
  );
export const invalidKey = (name: string) =>
  new StorageError(400, "InvalidKey", `Invalid key: ${name}`);
export const invalidRequest = (message: string) => new StorageError(400, "InvalidRequest", message);
/** What a request lacks or has wrong by its schema. */
export const malformed = (message: string) =>
  new StorageError(400, "InvalidRequest", message, "Error");
const alreadyExists = () =>
  new StorageError(409, "KeyAlreadyExists", "The resource already exists", "Duplicate");
export const invalidJwt = (message: string) => new StorageError(400, "InvalidJWT", message);

/** What the database refused, said as Storage says it; other errors become a 500. */
export function toStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const { code, message } = error as { code?: string; message?: string };
  switch (code) {
    case "42501":
      return accessDenied("new row violates row-level security policy");
    case "23505":
      return alreadyExists();
    case "23503":
      return new StorageError(404, "InvalidRequest", "The related resource does not exist");
    case "55P03":
      return new StorageError(423, "ResourceLocked", "The resource is locked");
    default:
      return new StorageError(500, "DatabaseError", message ?? "Internal server error");
  }
}
