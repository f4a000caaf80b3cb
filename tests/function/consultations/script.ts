/** How the consultations are written down: what was said or seen, and a clean answer about it. */
import type { Segment } from "../../../supabase/functions/generate-summary/core/domain.ts";
import type { Submitter } from "../../../supabase/functions/generate-summary/core/domain.ts";
import type { CompositionAnswer } from "../../../supabase/functions/generate-summary/compose/prompt.ts";
import type { TemplateConfig } from "../../../supabase/functions/generate-summary/compose/template.ts";

export interface Consultation {
  name: string;
  submittedBy: Submitter;
  template: TemplateConfig;
  recordings: { recording_id: string; kind: "audio" | "image"; segments: Segment[] }[];
  answer: CompositionAnswer;
}

/** Who speaks (or the kind of picture), the words, drugs, quantities. */
export type Line = [who: string, text: string, drugs?: string, quantities?: string];

const listed = (list?: string) => list ? list.split(", ") : [];

export function spoken(lines: Line[]): Segment[] {
  return lines.map(([speaker, text, drugs, quantities], index) => ({
    kind: "speech",
    speaker,
    start: index * 5,
    text,
    mentions: { drugs: listed(drugs), quantities: listed(quantities) },
  }));
}

export function seen(lines: Line[]): Segment[] {
  return lines.map(([kind, text, drugs, quantities]) => ({
    kind,
    speaker: null,
    start: null,
    text,
    mentions: { drugs: listed(drugs), quantities: listed(quantities) },
  }));
}

/** Text, the numbers of its segments, and for a medicine `drug | dose | route | frequency | duration`. */
export type Said = [text: string, evidence: number[], medication?: string];

export function answered(
  sections: [section: string, heading: string, statements: Said[]][],
): CompositionAnswer {
  return {
    clinical_content: true,
    sections: sections.map(([section, heading, statements]) => ({
      section,
      heading,
      statements: statements.map(([text, evidence, medication]) => {
        const fields = medication?.split("|").map((field) => field.trim() || null);
        return {
          text,
          evidence: evidence.map((number) => `s${number}`),
          medication: fields
            ? {
              drug: fields[0],
              dose: fields[1],
              route: fields[2],
              frequency: fields[3],
              duration: fields[4],
            }
            : null,
        };
      }),
    })),
  };
}

/** The consultation's recordings, numbered. */
export function recorded(...segments: Segment[][]): Consultation["recordings"] {
  return segments.map((segments, index) => ({
    recording_id: `00000000-0000-4000-8000-00000000000${index}`,
    kind: segments.every(({ kind }) => kind === "speech") ? "audio" : "image",
    segments,
  }));
}
