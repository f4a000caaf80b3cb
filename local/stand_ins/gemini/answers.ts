/**
 * What the stand-in says. It hears nothing and sees nothing: for a sample it knows the script, for
 * any other file it says that it cannot listen and what arrived. It never invents.
 */
import { z } from "zod";
import type { ScriptStatement } from "../../samples/scripts.ts";
import type { StoredFile } from "./files.ts";
import { type Lapse, lapsed } from "./lapses.ts";
import { beginning, hear, Stretch } from "./listening.ts";
import { read, Reading } from "./reading.ts";
import { Refusal } from "./refusal.ts";
import type { Sample } from "./samples.ts";

const Composition = z.object({
  template: z.object({ prescription_format: z.string(), sections: z.array(z.string()).min(1) }),
  segments: z.array(z.object({ id: z.string(), text: z.string() })),
});
type Composition = z.infer<typeof Composition>;

const Mending = z.object({
  repair: z.object({
    statements: z.array(z.object({ n: z.number(), statement: z.looseObject({}) })),
  }),
});

/** What a request asks, as far as the stand-in understands it. */
export interface Question {
  files: StoredFile[];
  /** Its text parts, in order. */
  texts: string[];
}

/**
 * A request with a file is an extraction, one with a template and segments a composition, or a repair of
 * some of its statements, and one with turns and statements a second reading.
 */
export function answerTo(
  { files: [file], texts }: Question,
  samples: Sample[],
  lapse: Lapse,
): object {
  const known = samples.find(({ sha256 }) => sha256 === file?.sha256);
  if (file?.file.mimeType.startsWith("image/")) return readPicture(file, known, lapse);
  if (file) return listen(file, known, firstOf(Stretch, texts) ?? {}, lapse);
  const reading = firstOf(Reading, texts);
  if (reading) return read(reading, lapse.reads ?? {});
  const mending = firstOf(Mending, texts);
  if (mending) {
    // It knows no better ones.
    return {
      statements: mending.repair.statements.map(({ n, statement }) => ({ n, ...statement })),
    };
  }
  const composition = firstOf(Composition, texts);
  if (composition) {
    return {
      ...compose(composition, samples),
      ...lapse.nothingFound && { clinical_content: false },
    };
  }
  throw new Refusal(
    501,
    "UNIMPLEMENTED",
    "The stand-in answers extractions, compositions and second readings: set `answer` for anything else.",
  );
}

/** The first text that is JSON of that shape. */
function firstOf<T>(schema: z.ZodType<T>, texts: string[]): T | undefined {
  for (const text of texts) {
    try {
      const { data } = schema.safeParse(JSON.parse(text));
      if (data) return data;
    } catch {
      // Not JSON: an instruction in words.
    }
  }
}

function listen(file: StoredFile, known: Sample | undefined, stretch: Stretch, lapse: Lapse) {
  const from = beginning(stretch);
  const segments = known ? hear(known, stretch, lapse) : excuse(file, from)
    // Asked to go on after these very words it has no more to say.
    .filter(({ text }) => !stretch.after || !text.includes(stretch.after.text));
  const found = segments.length > 0 && !lapse.nothingFound;
  return {
    speech_found: found,
    language: known?.language ?? "und",
    segments: found ? segments : [],
  };
}

function readPicture(file: StoredFile, known: Sample | undefined, lapse: Lapse) {
  const segments = known?.segments ?? [{ kind: "print", ...honest(file, "see pictures") }];
  const found = segments.length > 0 && !lapse.nothingFound;
  return {
    legible: found,
    language: known?.language ?? "und",
    segments: found ? lapsed(segments, lapse) : [],
  };
}

const excuse = (file: StoredFile, from: number) => [
  { speaker: "unknown", start: from, ...honest(file, `listen from second ${from} on`) },
];

function honest({ file, sha256 }: StoredFile, what: string) {
  return {
    text: `[stand-in for Gemini: it cannot ${what}] ${file.sizeBytes} bytes of ${file.mimeType} ` +
      `arrived whole, SHA-256 ${sha256.slice(0, 16)}…`,
    mentions: { drugs: [], quantities: [] },
  };
}

interface Statement {
  text: string;
  /** Ids of segments. */
  evidence: string[];
  medication: ScriptStatement["medication"];
}

function compose({ template, segments }: Composition, samples: Sample[]) {
  const statements = new Map(template.sections.map((name): [string, Statement[]] => [name, []]));
  const known = new Set(samples.flatMap((sample) => sample.segments.map(({ text }) => text)));
  for (const { id, text } of segments) {
    if (known.has(text)) continue;
    statements.get(template.sections[0])!.push({ text, evidence: [id], medication: null });
  }
  for (const sample of samples) {
    for (const statement of sample.statements) {
      const sources = statement.evidence.map((index) => sample.segments[index].text);
      const evidence = sources.map((source) => segments.filter(({ text }) => text === source));
      const section = statements.get(statement.section);
      if (!section || evidence.some((found) => found.length === 0)) continue;
      const ids = evidence.flat().map(({ id }) => id);
      const same = section.find(({ text }) => text === statement.text);
      if (same) same.evidence.push(...ids);
      else {
        const medication = template.prescription_format === "narrative"
          ? null
          : statement.medication;
        section.push({ text: statement.text, evidence: ids, medication });
      }
    }
  }
  const heading = (name: string) =>
    name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
  return {
    clinical_content: segments.length > 0,
    sections: [...statements].map(([section, statements]) => ({
      section,
      heading: heading(section),
      statements,
    })),
  };
}
