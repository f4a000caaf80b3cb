import { assertEquals } from "@std/assert";
import { readingInput } from "../../../supabase/functions/generate-summary/verify/input.ts";
import { LINES, segmentsOf, STATEMENTS, summaryOf, TEMPLATE } from "../reading.ts";

const read = (
  ...[sections = summaryOf(), segments = segmentsOf(LINES)]: Partial<
    [ReturnType<typeof summaryOf>, ReturnType<typeof segmentsOf>]
  >
) => JSON.parse(readingInput(sections, segments, TEMPLATE));

Deno.test("each statement is given with its evidence and one turn before and after", () => {
  assertEquals(read().statements, [
    { n: 1, text: "Cough for 5 days.", cites: ["s3", "s4"], turns: ["s2", "s3", "s4", "s5"] },
    { n: 2, text: "Patient has asthma.", cites: ["s4"], turns: ["s3", "s4", "s5"] },
    {
      n: 3,
      text: "Ramipril 5 mg once a day. (Ramipril, 5 mg, once a day)",
      cites: ["s5"],
      turns: ["s4", "s5", "s6"],
    },
  ]);
});

Deno.test("a turn of another recording is no neighbour", () => {
  const segments = segmentsOf(LINES).map((segment, index) => ({
    ...segment,
    recording: index < 4 ? 1 : 2,
  }));
  const [, { turns }] = read(summaryOf(undefined, undefined, segments), segments).statements;
  assertEquals(turns, ["s3", "s4"]);
});

Deno.test("turns that no statement cites are named, and drugs that the summary names nowhere", () => {
  const { uncited, lacking } = read();
  assertEquals(uncited, ["s1", "s2", "s6"]);
  assertEquals(lacking, [{ drug: "Penicillin", turns: ["s2"] }]);
});

Deno.test("a drug that is named by its other name is not lacking", () => {
  const segments = segmentsOf([...LINES, ["doctor", "And Panadol at night.", "Panadol"]]);
  segments[6].mentions.generic = [{ said: "Panadol", generic: "Paracetamol" }];
  const drugs = (text: string) =>
    read(summaryOf([...STATEMENTS, [text, [7]]], [], segments), segments).lacking
      .map(({ drug }: { drug: string }) => drug);
  assertEquals(drugs("Paracetamol at night."), ["Penicillin", "Ramipril"]);
  assertEquals(drugs("A tablet at night."), ["Penicillin", "Ramipril", "Panadol"]);
});

Deno.test("a fresh context: turns once, in order, what to do last, and nothing of how it was written", () => {
  const input = read();
  assertEquals(Object.keys(input), [
    "turns",
    "statements",
    "uncited",
    "lacking",
    "language",
    "task",
  ]);
  assertEquals(input.turns[1], {
    id: "s2",
    by: "patient",
    text: "Penicillin, I get a rash from it.",
  });
  assertEquals(input.turns.length, LINES.length);
});
