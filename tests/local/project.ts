/** A project with its services and no migrations: each test file brings the schema it needs. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type Services, startServices } from "../../local/stack/services.ts";
import { createUser } from "../../local/stand_ins/auth/users.ts";
import { type Database, database } from "../database/harness.ts";

export interface Project extends AsyncDisposable {
  db: Database;
  services: Services;
  /** How many files of bytes Storage keeps. */
  stored(): Promise<number>;
  /** The folder that they are in. */
  folder: string;
  /** A client with this key, kept quiet: no session stored, none refreshed. */
  client(key?: string): SupabaseClient;
  /** A new user's client, signed in by password. */
  user(): Promise<SupabaseClient & { userId: string; token: string }>;
}

export async function project(schema: string): Promise<Project> {
  const db = await database({ migrations: false });
  await db.sql.unsafe(schema);
  const stateDir = await Deno.makeTempDir();
  const services = await startServices({ databaseUrl: db.url, stateDir });
  const admin = db.connect("supabase_admin");
  const clients: SupabaseClient[] = [];

  function client(key = services.tokens.keys.publishable): SupabaseClient {
    const made = createClient(services.url, key, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    clients.push(made);
    return made;
  }

  const folder = `${stateDir}/objects`;
  return {
    db,
    services,
    folder,
    stored: async () => (await Array.fromAsync(Deno.readDir(folder))).length,
    client,
    async user() {
      const email = `${crypto.randomUUID()}@example.com`;
      const userId = await createUser(admin, { email, password: "correct horse" });
      const signedIn = client();
      const { data, error } = await signedIn.auth.signInWithPassword({
        email,
        password: "correct horse",
      });
      if (error) throw error;
      return Object.assign(signedIn, { userId, token: data.session.access_token });
    },
    async [Symbol.asyncDispose]() {
      for (const made of clients) {
        await made.removeAllChannels();
        await made.realtime.disconnect();
      }
      await services.stop();
      await db.close();
      await Deno.remove(stateDir, { recursive: true });
    },
  };
}
