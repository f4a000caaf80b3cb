/** The demo's clinic: made with the secret key, and used by its members as a frontend would. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../supabase/functions/generate-summary/database.types.ts";
import type { Stack } from "../../stack/stack.ts";
import { createUser } from "../../stand_ins/auth/users.ts";

/** supabase-js with the types of the project's tables. */
export type Supabase = SupabaseClient<Database>;

export interface Member {
  role: "doctor" | "nurse" | "receptionist" | "admin";
  id: string;
  email: string;
  password: string;
}

export interface Clinic {
  id: string;
  doctor: Member;
  nurse: Member;
}

/** Makes a clinic with a doctor and a nurse who can sign in. */
export async function makeClinic(stack: Stack): Promise<Clinic> {
  const service = createClient<Database>(stack.url, stack.keys.secret, withoutSession);
  const { data: clinic } = await service.from("clinics").insert({ name: "Elm Street Clinic" })
    .select("id").single().throwOnError();
  const member = async (role: Member["role"]): Promise<Member> => {
    const email = `${role}-${clinic.id.slice(0, 8)}@example.com`;
    const password = crypto.randomUUID();
    const id = await createUser(stack.sql, { email, password });
    await service.from("clinic_members").insert({ clinic_id: clinic.id, user_id: id, role })
      .throwOnError();
    return { role, id, email, password };
  };
  return { id: clinic.id, doctor: await member("doctor"), nurse: await member("nurse") };
}

/** A client as a frontend makes it, signed in. */
export async function signIn(
  stack: Stack,
  member: Pick<Member, "email" | "password">,
  fetch?: typeof globalThis.fetch,
): Promise<Supabase> {
  const options = { ...withoutSession, global: { fetch } };
  const client = createClient<Database>(stack.url, stack.keys.publishable, options);
  const { error } = await client.auth.signInWithPassword(member);
  if (error) throw error;
  return client;
}

/** Makes a consultation as the signed-in user. */
export async function makeConsultation(client: Supabase, clinicId: string): Promise<string> {
  const { data } = await client.from("consultations").insert({ clinic_id: clinicId })
    .select("id").single().throwOnError();
  return data.id;
}

/** The name of the clinic's Realtime topic, as a member reads it. */
export async function topicOf(client: Supabase, clinicId: string): Promise<string> {
  const { data } = await client.from("clinics").select("topic").eq("id", clinicId).single()
    .throwOnError();
  return data.topic;
}

const withoutSession = { auth: { persistSession: false, autoRefreshToken: false } };
