import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { marked, type Token } from "marked";
import { renderMarkdown } from "../../../supabase/functions/generate-summary/compose/render.ts";
import type {
  Section,
  Statement,
} from "../../../supabase/functions/generate-summary/compose/sections.ts";

const said = (text: string, more: Partial<Statement> = {}): Statement => ({
  text,
  evidence: [{ segment: "s1", recording_id: "r1", speaker: null, kind: "speech", start: 0, text }],
  medication: null,
  warnings: [],
  ...more,
});
const section = (statements: Statement[], more: Partial<Section> = {}): Section => ({
  section: "symptoms",
  heading: "Symptoms",
  statements,
  warnings: [],
  ...more,
});
const ENGLISH = { language: "English" };

Deno.test("sections become headings, statements a list, medications their fields", () => {
  const markdown = renderMarkdown([
    section([said("Cough for 5 days (worse at night), CRP <5 & falling.")]),
    section([
      said("Amoxicillin 500 mg three times a day for 7 days, after meals.", {
        medication: {
          drug: "Amoxicillin",
          dose: "500 mg",
          route: null,
          frequency: "3 times a day",
          duration: "7 days",
        },
      }),
    ], { section: "prescription", heading: "Ordination" }),
  ], ENGLISH);
  assertEquals(
    markdown,
    `## Symptoms

- Cough for 5 days (worse at night), CRP <5 & falling.

## Ordination

- Amoxicillin 500 mg three times a day for 7 days, after meals.
  - **Amoxicillin** · 500 mg · 3 times a day · 7 days
`,
  );
});

Deno.test("what could not be verified is marked, in the template's language where it is known", () => {
  const doubtful = [
    section([
      said("500 mg, links", {
        warnings: [
          { code: "quantity_unsupported", detail: "500 mg" },
          { code: "side_unsupported", detail: "links" },
          { code: "evidence_unknown", detail: "s99" },
        ],
      }),
    ]),
    section([], { heading: "History", warnings: [{ code: "section_missing", detail: "history" }] }),
  ];
  const markdown = renderMarkdown(doubtful, { language: "German" });
  assertMatch(markdown, /- 500 mg, links ⚠ prüfen: 500 mg, links\n/);
  assertMatch(markdown, /## History ⚠ prüfen\n/);
  assertNotMatch(markdown, /s99/);
  assertMatch(renderMarkdown(doubtful, { language: "Suomi" }), /⚠ check: 500 mg, links/);
});

Deno.test("a section about which nothing was said is left out", () => {
  assertEquals(
    renderMarkdown([section([]), section([said("x")])], ENGLISH),
    "## Symptoms\n\n- x\n",
  );
});

Deno.test("joiners stay where Hindi needs them, and go elsewhere", () => {
  const markdown = renderMarkdown([section([said("क्\u200dष a\u200db\u202ec")])], ENGLISH);
  assertEquals(markdown, "## Symptoms\n\n- क्\u200dष abc\n");
});

const FRAGMENTS = [
  "<script>alert(1)</script>",
  "<!--",
  "<b",
  "</a>",
  "<?x",
  "&lt;",
  "&amp;",
  "&#60;",
  "[x](http://a.b)",
  "![x](y)",
  "https://a.example/b",
  "www.a.example",
  "a@b.example",
  "http://",
  "`",
  "```",
  "~~~",
  "~~x~~",
  "**",
  "__",
  "*a*",
  "_a_",
  "# ",
  "## x",
  "> ",
  "- ",
  "+ ",
  "1. ",
  "1) ",
  "---",
  "***",
  "===",
  "| a | b |",
  "\n",
  "\r\n",
  "\n\n",
  "    code",
  "\t",
  "[ ] ",
  "[x] ",
  "[^1]",
  "[a]: /b",
  "\\",
  "\\\\*",
  "\u202e",
  "\u200b",
  "\u2066",
  "\ufeff",
  "\u00ad",
  "\u2028",
  "\ud800",
  "$x$",
  "{x}",
  "<a@b.c>",
  "<http://x.y>",
  "\u0000",
  " ",
];
const text = fc.array(
  fc.oneof(
    fc.constantFrom(...FRAGMENTS),
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("ache", "5 mg", "left"),
  ),
  { maxLength: 8 },
).map((pieces) => pieces.join("")).filter((text) => /[\p{L}\p{N}]/u.test(text));
const field = fc.option(text);
const statement = fc.record({
  text,
  medication: fc.option(
    fc.record({ drug: field, dose: field, route: field, frequency: field, duration: field }),
  ),
  warnings: fc.array(
    fc.record({ code: fc.constant("quantity_unsupported" as const), detail: text }),
  ),
}).map(({ text, ...more }) => said(text, more));
const sections = fc.array(
  fc.tuple(text, fc.array(statement, { minLength: 1, maxLength: 4 })).map(([heading, statements]) =>
    section(statements, { heading })
  ),
  { minLength: 1, maxLength: 4 },
);

/** Every kind of token in a Markdown text, nested ones too. */
function tokenTypes(tokens: Token[]): Set<string> {
  const types = new Set<string>();
  marked.walkTokens(tokens, ({ type }) => void types.add(type));
  return types;
}

Deno.test("whatever the texts hold, the Markdown holds only headings, lists and our own emphasis", () => {
  const ours = new Set([
    "heading",
    "list",
    "list_item",
    "text",
    "escape",
    "strong",
    "space",
    "paragraph",
  ]);
  fc.assert(
    fc.property(sections, (sections) => {
      const tokens = marked.lexer(renderMarkdown(sections, ENGLISH));
      assertEquals([...tokenTypes(tokens)].filter((type) => !ours.has(type)), []);
      const headings = tokens.filter(({ type }) => type === "heading");
      assertEquals(headings.length, sections.length);
      assert(headings.every((token) => token.type === "heading" && token.depth === 2));
      const items = tokens.flatMap((token) => token.type === "list" ? token.items : []);
      assertEquals(items.length, sections.flatMap(({ statements }) => statements).length);
    }),
    { numRuns: 1000, seed: 4 },
  );
});

Deno.test("no tag, no direction control and nothing invisible is in the Markdown itself", () => {
  fc.assert(
    fc.property(sections, (sections) => {
      const markdown = renderMarkdown(sections, ENGLISH);
      assertNotMatch(markdown, /<[a-z/!?]/i);
      assertNotMatch(markdown, /(?![\u200c\u200d])\p{Cf}|(?!\n)\p{Cc}|\p{Zl}|\p{Zp}/u);
      assert(markdown.isWellFormed());
    }),
    { numRuns: 1000, seed: 5 },
  );
});

Deno.test("the reader sees the words that were there", () => {
  const visible = (html: string) =>
    html.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...FRAGMENTS.filter((f) => /^[\x20-\x7e]+$/.test(f)), "a", "5"), {
        minLength: 1,
      }),
      (pieces) => {
        const text = pieces.join("").replace(/ +/g, " ").trim();
        fc.pre(text !== "");
        const html = marked.parse(renderMarkdown([section([said(text)])], ENGLISH), {
          async: false,
        });
        assertEquals(visible(html), `Symptoms\n\n${text}\n\n`);
      },
    ),
    { numRuns: 1000, seed: 6 },
  );
});
