/** Wakes another isolate of this function: the platform gives its requests to one that is not retired. */

/** It answers at once; a new one has to start before. */
const ANSWER_MS = 10_000;

/** Never rejects: the database's hint comes too, only later. */
export function createHandOver({ url, key, fetch }: {
  /** Of the project. */
  url: string;
  /** The hint key, or a secret key. */
  key: string;
  fetch: typeof globalThis.fetch;
}): () => Promise<void> {
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
    } catch {
      // The sweep looks, too.
    }
  };
}
