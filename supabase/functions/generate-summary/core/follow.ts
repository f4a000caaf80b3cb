/** Signals that follow others. */

/**
 * Aborts `own` when `signal` is aborted, with its reason; gives what ends that. Not AbortSignal.any: what
 * follows from its signal is collected as garbage on Deno 2.1.4.
 */
export function follow(signal: AbortSignal | undefined, own: AbortController): () => void {
  const abort = () => own.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return () => signal?.removeEventListener("abort", abort);
}
