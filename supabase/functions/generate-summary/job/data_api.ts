/**
 * The Data API as the function asks it: with the service's key, or as one of its users. The part of
 * supabase-js that does that alone, since every isolate pays for what is loaded at its start.
 */
import { PostgrestClient } from "@supabase/postgrest-js";
import type { Database } from "../database.types.ts";

export type DataApi = PostgrestClient<Database>;

/** `token`: the service's key, or a user's access token, whose rows alone are then seen. */
export function createDataApi(
  { url, key, token = key, fetch }: {
    /** Of the project. */
    url: string;
    key: string;
    token?: string;
    fetch: typeof globalThis.fetch;
  },
): DataApi {
  return new PostgrestClient<Database>(`${url}/rest/v1`, {
    headers: { apikey: key, authorization: `Bearer ${token}` },
    // The key would follow a redirect to any host.
    fetch: (input, init) => fetch(input, { ...init, redirect: "error" }),
  });
}
