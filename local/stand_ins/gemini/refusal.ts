/** Google's error shape: `{"error": {code, message, status, details}}`. */

type StatusName =
  | "INVALID_ARGUMENT"
  | "FAILED_PRECONDITION"
  | "UNAUTHENTICATED"
  | "PERMISSION_DENIED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "RESOURCE_EXHAUSTED"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DEADLINE_EXCEEDED";

/** What the stand-in refuses, thrown anywhere and answered at one place. */
export class Refusal extends Error {
  override name = "Refusal";

  constructor(
    /** HTTP status. */
    readonly code: number,
    readonly status: StatusName,
    message: string,
    readonly details?: Record<string, unknown>[],
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  get body(): object {
    const { code, message, status, details } = this;
    return { error: { code, message, status, details } };
  }

  response(): Response {
    return Response.json(this.body, { status: this.code, headers: this.headers });
  }
}

export function invalid(message: string, headers?: Record<string, string>): Refusal {
  return new Refusal(400, "INVALID_ARGUMENT", message, undefined, headers);
}

/** A field of a JSON body, by its path, is wrong. */
export function invalidField(field: string, description: string): Refusal {
  return new Refusal(400, "INVALID_ARGUMENT", description, [{
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    fieldViolations: [{ field, description }],
  }]);
}
