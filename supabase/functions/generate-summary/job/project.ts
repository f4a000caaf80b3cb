/** Calls of this project's own addresses, that may fail: what they leave undone is asked for again. */

interface Project {
  /** Of the project. */
  url: string;
  key: string;
  fetch: typeof globalThis.fetch;
}

/** Names the isolate that took a hint. */
export const ISOLATE_HEADER = "x-isolate";

/** Long enough for a hundred files; the lease of whoever deletes is a minute. */
const DELETE_MS = 30_000;
/** A hint is answered at once; a new isolate has to start before. */
const HINT_MS = 10_000;

/**
 * Deletes files in Supabase Storage with a secret key: those of a clinic that left. Whether they are
 * gone; those that were gone before count as that. Never rejects.
 */
export function createDeleteFiles(project: Project) {
  return async (bucket: string, paths: string[]): Promise<boolean> => {
    const answer = await send(project, `/storage/v1/object/${encodeURIComponent(bucket)}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${project.key}` },
      body: JSON.stringify({ prefixes: paths }),
      signal: AbortSignal.timeout(DELETE_MS),
    });
    return answer !== null;
  };
}

/**
 * Wakes the isolate of this function that gets the requests, with the hint key or a secret key: the
 * platform gives them to one that it has not retired. Tells whether another than `isolate`, the one that
 * asks, answered. Never rejects: the sweep looks, too.
 */
export function createHandOver({ isolate, ...project }: Project & { isolate: string }) {
  return async (): Promise<boolean> => {
    const answer = await send(project, "/functions/v1/generate-summary", {
      method: "POST",
      body: "{}",
      signal: AbortSignal.timeout(HINT_MS),
    });
    return answer !== null && answer.headers.get(ISOLATE_HEADER) !== isolate;
  };
}

/** An answer that is no error, without its body; else null. */
async function send(
  { url, key, fetch }: Project,
  path: string,
  init: RequestInit & { headers?: Record<string, string> },
): Promise<Response | null> {
  try {
    const response = await fetch(`${url}${path}`, {
      ...init,
      headers: { apikey: key, ...init.headers, "content-type": "application/json" },
      // The key would follow a redirect to any host.
      redirect: "error",
    });
    await response.body?.cancel();
    return response.ok ? response : null;
  } catch {
    return null;
  }
}
