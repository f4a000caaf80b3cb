/**
 * How PostgREST answers an error of the database: the table in its documentation, "HTTP status
 * codes" (docs.postgrest.org, references/errors). First match wins; a class is two characters.
 */
const STATUS: [prefix: string, status: number][] = [
  ["08", 503],
  ["09", 500],
  ["0L", 403],
  ["0P", 403],
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["25", 500],
  ["28", 403],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["53400", 500],
  ["53", 503],
  ["54", 500],
  ["55", 500],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["P0001", 400],
  ["P0", 500],
  ["XX", 500],
  ["42883", 404],
  ["42P01", 404],
  ["42P17", 500],
];

interface DatabaseError extends Error {
  code: string;
  detail?: string;
  hint?: string;
}

/** The answer to a database error, or null when it is none. */
export function postgrestError(error: unknown, anonymous: boolean): Response | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const { name, code, message, detail, hint } = error as DatabaseError;
  if (/^(CONNECT|ECONN)/.test(code)) {
    const gone = "Database connection error. Retrying the connection.";
    return Response.json(
      { code: "PGRST000", message: gone, details: null, hint: null },
      { status: 503 },
    );
  }
  if (name !== "PostgresError") return null;
  if (code === "PGRST" && detail) return raised(message, detail);
  return Response.json(
    { code, message, details: detail ?? null, hint: hint ?? null },
    { status: statusOf(code, anonymous) },
  );
}

/** `raise sqlstate 'PGRST'`: the message is the body, the detail has the status and headers. */
function raised(message: string, detail: string): Response {
  const { status, headers } = JSON.parse(detail);
  const body = { details: null, hint: null, ...JSON.parse(message) };
  return Response.json(body, { status, headers });
}

function statusOf(code: string, anonymous: boolean): number {
  if (code === "42501") return anonymous ? 401 : 403;
  // `raise sqlstate 'PT402'` chooses the status.
  const chosen = /^PT([2-5]\d\d)$/.exec(code);
  if (chosen) return Number(chosen[1]);
  return STATUS.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
}
