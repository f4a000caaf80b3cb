/** What a clinic, a consultation or a request may say about the summary they want. */
import { z } from "zod";

/** Sections that the prompt knows what to put into; others may be asked for by any name. */
export const KNOWN_SECTIONS: Readonly<Record<string, string>> = {
  symptoms: "What brings the patient here: complaints, how long, how bad, what makes it better.",
  history: "Earlier illnesses, operations, regular medicines, family and social history.",
  allergies: "Allergies and what happened; that there are none, where that was said.",
  vitals: "Measured values: blood pressure, pulse, temperature, saturation, weight, height.",
  examination: "What was found on examining the patient, measured values included.",
  investigations: "Laboratory tests, imaging and other tests: results, and what was ordered.",
  diagnosis: "What the clinician says it is, or may be; never a conclusion of your own.",
  prescription: "Medicines prescribed, changed or stopped, with dose, route, frequency, duration.",
  procedures: "What was done during the visit: injections, dressings, stitches, vaccinations.",
  advice: "What the patient was told to do or avoid, and when to seek help.",
  referral: "To whom the patient is sent on, and why.",
  follow_up: "When and for what the patient comes back.",
  certificates: "Sick notes and other papers that were promised or given.",
};

/** The same with null left out, at every depth. */
export type WithoutNull<T> = T extends null ? never
  : T extends unknown[] ? T
  : T extends object ? { [K in keyof T]: WithoutNull<T[K]> }
  : T;

export function withoutNull<T>(value: T): WithoutNull<T> {
  const plain = typeof value === "object" && value !== null && !Array.isArray(value);
  return (plain
    ? Object.fromEntries(
      Object.entries(value).filter(([, inner]) => inner !== null)
        .map(([key, inner]) => [key, withoutNull(inner)]),
    )
    : value) as WithoutNull<T>;
}

// No ends of lines, nothing that is not seen, and no ASCII signs but the named ones.
const SectionName = z.string().max(60).regex(
  // deno-lint-ignore no-control-regex
  /^(?![_.,'()&/ -])[^\0-\x1f!"#$%*+:;<=>?@[\\\]^`{|}~\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff0-\uffff\u{e0000}-\u{e0fff}\p{Cs}]+$/u,
  "must be a name in letters and digits",
);

const Instruction = z.string().trim().min(1).max(500)
  // deno-lint-ignore no-control-regex
  .regex(/^[^\0-\x08\v\f\x0e-\x1f\x7f\p{Cs}]*$/u, "holds a control character");

/**
 * Every key may be left out, or null: what is missing comes from the layer below. The database's
 * `summaries_private.valid_template` takes the same.
 */
export const TemplateConfig = z.object({
  prescription_format: z.enum(["structured", "narrative"]).nullish()
    .describe("Prescriptions as drug, dose, route, frequency, duration, or as sentences alone."),
  language: SectionName
    .regex(/^[^_.,'&/]*$/, "must be the name of a language, or its code")
    .nullish().describe("The summary's language: a name or a BCP 47 code.")
    .meta({ examples: ["Swedish"] }),
  tone: z.string().trim().min(1).max(60)
    // deno-lint-ignore no-control-regex
    .regex(/^[^\0-\x1f\x7f-\x9f\u2028\u2029\p{Cs}]*$/u, "must be one line")
    .nullish().meta({ examples: ["professional"] }),
  sections: z.array(SectionName).min(1).max(20)
    .refine((names) => new Set(names).size === names.length, "names a section twice")
    .nullish().describe(`In this order. Known ones: ${Object.keys(KNOWN_SECTIONS).join(", ")}.`),
  instructions: z.preprocess(
    // zod leaves that key out, where it should refuse it.
    (texts) => texts && Object.hasOwn(texts, "__proto__") ? "__proto__" : texts,
    z.record(SectionName, Instruction)
      .refine((texts) => Object.keys(texts).length <= 20, "holds more than 20 sections"),
  ).nullish()
    .describe("What a section should look like, by its name."),
}).meta({ id: "TemplateConfig" });
export type TemplateConfig = WithoutNull<z.infer<typeof TemplateConfig>>;
export type Template = Required<TemplateConfig>;

/** A template that was stored: the database has checked it. */
export const StoredTemplate: z.ZodType<TemplateConfig> = z.object({
  prescription_format: z.enum(["structured", "narrative"]),
  language: z.string(),
  tone: z.string(),
  sections: z.array(z.string()),
  instructions: z.record(z.string(), z.string()),
}).partial();

export const DEFAULT_TEMPLATE: Template = {
  prescription_format: "structured",
  language: "English",
  tone: "professional",
  // Allergies and what the patient was told have a place of their own, or a note loses them.
  sections: [
    "symptoms",
    "history",
    "allergies",
    "examination",
    "diagnosis",
    "prescription",
    "advice",
    "follow_up",
  ],
  instructions: {},
};

/**
 * The template that counts: each layer over the ones before it, the defaults below them all.
 * Instructions are laid over each other section by section; those of sections that are not asked
 * for are dropped.
 */
export function resolveTemplate(...layers: (TemplateConfig | null)[]): Template {
  const all = [DEFAULT_TEMPLATE, ...layers.map((layer) => layer ?? {})];
  const template: Template = Object.assign({}, ...all);
  const sections = [...new Set(template.sections)];
  const instructions = Object.assign({}, ...all.map((layer) => layer.instructions));
  return {
    ...template,
    sections,
    instructions: Object.fromEntries(
      Object.entries<string>(instructions).filter(([name]) => sections.includes(name)),
    ),
  };
}
