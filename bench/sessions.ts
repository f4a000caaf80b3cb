/** What looking after sessions costs each statement of a member: against not looking. */
import { type Database, database } from "../tests/database/harness.ts";
import { queued, scene } from "../tests/database/rows.ts";
import { compare, type Report } from "./measure.ts";

const ROUNDS = 5;
const STATEMENTS = 1000;
const ROWS = 200;
const GOAL = 1.5;

export async function benchSessions(report: Report): Promise<void> {
  const db = await database();
  try {
    const at = await scene(db.sql);
    await queued(db.sql, at.clinic, ROWS);
    // Others are signed in, too.
    await db.sql`
      insert into auth.sessions (id, user_id)
      select gen_random_uuid(), ${at.nurse} from generate_series(1, 100000)`;
    await db.sql`analyze`;
    const [{ looks }] = await db.sql`
      select pg_get_functiondef('summaries_private.may_enter'::regproc) as looks`;
    const times = { looking: [] as number[], not: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      await db.sql.unsafe(looks);
      const looking = await readings(db, at);
      await db.sql.unsafe(`
        create or replace function summaries_private.may_enter(p_user uuid, p_claims jsonb)
        returns boolean language sql stable security definer set search_path = '' as 'select true'`);
      const not = await readings(db, at);
      // The first one warms up.
      if (round === 0) continue;
      times.looking.push(looking);
      times.not.push(not);
    }
    report(compare(
      {
        what: "a member's list of 50 summaries",
        measure: "ms a statement",
        than: "not looking at it",
        goal: GOAL,
      },
      times.looking,
      times.not,
    ));
  } finally {
    await db.close();
  }
}

/** Milliseconds that one of many statements took on average. */
function readings(db: Database, { doctor, clinic }: { doctor: string; clinic: string }) {
  return db.as("authenticated", { sub: doctor }, async (tx) => {
    const began = performance.now();
    for (let n = 0; n < STATEMENTS; n++) {
      await tx`
        select id, status from public.summaries where clinic_id = ${clinic}
        order by created_at desc limit 50`;
    }
    return (performance.now() - began) / STATEMENTS;
  });
}
