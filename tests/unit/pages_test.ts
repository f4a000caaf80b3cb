/** The pages that people read: what they name exists, and a cell of a table is no paragraph. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
/** Characters of a cell, a link counted by its text. */
const PHRASE = 75;

interface Page {
  path: string;
  text: string;
}

async function namesIn(folder: string, kind: "isFile" | "isDirectory"): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
  return entries.filter((entry) => entry[kind]).map(({ name }) => name).sort();
}

const docs = (await namesIn("docs", "isFile")).filter((name) => name.endsWith(".md"));
const read = (paths: string[]): Promise<Page[]> =>
  Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(new URL(path, ROOT)) })),
  );
const pages = await read([
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...docs.map((name) => `docs/${name}`),
]);
const rooms = await read(["local/README.md", "tests/README.md"]);

/** What is left without blocks of code. */
const prose = (text: string) => text.replaceAll(/^```[^]*?^```$/gm, "");

async function exists(url: URL): Promise<boolean> {
  return await Deno.stat(url).then(() => true, () => false);
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
  );
}

for (const { path, text } of [...pages, ...rooms]) {
  Deno.test(`${path}: every relative link leads to a file, and to a heading of it`, async () => {
    const dead: string[] = [];
    for (const [, target] of prose(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file, anchor] = target.split("#");
      const url = file ? new URL(file, new URL(path, ROOT)) : new URL(path, ROOT);
      const found = await exists(url) &&
        (!anchor || anchors(await Deno.readTextFile(url)).includes(anchor));
      if (!found) dead.push(target);
    }
    assertEquals(dead, []);
  });

  Deno.test(`${path}: every path that it names exists`, async () => {
    const folders = (await namesIn(".", "isDirectory")).filter((name) => !name.startsWith("."));
    // Not within a longer path, an address or a package's name.
    const paths = new RegExp(`(?<![\\w./:@-])(?:${folders.join("|")})/[\\w./-]*\\w`, "g");
    const missing: string[] = [];
    for (const [named] of text.matchAll(paths)) {
      if (!await exists(new URL(named, ROOT))) missing.push(named);
    }
    assertEquals(missing, []);
  });

  Deno.test(`${path}: every task that it names is one`, async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    const named = [...text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][a-z:-]*\w)/g)]
      .map(([, task]) => task);
    assertEquals(named.filter((task) => !(task in tasks)), []);
  });
}

for (const { path, text } of pages) {
  Deno.test(`${path}: a cell of a table holds a phrase`, () => {
    const cells = prose(text).split("\n").filter((line) => line.startsWith("|"))
      .flatMap((line) => line.split(/(?<!\\)\|/).slice(1, -1))
      .map((cell) => cell.trim().replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1"));
    assertEquals(cells.filter((cell) => cell.length > PHRASE && !/^-+$/.test(cell)), []);
  });
}

Deno.test("docs/README.md says of each page whom it is for", () => {
  const { text } = pages.find(({ path }) => path === "docs/README.md")!;
  for (const name of docs) {
    assert(name === "README.md" || text.includes(`](${name})`), `${name} is missing`);
  }
});

Deno.test("the README's first screen: what, for whom, a picture, two commands, limits, the licence", async () => {
  const { text } = pages.find(({ path }) => path === "README.md")!;
  const first = text.split("\n").slice(0, 45).join("\n");
  for (
    const part of [
      "It is for",
      "task demo",
      "task test",
      "docs/demo.svg",
      "Not released",
      "LICENSE",
    ]
  ) {
    assert(first.includes(part), `${part} is missing`);
  }
  assert((await Deno.readTextFile(new URL("LICENSE", ROOT))).includes("Version 2.0, January 2004"));
});
