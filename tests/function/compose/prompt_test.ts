import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import {
  CompositionAnswer,
  compositionSchema,
} from "../../../supabase/functions/generate-summary/compose/prompt.ts";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import { composed, DEADLINE, first, textOf } from "../composing.ts";
import { CONSULTATIONS } from "../consultations/all.ts";
import { answered } from "../consultations/script.ts";

Deno.test("instructions go into the system instruction, what was said into JSON alone", async () => {
  for (const consultation of CONSULTATIONS) {
    const { requests: [request] } = await composed(consultation, consultation.answer);
    assertEquals(request.parts.length, 1);
    assertEquals(request.deadline, DEADLINE);
    const input = JSON.parse(textOf(request, 0));
    const segments = consultation.recordings.flatMap(({ segments }, index) =>
      segments.map((segment) => ({ ...segment, recording: index + 1 }))
    );
    assertEquals(
      input.segments,
      segments.map((segment, index) => ({ ...segment, id: `s${index + 1}` })),
    );
    assertEquals(input.submitted_by, consultation.submittedBy);
    const { sections, instructions, ...rest } = resolveTemplate(consultation.template);
    assertEquals(input.template.sections, sections);
    assertEquals(input.template.instructions, instructions);
    assertEquals({ ...input.template, ...rest }, input.template);
    for (const { text } of segments) assert(!request.system.includes(text));
  }
});

Deno.test("the system instruction says who speaks to whom", async () => {
  const systems = await Promise.all(
    (["doctor", "nurse", "receptionist"] as const).map(async (who) => {
      const { requests } = await composed({ ...first, submittedBy: who }, first.answer);
      assertMatch(requests[0].system, new RegExp(`A ${who} recorded`));
      return requests[0].system;
    }),
  );
  assertEquals(new Set(systems).size, 3);
});

Deno.test("known sections are described to the model, free ones are not", async () => {
  const template = { sections: ["advice", "Skin care plan", "constructor"] };
  const { requests } = await composed({ ...first, template }, first.answer, first.answer);
  assertEquals(
    Object.keys(JSON.parse(textOf(requests[0], 0)).template.descriptions),
    ["advice"],
  );
});

Deno.test("the answer's schema keeps to the keywords that Gemini knows", async () => {
  const known = new Set(
    ("type properties required enum items prefixItems minItems maxItems minimum maximum anyOf oneOf " +
      "$ref $defs format title description additionalProperties propertyOrdering").split(" "),
  );
  function keywords(schema: unknown): string[] {
    if (Array.isArray(schema)) return schema.flatMap(keywords);
    if (typeof schema !== "object" || schema === null) return [];
    return Object.entries(schema).flatMap(([key, value]) =>
      key === "properties"
        ? [key, ...Object.values(value).flatMap(keywords)]
        : [key, ...keywords(value)]
    );
  }
  const { requests } = await composed(first, first.answer);
  assertEquals(keywords(requests[0].schema).filter((key) => !known.has(key)), []);
});

Deno.test("the schema knows only the sections that are asked for, in their order", () => {
  const sections = ["advice", "Skin care plan"];
  const schema = JSON.stringify(compositionSchema(resolveTemplate({ sections })));
  assert(schema.includes('"enum":["advice","Skin care plan"]'), schema);
  assertFalse(schema.includes("symptoms"));
});

Deno.test("an answer is read whatever its sections are called: the arranging tells", () => {
  const answer = answered([["not asked for", "Notes", [[
    "Has a cough.",
    [1],
    "Ramipril | | | |",
  ]]]]);
  assertEquals(CompositionAnswer.parse(answer), answer);
});

Deno.test("an answer without what a statement needs is none", () => {
  const parts = ["text", "evidence", "medication"] as const;
  for (const part of parts) {
    const answer = answered([["notes", "Notes", [["Has a cough.", [1]]]]]);
    Reflect.deleteProperty(answer.sections[0].statements[0], part);
    assertFalse(CompositionAnswer.safeParse(answer).success, part);
  }
});

Deno.test("segments come first, what to do comes last", async () => {
  const { requests } = await composed(first, first.answer);
  assertEquals(Object.keys(JSON.parse(textOf(requests[0], 0))), [
    "segments",
    "submitted_by",
    "template",
    "task",
  ]);
});

Deno.test("a statement's evidence is asked for before its text, and never none", () => {
  const schema = JSON.stringify(compositionSchema(resolveTemplate()));
  assertMatch(schema, /"properties":\{"evidence":\{"minItems":1,.*"text":\{.*"medication":/);
});

Deno.test("examples are of nothing that a consultation of the tests says", async () => {
  const { requests: [{ system }] } = await composed(first, first.answer);
  const said = [...system.matchAll(/Said: "([^"]+)"/g)].map(([, words]) => words);
  assertEquals(said.length, 3);
  const texts = JSON.stringify(CONSULTATIONS);
  for (const words of said) assertFalse(texts.includes(words), words);
});
