/**
 * Where pg-safeupdate is loaded, as in `postgres`' own sessions on new projects, an UPDATE or DELETE
 * without WHERE fails, and so does the function that it stands in. There is no hook for it in SQL:
 * the statements are read.
 */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const WRITES =
  /\b(?:update\s+(?:only\s+)?[a-z_.]+(?:\s+(?:as\s+)?(?!set\b)[a-z_]+)?\s+set|delete\s+from\s+[a-z_.]+)\b/g;

async function* filesIn(folder: string, ending: RegExp): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) yield* filesIn(`${folder}${name}/`, ending);
    else if (ending.test(name)) yield `${folder}${name}`;
  }
}

/** Without comments, and without what stands in quotes. */
const bare = (sql: string) => sql.replaceAll(/--[^\n]*|'(?:[^']|'')*'/g, " ");

/**
 * What follows a statement's beginning up to its end, without what stands in brackets: up to a
 * semicolon, the bracket around it, or the end of the text that holds it.
 */
function rest(text: string): string {
  let depth = 0;
  let kept = "";
  for (const character of text) {
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    else if (depth === 0 && ';`"'.includes(character)) break;
    if (depth < 0) break;
    if (depth === 0) kept += character;
  }
  return kept;
}

/** Beginnings of the statements that have no condition of their own. */
function unconditional(text: string): string[] {
  return [...text.matchAll(WRITES)]
    .filter((match) => !/\bwhere\b/.test(rest(text.slice(match.index + match[0].length))))
    .map(([statement]) => statement.replaceAll(/\s+/g, " "));
}

Deno.test("what has no condition is told from what has one", () => {
  const without = [
    "update a.b set c = 1;",
    "update a.b x set c = (select 1 where true);",
    "with gone as (delete from a.b returning *) select * from gone where true",
    "begin delete from a.b using c; end",
  ];
  const within = [
    "update a.b set c = 1 where d",
    "update a.b as x set c = (select 1) where d;",
    "insert into a values (1) on conflict do update set b = 2",
    "select 1 for update; grant update (a) on b to c",
    "with gone as (delete from a.b where c returning *) select 1",
  ];
  for (const sql of without) assertEquals([sql, unconditional(sql).length], [sql, 1]);
  for (const sql of within) assertEquals([sql, unconditional(sql)], [sql, []]);
});

for (
  const [what, folders, ending, read] of [
    ["migrations", ["supabase/"], /\.sql$/, bare],
    ["the pages", ["docs/"], /\.md$/, (text: string) => text],
    [
      "tests and tools",
      ["tests/", "local/", "bench/", "examples/"],
      /(?<!where_test)\.ts$/,
      String,
    ],
  ] as const
) {
  Deno.test(`no UPDATE or DELETE without WHERE in ${what}`, async () => {
    const found: string[] = [];
    let seen = 0;
    for (const folder of folders) {
      for await (const path of filesIn(folder, ending)) {
        const text = read(await Deno.readTextFile(new URL(path, ROOT)));
        seen += [...text.matchAll(WRITES)].length;
        found.push(...unconditional(text).map((statement) => `${path}: ${statement}`));
      }
    }
    assertEquals(found, []);
    assert(seen > 0, "there is something to look at");
  });
}
