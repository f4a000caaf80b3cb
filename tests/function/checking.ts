/** What tests of the checks share: a statement or an answer against what was said. */
import { assertEquals } from "@std/assert";
import type { Segment } from "../../supabase/functions/generate-summary/core/domain.ts";
import type { Warning } from "../../supabase/functions/generate-summary/checks/warnings.ts";
import { assemble } from "../../supabase/functions/generate-summary/compose/assemble.ts";
import type { CompositionAnswer } from "../../supabase/functions/generate-summary/compose/prompt.ts";
import { resolveTemplate } from "../../supabase/functions/generate-summary/compose/template.ts";
import { answered, type Consultation, recorded, spoken } from "./consultations/script.ts";

export function checked({ recordings, template }: Consultation, answer: CompositionAnswer) {
  const segments = recordings.flatMap(({ recording_id, segments }, index) =>
    segments.map((segment) => ({ ...segment, recording_id, recording: index + 1 }))
  ).map((segment, index) => ({ ...segment, id: `s${index + 1}` }));
  return assemble(answer, segments, resolveTemplate(template));
}

/** The codes that a statement gets from what was said, one segment each. */
export function warned(
  language: string,
  text: string,
  said: string[],
  drugs = "",
  quantities = "",
) {
  const consultation: Consultation = {
    name: "",
    submittedBy: "doctor",
    template: { language, sections: ["notes"] },
    recordings: recorded(spoken(said.map((words) => ["patient", words, drugs, quantities]))),
    answer: answered([["notes", "Notes", [[text, said.map((_, index) => index + 1)]]]]),
  };
  return checked(consultation, consultation.answer)[0].statements[0].warnings
    .map(({ code, detail }) => `${code} ${detail}`.trim());
}

type Row = [statement: string, said: string | string[], ...warnings: string[]];

export function table(name: string, rows: Row[], language = "English") {
  Deno.test(name, () => {
    for (const [statement, said, ...warnings] of rows) {
      assertEquals(warned(language, statement, [said].flat()), warnings, statement);
    }
  });
}

export const unsupported = (what: string, ...details: string[]) =>
  details.map((detail) => `${what}_unsupported ${detail}`);

/** One thing that was said, with drugs and quantities that it mentions. */
export const segment = (text: string, drugs = "", quantities = ""): Segment =>
  spoken([["patient", text, drugs, quantities]])[0];

/** What warnings are about. */
export const details = (warnings: Warning[]) => warnings.map(({ detail }) => detail);
