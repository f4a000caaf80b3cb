import { assert, assertEquals } from "@std/assert";
import { checkStatement } from "../../../supabase/functions/generate-summary/checks/check.ts";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import type { Medication } from "../../../supabase/functions/generate-summary/core/domain.ts";
import { checked, segment, warned } from "../checking.ts";
import { CONSULTATIONS } from "../consultations/all.ts";
import { FAULT_KINDS, seeded } from "../consultations/faults.ts";
import { PHRASINGS } from "../consultations/phrasings.ts";

const SEEDS = 12;

for (const consultation of CONSULTATIONS) {
  Deno.test(`no warning on the clean answer: ${consultation.name}`, () => {
    const sections = checked(consultation, consultation.answer);
    const warnings = sections.flatMap(({ warnings, statements }) => [
      ...warnings,
      ...statements.flatMap(({ text, warnings }) =>
        warnings.map((warning) => ({ text, ...warning }))
      ),
    ]);
    assertEquals(warnings, []);
  });
}

Deno.test("at least 95 % of the planted faults of each claimed kind are caught", () => {
  const rows = FAULT_KINDS.map(({ name, code, plant }) => {
    let caught = 0;
    const missed: string[] = [];
    for (const [number, consultation] of CONSULTATIONS.entries()) {
      for (let seed = 0; seed < SEEDS; seed++) {
        const template = resolveTemplate(consultation.template);
        const planted = plant(consultation.answer, template, seeded(seed * 1000 + number));
        if (!planted) break;
        const section = checked(consultation, planted.answer)
          .find(({ section }) => section === planted.section)!;
        const place = planted.statement === null ? section : section.statements[planted.statement];
        const found = place.warnings.some((warning) =>
          code === null || code === "any" || warning.code === code
        );
        if (found) caught++;
        else missed.push(`${consultation.name}: ${"text" in place ? place.text : place.section}`);
      }
    }
    return { name, code, caught, missed };
  });

  console.log("fault                                    planted  caught  recall");
  for (const { name, code, caught, missed } of rows) {
    const planted = caught + missed.length;
    const recall = `${(100 * caught / planted).toFixed(1)} %`;
    console.log(
      name.padEnd(40),
      String(planted).padStart(7),
      String(caught).padStart(7),
      recall.padStart(8),
      code === null ? "(not claimed)" : "",
    );
  }
  for (const { name, code, caught, missed } of rows) {
    assert(caught + missed.length >= 24, `${name}: planted too seldom to tell`);
    if (code === null) continue;
    const recall = caught / (caught + missed.length);
    assert(recall >= 0.95, `${name}: ${recall}, missed ${[...new Set(missed)].join("; ")}`);
  }
});

Deno.test("no warning on statements in everyday wording, in several languages", () => {
  for (const [language, statement, said, drugs, quantities] of PHRASINGS) {
    assertEquals(warned(language, statement, said, drugs, quantities), [], statement);
  }
});

const SEGMENTS = new Map([
  ["s1", segment("Take ramipril, five milligrams, each morning.", "Ramipril", "5 mg")],
  ["s2", segment("The left knee hurts.")],
]);

/** The warnings that a statement gets, as `code detail`. */
function warnings(text: string, evidence: string[], medication: Medication | null = null) {
  const surroundings = { segments: SEGMENTS, mentioned: ["Ramipril"], language: "English" };
  return checkStatement({ text, medication, evidence }, surroundings)
    .map(({ code, detail }) => `${code} ${detail}`.trim());
}

const RAMIPRIL: Medication = {
  drug: "Ramipril",
  dose: "5 mg",
  route: null,
  frequency: "every morning",
  duration: null,
};

Deno.test("a statement without evidence is told so, and nothing else can be", () => {
  assertEquals(warnings("Takes 7 mg of enalapril, no cough.", []), ["evidence_missing"]);
});

Deno.test("evidence that doesn't exist is named, and what it should say not looked for", () => {
  assertEquals(warnings("Takes 7 mg.", ["s8", "s9"]), [
    "evidence_unknown s8",
    "evidence_unknown s9",
  ]);
  assertEquals(warnings("The right knee hurts.", ["s2", "s9"]), [
    "evidence_unknown s9",
    "side_unsupported right",
  ]);
});

Deno.test("evidence that nobody can look up is told: more than six segments", () => {
  const segments = new Map(
    Array.from({ length: 7 }, (_, index) => [`s${index}`, segment("The left knee hurts.")]),
  );
  const codes = (evidence: string[]) =>
    checkStatement(
      { text: "Left knee pain.", medication: null, evidence },
      { segments, mentioned: [], language: "English" },
    ).map(({ code, detail }) => `${code} ${detail}`.trim());
  assertEquals(codes([...segments.keys()]), ["evidence_wide 7"]);
  assertEquals(codes([...segments.keys()].slice(1)), []);
});

Deno.test("a statement that is too long is cut, and told to be", () => {
  const sound = "The left knee hurts. ".repeat(100);
  assertEquals(warnings(`${sound}The right knee hurts.`, ["s2"]), ["statement_long"]);
  assertEquals(warnings("The left knee hurts. ".repeat(90), ["s2"]), []);
});

Deno.test("only what a statement names as evidence counts, not all that was said", () => {
  assertEquals(warnings("Ramipril 5 mg.", ["s1"]), []);
  assertEquals(warnings("Ramipril 5 mg.", ["s2"]), [
    "quantity_unsupported 5 mg",
    "drug_unsupported ramipril",
  ]);
});

Deno.test("the fields of a medication claim as the sentence does", () => {
  assertEquals(warnings("Ramipril.", ["s1"], RAMIPRIL), []);
  assertEquals(warnings("Ramipril.", ["s1"], { ...RAMIPRIL, dose: "10 mg", drug: "Norvasc" }), [
    "quantity_unsupported 10 mg",
    "drug_unsupported norvasc",
  ]);
});

Deno.test("the same thing wrong in sentence and fields is one warning", () => {
  const medication = { ...RAMIPRIL, dose: "10 mg" };
  assertEquals(warnings("Ramipril 10 mg.", ["s1"], medication), ["quantity_unsupported 10 mg"]);
});

Deno.test("the language is that of the sentence: fields may be names alone", () => {
  assertEquals(warnings("Der Patient hat seit gestern Husten und nimmt es nicht.", ["s2"]), [
    "other_language",
  ]);
  const medication = { ...RAMIPRIL, duration: "und der die das ist mit nicht" };
  assertEquals(warnings("Ramipril.", ["s1"], medication), []);
});
