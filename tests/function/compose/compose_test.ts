import { assert, assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import type { Medication } from "../../../supabase/functions/generate-summary/core/domain.ts";
import type { Warning } from "../../../supabase/functions/generate-summary/checks/warnings.ts";
import { AppError } from "../../../supabase/functions/generate-summary/core/errors.ts";
import { PROMPT_VERSION } from "../../../supabase/functions/generate-summary/core/prompt_version.ts";
import { changed, composed, first, mending, ok, textOf } from "../composing.ts";
import { CONSULTATIONS } from "../consultations/all.ts";
import { type Consultation, recorded, spoken } from "../consultations/script.ts";

for (const consultation of CONSULTATIONS) {
  Deno.test(`one call is enough for a clean answer: ${consultation.name}`, async () => {
    const { requests, result } = await composed(consultation, consultation.answer);
    const { sections, summary, model, usage, prompt_version } = ok(result);
    assertEquals(requests.length, 1);
    assertEquals(
      sections.map(({ section }) => section),
      resolveTemplate(consultation.template).sections,
    );
    assertEquals(model, "model-1");
    assertEquals(usage, {
      calls: 1,
      input_tokens: 1000,
      audio_tokens: 0,
      cached_tokens: 0,
      output_tokens: 10,
    });
    assertEquals(prompt_version, PROMPT_VERSION);
    for (const { heading } of consultation.answer.sections) {
      assert(summary.includes(`## ${heading}\n`), `${heading} in ${summary}`);
    }
    assertNotMatch(summary, /\bs\d+\b|⚠/);
  });
}

Deno.test("another language or template is one call over the same segments", async () => {
  const hindi = CONSULTATIONS.filter(({ name }) => name.startsWith("Hindi speech"));
  assertEquals(hindi.length, 2);
  const inputs = await Promise.all(hindi.map(async (consultation) => {
    const { requests } = await composed(consultation, consultation.answer);
    assertEquals(requests.length, 1);
    return JSON.parse(textOf(requests[0], 0));
  }));
  assertEquals(inputs[0].segments, inputs[1].segments);
  assertEquals(inputs.map(({ template }) => template.language), ["English", "Hindi"]);
});

Deno.test("without a segment nothing is asked, and there is no clinical content", async () => {
  for (const recordings of [[], recorded([]), recorded([], [])]) {
    const { requests, result } = await composed({ ...first, recordings });
    assertEquals(requests.length, 0);
    assert(result instanceof AppError && result.code === "no_clinical_content");
  }
});

const chat = {
  ...first,
  recordings: recorded(spoken([["patient", "Nice weather today."], ["doctor", "Indeed."]])),
};
const NOTHING = { clinical_content: false, sections: [] };
/** All ways to say that there was nothing clinical. */
const NOTHINGS = [
  NOTHING,
  {
    clinical_content: true,
    sections: first.answer.sections.map((section) => ({ ...section, statements: [] })),
  },
  { clinical_content: false, sections: first.answer.sections },
];

Deno.test("that nothing clinical was said is believed at the second answer, after more thought", async () => {
  for (const answer of NOTHINGS) {
    const { requests, result } = await composed(chat, answer, NOTHING);
    assertEquals(requests.map(({ thinkingLevel }) => thinkingLevel), ["MEDIUM", "HIGH"]);
    const { repair } = JSON.parse(textOf(requests[1], 1));
    assertEquals(repair.answer, answer);
    assertEquals(repair.faults.map(({ code, detail }: Warning) => [code, detail]), [
      ["nothing_clinical", ""],
    ]);
    assert(result instanceof AppError && result.code === "no_clinical_content");
  }
});

Deno.test("where drugs or quantities are mentioned it is never believed, and those are named", async () => {
  for (const [drugs, quantities] of [["Aspirin", ""], ["", "5 days"]]) {
    const recordings = recorded(spoken([
      ["doctor", "Well?"],
      ["patient", "As I said.", drugs, quantities],
    ]));
    for (const answer of NOTHINGS) {
      const { requests, result } = await composed({ ...first, recordings }, answer, answer);
      assertEquals(requests.length, 2);
      const [fault] = JSON.parse(textOf(requests[1], 1)).repair.faults;
      assertEquals([fault.code, fault.detail], ["nothing_clinical", "s2"]);
      assert(result instanceof AppError && result.code === "model_answer");
    }
  }
});

Deno.test("a second answer that finds something is taken, with the faults that it has", async () => {
  const { result } = await composed(first, NOTHING, changed({ evidence: [] }));
  assertEquals(ok(result).model, "model-2");
  assertEquals(ok(result).sections[0].statements[0].warnings, [
    { code: "evidence_missing", detail: "" },
  ]);
});

Deno.test("one answer that finds nothing is not enough", async () => {
  for (const answers of [[NOTHING, "broken"], ["broken", NOTHING]]) {
    const { requests, result } = await composed(chat, ...answers);
    assertEquals(requests.length, 2);
    assert(result instanceof AppError && result.code === "model_answer");
  }
  const refused = new AppError("model_refused");
  assertEquals((await composed(chat, NOTHING, refused)).result, refused);
});

const TEXT = "Bad cough for 9 days, with fever since Monday.";

Deno.test("a fault is quoted to the model once, and the mended statement taken", async () => {
  const faulty = changed({ text: TEXT });
  const { requests, result } = await composed(first, faulty, mending({}));
  assertEquals(requests.length, 2);
  assertEquals(textOf(requests[1], 0), textOf(requests[0], 0));
  assertEquals(JSON.parse(textOf(requests[1], 1)).repair, {
    statements: [{
      n: 1,
      section: "symptoms",
      statement: faulty.sections[0].statements[0],
      faults: [{
        section: "symptoms",
        statement: TEXT,
        code: "quantity_unsupported",
        message: "This number does not occur in the evidence, or not with this unit.",
        detail: "9 days",
      }],
    }],
  });
  const { model, usage, summary, sections } = ok(result);
  assertEquals(sections, ok((await composed(first, first.answer)).result).sections);
  assertEquals(model, "model-2");
  assertEquals(usage, {
    calls: 2,
    input_tokens: 2000,
    audio_tokens: 0,
    cached_tokens: 0,
    output_tokens: 20,
  });
  assertNotMatch(summary, /⚠/);
});

Deno.test("a fault that stays is a warning on its statement, visible in the summary", async () => {
  const faulty = changed({ text: TEXT });
  const { requests, result } = await composed(first, faulty, mending({ text: TEXT }));
  assertEquals(requests.length, 2);
  const { sections, summary, model } = ok(result);
  assertEquals(model, "model-1");
  assertEquals(sections[0].statements[0].warnings, [
    { code: "quantity_unsupported", detail: "9 days" },
  ]);
  assertMatch(summary, /fever since Monday\. ⚠ check: 9 days\n/);
});

Deno.test("the first answer stays when the second is broken, beside the question, or doesn't come", async () => {
  const faulty = changed({ evidence: [] });
  for (
    const second of [
      first.answer,
      "not an object",
      { statements: [] },
      { statements: [{ n: 7, ...first.answer.sections[0].statements[0] }] },
      new AppError("model_refused"),
    ]
  ) {
    const { requests, result } = await composed(first, faulty, second);
    assertEquals([requests.length, ok(result).usage.calls], [2, 2]);
    assertEquals(ok(result).model, "model-1");
    assertEquals(ok(result).sections[0].statements[0].warnings, [
      { code: "evidence_missing", detail: "" },
    ]);
  }
});

/** What a repair may do to what was right, in the prescription of amoxicillin with a false dose. */
const HARMS: [what: string, text: string, medication: Partial<Medication>][] = [
  ["a number", "Amoxicillin 500 mg three times a day, after meals.", { duration: null }],
  ["the drug", "500 mg three times a day for 7 days, after meals.", { drug: null }],
  ["the statement", "–", {}],
];

for (const [what, text, fields] of HARMS) {
  Deno.test(`a repair that loses ${what} is not taken`, async () => {
    const faulty = structuredClone(first.answer);
    const prescription = faulty.sections.find(({ section }) => section === "prescription")!;
    const [right] = prescription.statements;
    const medication = { ...right.medication!, ...fields };
    prescription.statements[0] = { ...right, text: right.text.replace("500", "900") };
    const harm = { statements: [{ ...right, n: 1, text, medication }] };
    const { model, sections } = ok((await composed(first, faulty, harm)).result);
    const { statements: [kept] } = sections.find(({ section }) => section === "prescription")!;
    assertEquals([model, kept.text], ["model-1", prescription.statements[0].text]);
    const mended = { statements: [{ ...right, n: 1 }] };
    assertEquals(ok((await composed(first, faulty, mended)).result).model, "model-2");
  });
}

Deno.test("a whole answer for a missing section is taken with every statement of the first alone", async () => {
  const [lost, ...there] = first.answer.sections.toReversed();
  const without = { ...first.answer, sections: there.toReversed() };
  const { result } = await composed(first, without, first.answer);
  assertEquals([ok(result).model, ok(result).sections.at(-1)!.warnings], ["model-2", []]);
  const thinner = structuredClone(first.answer);
  thinner.sections[0].statements.pop();
  const reworded = structuredClone(first.answer);
  reworded.sections[0].statements[0].text = "Cough for 5 days, and fever since Monday.";
  for (const second of [thinner, reworded, NOTHING, "broken"]) {
    const { result } = await composed(first, without, second);
    const { model, sections } = ok(result);
    assertEquals([model, sections.at(-1)!.warnings[0].code], ["model-1", "section_missing"]);
    assertEquals(sections.at(-1)!.section, lost.section);
  }
});

Deno.test("an answer that breaks the schema is asked for once more, naming the fault", async () => {
  const broken = changed({ evidence: "s2" as unknown as string[] });
  const { requests, result } = await composed(first, broken, first.answer);
  const [fault] = JSON.parse(textOf(requests[1], 1)).repair.faults;
  assertEquals(fault.code, "schema");
  assertEquals(fault.detail, "sections.0.statements.0.evidence");
  assertMatch(fault.message, /array/);
  assertEquals(ok(result).model, "model-2");
});

Deno.test("two answers that break the schema are an error", async () => {
  const { requests, result } = await composed(first, null, [{}]);
  assertEquals(requests.length, 2);
  assert(result instanceof AppError && result.code === "model_answer");
});

Deno.test("what the first call throws is thrown, and what a call after a broken answer throws", async () => {
  const busy = new AppError("model_rate_limited", { retryAfter: 7 });
  assertEquals((await composed(first, busy)).result, busy);
  assertEquals((await composed(first, {}, busy)).result, busy);
});

Deno.test("nothing clinical gets into the log", async () => {
  const { lines } = await composed(
    first,
    changed({ text: "Cough for 9 days" }),
    new AppError("model_refused"),
  );
  assertEquals(lines.map((line) => JSON.parse(line).event), ["retry", "composed"]);
  for (const line of lines) assertNotMatch(line, /cough|9 days/i);
});

Deno.test("an error that is not ours passes as it is", async () => {
  const bug = new TypeError("a bug");
  for (const answers of [[bug], [changed({ evidence: [] }), bug]]) {
    await assertRejects(() => composed(first, ...answers), TypeError, "a bug");
  }
});

const json = fc.jsonValue({ maxDepth: 4 });
const oddText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "5 mg",
    "s1",
    "not left",
    "",
    "one two hundred thousand and",
    "१०० मिलीग्राम",
    "140/90/80",
  ),
);
const fields = fc.record({
  drug: fc.option(oddText),
  dose: fc.option(oddText),
  route: fc.option(oddText),
  frequency: fc.option(oddText),
  duration: fc.option(oddText),
});
const valid = fc.record({
  clinical_content: fc.boolean(),
  sections: fc.array(fc.record({
    section: fc.oneof(fc.constantFrom("symptoms", "history", "__proto__", "toString"), oddText),
    heading: oddText,
    statements: fc.array(fc.record({
      text: oddText,
      evidence: fc.array(fc.oneof(fc.constantFrom("s1", "s2", "__proto__"), oddText)),
      medication: fc.option(fields),
    })),
  })),
});
/** A valid answer in which one value was replaced by any JSON. */
const mutated = fc.tuple(valid, fc.nat(), json).map(([answer, at, value]) => {
  let count = 0;
  const walk = (node: unknown): unknown => {
    if (count++ === at % 40) return value;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(answer);
});

Deno.test("whatever the model answers, there is a summary or one of our errors", async () => {
  const said = fc.array(oddText, { minLength: 1, maxLength: 4 }).map((texts): Consultation => ({
    ...first,
    recordings: recorded(spoken(texts.map((text) => ["patient", text, text, text]))),
  }));
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(said, fc.oneof(json, valid, mutated), async (consultation, answer) => {
      const { requests, result } = await composed(consultation, answer, answer);
      assert(requests.length <= 2);
      if (result instanceof AppError) {
        assert(["model_answer", "no_clinical_content"].includes(result.code));
        outcomes.add(result.code);
        return;
      }
      outcomes.add("summary");
      assert(result.sections.some(({ statements }) => statements.length > 0));
      assertNotMatch(result.summary, /<[a-z/!?]/i);
    }),
    { numRuns: 1000, seed: 7 },
  );
  assertEquals(outcomes, new Set(["model_answer", "no_clinical_content", "summary"]));
});
