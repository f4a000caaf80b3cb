/** A page with the rows of the project's tables, the newest first. */
import type { Sql } from "postgres";
import { escaped } from "./html.ts";

/** Rows that are shown of a table. */
const SHOWN = 50;

/** `wanted`: a table's name; without one that there is, the list of all with their numbers of rows. */
export async function tablesPage(sql: Sql, wanted: string | null): Promise<string> {
  const tables = await sql<{ name: string; dated: boolean }[]>`
    select t.table_name as name, exists (
        select from information_schema.columns c
        where c.table_schema = 'public' and c.table_name = t.table_name
          and c.column_name = 'created_at') as dated
    from information_schema.tables t where t.table_schema = 'public' order by t.table_name`;
  const links = [];
  for (const { name } of tables) {
    const [{ count }] = await sql`select count(*)::int as count from public.${sql(name)}`;
    links.push(`<a href="?table=${encodeURIComponent(name)}">${escaped(name)}</a> (${count})`);
  }
  const table = tables.find(({ name }) => name === wanted);
  return `<p>${links.join(" · ")}\n${table ? await rowsOf(sql, table) : ""}`;
}

async function rowsOf(
  sql: Sql,
  { name, dated }: { name: string; dated: boolean },
): Promise<string> {
  const rows = await sql`
    select * from public.${sql(name)} ${dated ? sql`order by created_at desc` : sql``}
    limit ${SHOWN}`;
  const cell = (value: unknown) => {
    if (value === null) return "<td><i>null</i>";
    if (value instanceof Date) return `<td>${value.toISOString()}`;
    const text = typeof value === "object" ? JSON.stringify(value, null, 1) : String(value);
    return text.length > 100
      ? `<td><details><summary>${escaped(text.slice(0, 80))}…</summary><pre>${
        escaped(text)
      }</pre></details>`
      : `<td>${escaped(text)}`;
  };
  const columns = rows.columns.map(({ name }) => name);
  return `<h1>${escaped(name)}</h1>
<table border="1" style="border-collapse: collapse; font: 13px sans-serif">
<tr>${columns.map((column) => `<th>${escaped(column)}`).join("")}
${rows.map((row) => `<tr>${columns.map((column) => cell(row[column])).join("")}`).join("\n")}
</table>`;
}
