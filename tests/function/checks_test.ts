import { assert, assertEquals } from "@std/assert";
import { check } from "../../supabase/functions/generate-summary/checks/check.ts";
import { resolveTemplate } from "../../supabase/functions/generate-summary/template.ts";
import type { CompositionAnswer } from "../../supabase/functions/generate-summary/prompts/composition.ts";
import { CONSULTATIONS } from "./consultations/all.ts";
import { FAULT_KINDS, seeded } from "./consultations/faults.ts";
import type { Consultation } from "./consultations/script.ts";

const SEEDS = 12;

function checked({ recordings, template }: Consultation, answer: CompositionAnswer) {
  const segments = recordings.flatMap(({ recording_id, segments }, index) =>
    segments.map((segment) => ({ ...segment, recording_id, recording: index + 1 }))
  ).map((segment, index) => ({ ...segment, id: `s${index + 1}` }));
  return check(answer, segments, resolveTemplate(template));
}

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
