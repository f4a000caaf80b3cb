/** `Deno.errors` of supabase/edge-runtime: ext/runtime/js/errors.js. */

/** Deno's own that are not among them. */
const MISSING = [
  "FilesystemLoop",
  "IsADirectory",
  "NetworkUnreachable",
  "NotADirectory",
  "NotCapable",
];

/** A request that the host's outbound limit refused. */
export class RateLimitError extends Error {
  override name = "RateLimitError";
  /** Until the limit's window ends; null when that is unknown. */
  retryAfterMs: number | null;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs ?? null;
  }
}

export function edgeErrors(errors: typeof Deno.errors): object {
  const kept = Object.entries(errors).filter(([name]) => !MISSING.includes(name));
  return { ...Object.fromEntries(kept), RateLimitError };
}
