/** What Postgres answers to a statement of somebody, undone afterwards. */
import type { Database } from "./harness.ts";

export interface Who {
  role: "anon" | "authenticated" | "service_role";
  claims?: Record<string, unknown>;
}

export const anon: Who = { role: "anon" };
export const service: Who = { role: "service_role" };
export const signedIn = (user: string): Who => ({ role: "authenticated", claims: { sub: user } });

const undo = new Error("undo");

/** `yes`: it read or changed rows; `none`: it met none; else the SQLSTATE. */
export async function outcome(db: Database, who: Who, statement: string): Promise<string> {
  let count = 0;
  try {
    await db.as(who.role, who.claims ?? {}, async (tx) => {
      count = (await tx.unsafe(statement)).count;
      throw undo;
    });
  } catch (error) {
    if (error !== undo) return (error as { code: string }).code;
  }
  return count > 0 ? "yes" : "none";
}
