/** What the code could not verify: one table of codes. */
import { z } from "zod";

interface WarningKind {
  /** Told to the model and to people; the warning's `detail` says which words it is about. */
  message: string;
  /** A second try may mend it: it is quoted to the model once. */
  repair: boolean;
  /** The detail is words of the statement, which the rendered summary may repeat. */
  quotable: boolean;
}

export const WARNINGS = {
  evidence_missing: {
    message: "The statement names no segment that says it.",
    repair: true,
    quotable: false,
  },
  evidence_unknown: {
    message: "The statement names a segment that does not exist.",
    repair: true,
    quotable: false,
  },
  quantity_unsupported: {
    message: "This number does not occur in the evidence, or not with this unit.",
    repair: true,
    quotable: true,
  },
  date_unsupported: {
    message: "This day or month does not occur in the evidence.",
    repair: true,
    quotable: true,
  },
  side_unsupported: {
    message: "The evidence does not say that it is this side.",
    repair: true,
    quotable: true,
  },
  drug_unsupported: {
    message: "This drug does not occur in the evidence.",
    repair: true,
    quotable: true,
  },
  negation_unsupported: {
    message: "The evidence does not deny this, or not in words that can be compared.",
    repair: true,
    quotable: true,
  },
  finding_denied: {
    message: "The evidence denies this, or answers no to it.",
    repair: true,
    quotable: true,
  },
  frequency_unsupported: {
    message: "The evidence does not say that it is this often, or at this time of the day.",
    repair: true,
    quotable: true,
  },
  number_elsewhere: {
    message: "The evidence says this number of another medicine or measure.",
    repair: true,
    quotable: true,
  },
  opposite_said: {
    message: "The evidence says the opposite.",
    repair: true,
    quotable: true,
  },
  person_unsupported: {
    message: "The evidence does not speak of this person.",
    repair: true,
    quotable: true,
  },
  time_unsupported: {
    message: "The evidence does not say that this has ended, is to come, or is certain.",
    repair: true,
    quotable: true,
  },
  evidence_wide: {
    message: "The statement names more than six segments: nobody can look all of them up.",
    repair: true,
    quotable: false,
  },
  statement_long: {
    message: "The statement is too long: its beginning alone was checked.",
    repair: true,
    quotable: false,
  },
  other_language: {
    message: "The text is not in the language asked for.",
    repair: true,
    quotable: false,
  },
  repeated: {
    message: "The same statement stands above.",
    // There is nothing to correct in it.
    repair: false,
    quotable: false,
  },
  section_missing: {
    message: "This section was asked for and is not in the answer.",
    repair: true,
    quotable: false,
  },
  section_added: {
    message: "This section was not asked for.",
    repair: true,
    quotable: false,
  },
  section_out_of_order: {
    message: "This section stood in another place than asked for.",
    // The code puts it where it belongs.
    repair: false,
    quotable: false,
  },
  incomplete: {
    message: "This part of the recordings could not be used: the summary holds nothing of it.",
    // The files are at fault, not the answer. Stands on the first section, for all of them.
    repair: false,
    quotable: false,
  },
  // What a second reader says: after the repair, so none of it is repaired.
  reader_partly: {
    message: "A second reader finds only a part of this in the evidence.",
    repair: false,
    quotable: true,
  },
  reader_contradicted: {
    message: "A second reader finds that the evidence says otherwise.",
    repair: false,
    quotable: true,
  },
  reader_not_said: {
    message: "A second reader does not find this in the evidence.",
    repair: false,
    quotable: true,
  },
  left_out: {
    message: "A second reader finds this important: it was said, and the summary does not hold it.",
    repair: false,
    quotable: false,
  },
  unverified: {
    message: "No second reader has judged this: compare it with what was said.",
    // On the first section: none has judged any of it.
    repair: false,
    quotable: false,
  },
} satisfies Record<string, WarningKind>;

type WarningCode = keyof typeof WARNINGS;

/** What a second reader may doubt in a statement. */
export const ASPECTS = [
  "number",
  "drug",
  "denial",
  "who",
  "when",
  "certainty",
  "severity",
  "finding",
  "other",
] as const;

export const Warning = z.object({
  code: z.enum(Object.keys(WARNINGS) as [WarningCode, ...WarningCode[]]),
  /** The words it is about; a segment's or a section's name for what concerns those. */
  detail: z.string().describe("The words it is about."),
  aspect: z.enum(ASPECTS).optional().describe("What a second reader doubts in them."),
}).meta({ id: "Warning" });
export type Warning = z.infer<typeof Warning>;
