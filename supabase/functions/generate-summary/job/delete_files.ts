/** Deletes files in Supabase Storage with the service's key: those of a clinic that left. */

/** Long enough for a hundred; the lease of whoever deletes is a minute. */
const DELETE_MS = 30_000;

/** Whether the files are gone; those that were gone before count as that. Never rejects. */
export function createDeleteFiles({ url, key, fetch }: {
  /** Of the project. */
  url: string;
  key: string;
  fetch: typeof globalThis.fetch;
}): (bucket: string, paths: string[]) => Promise<boolean> {
  return async (bucket, paths) => {
    try {
      const response = await fetch(`${url}/storage/v1/object/${encodeURIComponent(bucket)}`, {
        method: "DELETE",
        headers: {
          apikey: key,
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ prefixes: paths }),
        // The key would follow a redirect to any host.
        redirect: "error",
        signal: AbortSignal.timeout(DELETE_MS),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  };
}
