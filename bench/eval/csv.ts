/** CSV as RFC 4180 has it: quoted fields may hold commas, quotes and line breaks. */

/** Rows by the names in the first line. Throws an `Error` for a quote that is never closed. */
export function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  const field = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    field.lastIndex = at;
    const [matched, quoted, plain] = field.exec(text)!;
    at += matched.length;
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain);
    if (text[at] === ",") {
      at++;
      if (at === text.length) rows.at(-1)!.push("");
    } else if (at < text.length) {
      const [ending] = /^\r?\n/.exec(text.slice(at, at + 2)) ?? [];
      if (!ending) throw new Error(`Line ${rows.length} of the CSV has a quote out of place.`);
      at += ending.length;
      rows.push([]);
    }
  }
  const [names, ...others] = rows.filter((row) => row.some(Boolean));
  return others.map((row) =>
    Object.fromEntries(names.map((name, index) => [name, row[index] ?? ""]))
  );
}

/** A spreadsheet takes a field that begins with one of `=+-@` for a formula: an apostrophe keeps it text. */
export function formatCsv(rows: Record<string, string>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cell = (text: string) => `"${text.replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
}
