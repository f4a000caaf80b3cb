/** The script of a frontend's page: signs in and uploads a file, and tells the test what it sees. */
import { createClient } from "@supabase/supabase-js";
import { createSummaries, type Place } from "../../clients/index.ts";

/** What the test gives the page. */
declare const told: (what: "waits" | "progress", share?: number) => void;

interface Asked {
  url: string;
  key: string;
  email: string;
  password: string;
  place: Place;
  bytes: number;
}

async function upload({ url, key, email, password, place, bytes }: Asked): Promise<string> {
  const client = createClient(url, key, { auth: { persistSession: false } });
  await client.auth.signInWithPassword({ email, password });
  const file = new File([new Uint8Array(bytes)], "IMG_0001.JPG", { type: "image/jpeg" });
  const add = globalThis.addEventListener;
  globalThis.addEventListener = ((...all: Parameters<typeof add>) => {
    add(...all);
    if (all[0] === "online") told("waits");
  }) as typeof add;
  return await createSummaries(client)
    .upload(place, file, { onProgress: (share) => told("progress", share) });
}

Object.assign(globalThis, { upload });
