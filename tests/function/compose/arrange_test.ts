import { assertEquals } from "@std/assert";
import { arrange } from "../../../supabase/functions/generate-summary/compose/arrange.ts";
import type { Statement } from "../../../supabase/functions/generate-summary/compose/sections.ts";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import { composed, first, ok } from "../composing.ts";

Deno.test("sections in another order are put right without asking again", async () => {
  const answer = structuredClone(first.answer);
  answer.sections.unshift(answer.sections.pop()!);
  const { requests, result } = await composed(first, answer);
  assertEquals(requests.length, 1);
  const { sections } = ok(result);
  assertEquals(sections.map(({ section }) => section), resolveTemplate(first.template).sections);
  assertEquals(sections[0].warnings, [{ code: "section_out_of_order", detail: "symptoms" }]);
});

Deno.test("a section given twice is joined", async () => {
  const answer = structuredClone(first.answer);
  const [symptoms] = answer.sections;
  answer.sections.push({ ...symptoms, statements: symptoms.statements.splice(2) });
  const { requests, result } = await composed(first, answer);
  assertEquals(requests.length, 1);
  assertEquals(
    ok(result).sections[0].statements.map(({ text }) => text),
    first.answer.sections[0].statements.map(({ text }) => text),
  );
});

const said = (text: string): Statement => ({ text, evidence: [], medication: null, warnings: [] });

/** Sections are arranged as asked for: their names, with the codes of their warnings. */
function arranged(given: string[], asked: string[]) {
  const sections = given.map((section) => ({ section, heading: section, statements: [] }));
  return arrange(sections, asked).map(({ section, warnings }) =>
    [section, ...warnings.map(({ code, detail }) => `${code} ${detail}`)].join(": ")
  );
}

for (
  const [given, asked, sections] of [
    ["a b c", "a b c", ["a", "b", "c"]],
    ["a c", "a b c", ["a", "b: section_missing b", "c"]],
    ["", "a", ["a: section_missing a"]],
    ["x a b", "a b", ["a", "b", "x: section_added x"]],
    ["b a c", "a b c", ["a: section_out_of_order a", "b", "c"]],
    // All that stand behind one which comes after them are told.
    ["c a b", "a b c", ["a: section_out_of_order a", "b: section_out_of_order b", "c"]],
    ["a x b", "a b", ["a", "b", "x: section_added x"]],
    ["a b a", "a b", ["a", "b"]],
    ["toString a", "a", ["a", "toString: section_added toString"]],
  ] as [string, string, string[]][]
) {
  Deno.test(`${given || "nothing"}, asked for as ${asked}`, () => {
    assertEquals(arranged(given.split(" ").filter(Boolean), asked.split(" ")), sections);
  });
}

Deno.test("a section given twice has the statements of both, in order, under its first heading", () => {
  const [section, ...others] = arrange([
    { section: "a", heading: "First", statements: [said("one")] },
    { section: "b", heading: "B", statements: [] },
    { section: "a", heading: "Second", statements: [said("two"), said("three")] },
  ], ["a", "b"]);
  assertEquals(section.heading, "First");
  assertEquals(section.statements.map(({ text }) => text), ["one", "two", "three"]);
  assertEquals([section.warnings, others.length], [[], 1]);
});

Deno.test("a section without a heading is headed by its name", () => {
  const given = [{ section: "follow_up", heading: "", statements: [said("one")] }];
  const headings = arrange(given, ["follow_up", "past_history", "दवा"]).map(({ heading }) =>
    heading
  );
  assertEquals(headings, ["Follow up", "Past history", "दवा"]);
});
