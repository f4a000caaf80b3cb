/** Wakes the isolate of this function that gets the requests: the platform gives them to one that it has not retired. */

/** Names the isolate that took a hint. */
export const ISOLATE_HEADER = "x-isolate";

/** It answers at once; a new one has to start before. */
const ANSWER_MS = 10_000;

/** Tells whether another isolate answered. Never rejects: the database's hint comes too, only later. */
export function createHandOver({ url, key, isolate, fetch }: {
  /** Of the project. */
  url: string;
  /** The hint key, or a secret key. */
  key: string;
  /** The name of the one that asks. */
  isolate: string;
  fetch: typeof globalThis.fetch;
}): () => Promise<boolean> {
  return async () => {
    try {
      const answer = await fetch(`${url}/functions/v1/generate-summary`, {
        method: "POST",
        headers: { apikey: key, "content-type": "application/json" },
        body: "{}",
        // The key would follow a redirect to any host.
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await answer.body?.cancel();
      return answer.ok && answer.headers.get(ISOLATE_HEADER) !== isolate;
    } catch {
      // The sweep looks, too.
      return false;
    }
  };
}
