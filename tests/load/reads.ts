/** How a member's list is read: its plan, the rows that it touches, and how long it takes. */
import type postgres from "postgres";
import type { Member } from "./archive.ts";
import type { List } from "./lists.ts";

interface Node {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: Node[];
}

export interface Reading {
  member: string;
  list: string;
  /** Milliseconds, one a key. */
  times: number[];
  /** Each scan of a table in the plans: "Seq Scan on clinics", "Index Scan using … on …". */
  scans: string[];
  /** Most that a plan looked at, and that the list then gave. */
  looked: number;
  given: number;
}

/** Milliseconds after which a list that is far too slow is not read with all keys. */
const PATIENCE = 20_000;

/**
 * Reads a list once for each key of each member, all by one prepared statement, as PostgREST does: after
 * five calls the database may go over to a plan that knows no values.
 */
export async function read(
  sql: postgres.Sql,
  list: List,
  members: Member[],
): Promise<Reading[]> {
  await sql.unsafe(
    `prepare list as select count(*), coalesce(json_agg(t), '[]')::text from (${list.sql}) t`,
  );
  const readings = members.map(({ name }): Reading => ({
    member: name,
    list: list.name,
    times: [],
    scans: [],
    looked: 0,
    given: 0,
  }));
  const keys = members[0].keys.length;
  const began = performance.now();
  for (let n = 0, last = false; !last; n++) {
    last = n === keys - 1 || performance.now() - began > PATIENCE;
    for (const [place, member] of members.entries()) {
      const reading = readings[place];
      const values = list.values(member.keys[n]).map((value) => `'${value}'`).join(", ");
      await sql.begin(async (tx) => {
        await tx`select set_config('request.jwt.claims', ${
          JSON.stringify({ role: "authenticated", sub: member.id, session_id: member.id })
        }, true)`;
        await tx.unsafe("set local role authenticated");
        const began = performance.now();
        const [{ count }] = await tx.unsafe(`execute list (${values})`);
        reading.times.push(performance.now() - began);
        reading.given = Math.max(reading.given, Number(count));
        // Among the first calls, and when it may have gone over.
        if (n === 0 || last) {
          const [row] = await tx.unsafe(
            `explain (analyze, timing off, format json) execute list (${values})`,
          );
          const nodes = all(row["QUERY PLAN"][0].Plan);
          const scans = nodes.filter((node) => node["Relation Name"]);
          reading.scans = [...new Set([...reading.scans, ...scans.map(title)])];
          const looked = scans.reduce((sum, node) => sum + rowsOf(node), 0);
          reading.looked = Math.max(reading.looked, looked);
        }
      });
    }
  }
  await sql.unsafe("deallocate list");
  return readings;
}

function all(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(all)];
}

function title(node: Node): string {
  const index = node["Index Name"] ? ` using ${node["Index Name"]}` : "";
  const table = node["Relation Name"] ? ` on ${node["Relation Name"]}` : "";
  return node["Node Type"] + index + table;
}

function rowsOf(node: Node): number {
  const rows = (node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0);
  return rows * (node["Actual Loops"] ?? 0);
}
