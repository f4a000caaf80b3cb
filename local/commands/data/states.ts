/** Which changes of state the database lets through: each is tried, and undone. */
import type postgres from "postgres";

const ROLES = ["doctor", "nurse", "receptionist", "admin"] as const;

/** Whoever it was tried as: a role in the clinic, or the functions that the worker calls. */
export type Who = typeof ROLES[number] | "worker";

export interface Change {
  from: string;
  to: string;
  /** Who can make it. */
  who: Who[];
  /** Who can make it together with an edit of the text. */
  editing: Who[];
}

interface Scene {
  consultation: string;
  clinic: string;
  members: Record<string, string>;
}

const undo = new Error("undo");

/** Every change of `column` between two of its values, those that nobody can make too. */
export async function changes(
  sql: postgres.Sql,
  column: "status" | "review_status",
): Promise<{ values: string[]; changes: Change[] }> {
  const values = await allowed(sql, column);
  const found: Change[] = [];
  await sql.begin(async (tx) => {
    const scene = await prepare(tx);
    const people: Who[] = column === "status" ? ["worker", ...ROLES] : [...ROLES];
    for (const from of values) {
      for (const to of values) {
        if (from === to) continue;
        const change: Change = { from, to, who: [], editing: [] };
        for (const who of people) {
          if (await passes(tx, scene, column, who, from, to, false)) change.who.push(who);
          if (await passes(tx, scene, column, who, from, to, true)) change.editing.push(who);
        }
        found.push(change);
      }
    }
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
  return { values, changes: found };
}

/** Of the column's check constraint. */
async function allowed(sql: postgres.Sql, column: string): Promise<string[]> {
  const [{ definition }] = await sql`
    select pg_get_constraintdef(oid) as definition from pg_constraint
    where conname = ${`summaries_${column}_check`}`;
  return [...definition.matchAll(/'(\w+)'/g)].map(([, value]) => value);
}

async function prepare(tx: postgres.TransactionSql): Promise<Scene> {
  const [{ id: clinic }] = await tx`insert into public.clinics (name) values ('c') returning id`;
  const [{ id: consultation }] = await tx`
    insert into public.consultations (clinic_id) values (${clinic}) returning id`;
  const members: Record<string, string> = {};
  for (const role of ROLES) {
    members[role] = crypto.randomUUID();
    await tx`insert into auth.users (id, email) values (${members[role]}, ${`${role}@c.test`})`;
    await tx`insert into auth.sessions (id, user_id) values (${members[role]}, ${members[role]})`;
    await tx`insert into public.clinic_members (clinic_id, user_id, role)
      values (${clinic}, ${members[role]}, ${role})`;
  }
  return { clinic, consultation, members };
}

async function passes(
  tx: postgres.TransactionSql,
  { clinic, consultation, members }: Scene,
  column: "status" | "review_status",
  who: Who,
  from: string,
  to: string,
  editing: boolean,
): Promise<boolean> {
  let reached = false;
  await tx.savepoint(async (tx) => {
    const status = column === "status" ? from : "completed";
    const [{ id }] = await tx`
      insert into public.summaries ${
      tx({
        clinic_id: clinic,
        consultation_id: consultation,
        status,
        ...(["queued", "processing"].includes(status) ? {} : { ended_at: new Date() }),
        ...(status === "completed" ? result() : {}),
        ...(column === "review_status" ? { review_status: from } : {}),
        ...(column === "review_status" && from === "approved" ? { approved_at: new Date() } : {}),
        ...(column === "review_status" && from === "withdrawn" ? { withdrawn_at: new Date() } : {}),
      })
    } returning id`;
    if (who !== "worker") {
      await tx`select set_config('request.jwt.claims',
        ${
        JSON.stringify({ role: "authenticated", sub: members[who], session_id: members[who] })
      }, true)`;
      await tx`set local role authenticated`;
    }
    const [row] = await tx`
      update public.summaries set ${
      tx({
        [column]: to,
        ...(who === "worker" && to === "completed" ? result() : {}),
        ...(who === "worker" && to === "queued" ? { due_at: new Date() } : {}),
        ...(who === "worker" ? {} : { version: 2 }),
        ...(editing ? { summary: "Edited" } : {}),
      })
    } where id = ${id} returning status, review_status`;
    reached = row?.[column] === to;
    throw undo;
  }).catch((error) => {
    // PTxyz are the guard's refusals, 42501 a missing grant; anything else would be a mistake here.
    if (error !== undo && !/^(PT\d|42501)/.test(error.code)) throw error;
  });
  return reached;
}

const result = () => ({ completed_at: new Date(), summary: "Text", sections: "[]" });
