/** What members read, with two million summaries: no list looks at a whole table. */
import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import { database } from "../database/harness.ts";
import { fill, members } from "./archive.ts";
import { LISTS } from "./lists.ts";
import { read, type Reading } from "./reads.ts";

/** Five summaries each: two million. */
const CONSULTATIONS = 400_000;
const SIZES = { clinics: 2000, consultations: CONSULTATIONS, large: 100_000, summaries: 5 };
/** Readings of each list by each member, with as many keys. */
const READINGS = 40;
/** Milliseconds in which 95 of 100 are to be there; printed, not asserted. */
const GOAL = 20;
/** Reading all of a table with fewer rows is no fault. */
const SMALL = 3000;
/** Rows that may be looked at, beside ten for each one given. */
const ASIDE = 3000;

function quantile(times: number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1];
}

function show({ list, member, times, looked, given }: Reading) {
  const p95 = quantile(times, 0.95);
  console.log(
    list.padEnd(34),
    member.padEnd(14),
    quantile(times, 0.5).toFixed(1).padStart(8),
    p95.toFixed(1).padStart(8),
    (p95 > GOAL ? `> ${GOAL}` : "").padStart(5),
    String(looked).padStart(9),
    String(given).padStart(6),
  );
}

Deno.test("no list reads a whole table, however many clinics its reader has", async () => {
  const db = await database();
  const sql = postgres(db.url("supabase_admin"), { max: 1, onnotice: () => {} });
  try {
    await fill(db, SIZES);
    const readers = await members(db, READINGS);
    const tables = await sql`
      select relname, reltuples::integer as rows from pg_class
      where relnamespace in ('public'::regnamespace, 'summaries_private'::regnamespace)
        and relkind = 'r' order by reltuples desc`;
    for (const { relname, rows } of tables.filter(({ rows }) => rows >= SMALL)) {
      console.log(relname.padEnd(24), `${rows}`.padStart(9));
    }
    const small = tables.filter(({ rows }) => rows < SMALL).map(({ relname }) => relname);
    console.log();
    console.log(
      `ms of ${READINGS}, goal ${GOAL}`.padEnd(34),
      ...["member".padEnd(14), "     p50", "     p95", "     ", "looked at", " given"],
    );

    const faults: string[] = [];
    for (const list of LISTS) {
      for (const reading of await read(sql, list, readers)) {
        show(reading);
        assert(reading.scans.length > 0, "no plan was seen");
        const whole = reading.scans.filter((scan) =>
          scan.startsWith("Seq Scan") && !small.includes(scan.split(" ").at(-1)!)
        );
        if (reading.looked > ASIDE + 10 * reading.given) whole.push(`${reading.looked} rows`);
        if (whole.length > 0) {
          faults.push(`${reading.list}, ${reading.member}: ${whole.join(", ")}`);
          console.log(`  ${reading.scans.join("\n  ")}`);
        }
      }
    }
    assertEquals(faults, []);
  } finally {
    await sql.end();
    await db.close();
  }
});
