/** Faults that are planted in a summary, and who finds them: the code's checks, a second reader, either. */
import { assemble } from "../../supabase/functions/generate-summary/compose/assemble.ts";
import type { SecondReader } from "../../supabase/functions/generate-summary/compose/compose.ts";
import type { CompositionAnswer } from "../../supabase/functions/generate-summary/compose/prompt.ts";
import type {
  NumberedSegment,
  Section,
} from "../../supabase/functions/generate-summary/compose/sections.ts";
import type { Template } from "../../supabase/functions/generate-summary/compose/template.ts";
import type { ModelCall } from "../../supabase/functions/generate-summary/core/domain.ts";
import { FAULT_KINDS, type Planted, seeded } from "../../tests/function/consultations/faults.ts";

export interface Found {
  kind: string;
  code: boolean;
  /** null: nobody read it, or he failed. */
  reader: boolean | null;
}

/** Reads a summary; null: he failed. */
export type Read = (sections: Section[]) => Promise<Section[] | null>;

/** A reader of this consultation's summaries. */
export function readerOf(
  read: SecondReader,
  segments: NumberedSegment[],
  template: Template,
  book: (call: ModelCall) => void,
): Read {
  const keep = () => Promise.resolve();
  return (sections) => read({ sections, segments, template, reading: null, keep, book });
}

/** Each kind of fault, planted so often where it can be. Only what is new is found. */
export async function findFaults(
  clean: CompositionAnswer,
  segments: NumberedSegment[],
  template: Template,
  { times, read }: { times: number; read: Read | null },
): Promise<Found[]> {
  const found: Found[] = [];
  for (const { name: kind, plant } of FAULT_KINDS) {
    for (let seed = 1; seed <= times; seed++) {
      const planted = plant(structuredClone(clean), template, seeded(seed));
      if (!planted) break;
      const sections = assemble(planted.answer, segments, template);
      const judged = await read?.(sections) ?? null;
      found.push({
        kind,
        code: isWarned(sections, planted, false),
        reader: judged && isWarned(judged, planted, true),
      });
    }
  }
  return found;
}

function isWarned(sections: Section[], { section, statement }: Planted, reader: boolean): boolean {
  const place = sections.find((one) => one.section === section);
  const warnings = statement === null ? place?.warnings : place?.statements[statement]?.warnings;
  return warnings?.some(({ code }) => code.startsWith("reader_") === reader) ?? false;
}
