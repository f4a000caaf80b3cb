/** The script of a frontend's page: signs in, invokes the function, tells what it could read. */
import { createClient } from "@supabase/supabase-js";

interface Asked {
  url: string;
  key: string;
  email: string;
  password: string;
  body: Record<string, unknown>;
  headers: Record<string, string>;
}

async function ask({ url, key, email, password, body, headers }: Asked): Promise<string> {
  const client = createClient(url, key, { auth: { persistSession: false } });
  const signedIn = await client.auth.signInWithPassword({ email, password });
  if (signedIn.error) return signedIn.error.message;
  const { error, response } = await client.functions.invoke("generate-summary", { body, headers });
  if (!response) return error.name;
  const answer = await response.json();
  return [response.status, answer.error?.code, response.headers.get("x-request-id")].join(" ");
}

Object.assign(globalThis, { ask });
