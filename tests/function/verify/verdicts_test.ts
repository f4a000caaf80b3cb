import { assert, assertEquals } from "@std/assert";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import { withVerdicts } from "../../../supabase/functions/generate-summary/verify/verdicts.ts";
import type { ReadingAnswer } from "../../../supabase/functions/generate-summary/verify/prompt.ts";
import { judged, LINES, segmentsOf, summaryOf, TEMPLATE } from "../reading.ts";

const given = (answer: ReadingAnswer, template = TEMPLATE) =>
  withVerdicts(summaryOf(), answer, segmentsOf(LINES), template);

/** The warnings of the second statement. */
const warned = (...[answer]: [ReadingAnswer]) => given(answer)[0].statements[1].warnings;

const WRONG: Omit<ReadingAnswer["verdicts"][0], "n"> = {
  words: ["Patient"],
  aspect: "certainty",
  verdict: "contradicted",
};

Deno.test("a verdict becomes a warning with the words that it is about, and their aspect", () => {
  for (const verdict of ["partly", "contradicted", "not_said"] as const) {
    assertEquals(warned(judged({ 2: { ...WRONG, verdict } })), [
      { code: `reader_${verdict}`, detail: "Patient", aspect: "certainty" },
    ]);
  }
  assertEquals(warned(judged()), []);
});

Deno.test("the text of the summary stays as it was, whatever he says", () => {
  const texts = (sections: ReturnType<typeof given>) =>
    sections.flatMap(({ statements }) => statements.map(({ text }) => text));
  const all = { 1: WRONG, 2: WRONG, 3: WRONG };
  assertEquals(texts(given(judged(all))), texts(summaryOf()));
});

for (
  const [what, words, detail] of [
    ["in another case", ["patient HAS"], "patient HAS"],
    ["that is not in the statement", ["The sister"], ""],
    ["of a part of a word", ["tient"], ""],
    ["of nothing", ["", "–"], ""],
    ["beside one that is not there", ["cancer", "asthma"], "asthma"],
  ] as const
) {
  Deno.test(`a quote ${what}`, () => {
    const [{ detail: quoted }] = warned(judged({ 2: { ...WRONG, words: [...words] } }));
    assertEquals(quoted, detail);
  });
}

Deno.test("words of a prescription's fields may be quoted", () => {
  const answer = judged({ 3: { ...WRONG, words: ["once a day"], aspect: "number" } });
  assertEquals(given(answer)[1].statements[0].warnings[0].detail, "once a day");
});

Deno.test("a statement without a verdict is unverified, a verdict without a statement dropped", () => {
  const { verdicts } = judged({ 3: { ...WRONG, n: 7 } });
  const [symptoms, prescription] = given({ verdicts, left_out: [] });
  assertEquals(symptoms.statements.map(({ warnings }) => warnings), [[], []]);
  assertEquals(prescription.statements[0].warnings, [{ code: "unverified", detail: "" }]);
});

Deno.test("of two verdicts the one that doubts counts, in whatever order", () => {
  const [one, two, three] = judged({ 2: WRONG }).verdicts;
  const kind = { ...two, verdict: "supported" as const };
  for (const verdicts of [[one, two, kind, three], [one, kind, two, three]]) {
    assertEquals(warned({ verdicts, left_out: [] })[0].code, "reader_contradicted");
  }
});

Deno.test("what was left out is a section of its own, in the template's language, with its evidence", () => {
  const left_out = [{ turns: ["s2"], text: "Allergisk mot penicillin." }];
  const template = resolveTemplate({ language: "Swedish", sections: TEMPLATE.sections });
  const section = given(judged({}, left_out), template).at(-1)!;
  assertEquals([section.section, section.heading], [
    "left_out",
    "Sagt, men inte i sammanfattningen",
  ]);
  assertEquals(section.warnings, [{ code: "left_out", detail: "" }]);
  assertEquals(section.statements.map(({ text, evidence }) => [text, evidence[0].text]), [
    ["Allergisk mot penicillin.", LINES[1][1]],
  ]);
});

Deno.test("what was left out is checked as any other statement", () => {
  const left_out = [{ turns: ["s2"], text: "Allergic to penicillin for 9 years." }];
  const [{ warnings }] = given(judged({}, left_out)).at(-1)!.statements;
  assertEquals(warnings.map(({ code, detail }) => [code, detail]), [
    ["quantity_unsupported", "9 years"],
  ]);
});

Deno.test("an omission that nobody said, says nothing, or stands in the summary is dropped", () => {
  const left_out = [
    { turns: ["s99"], text: "Allergic to penicillin." },
    { turns: [], text: "Allergic to penicillin." },
    { turns: ["s2"], text: " – " },
    { turns: ["s4"], text: "cough for 5 days" },
  ];
  assertEquals(given(judged({}, left_out)).length, TEMPLATE.sections.length);
  const twice = [left_out[0], left_out[0]].map((one) => ({ ...one, turns: ["s2"] }));
  const section = given(judged({}, twice)).at(-1)!;
  assert(section.section === "left_out");
  assertEquals(section.statements.length, 1);
});
