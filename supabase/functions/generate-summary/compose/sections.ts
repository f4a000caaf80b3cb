/** What a summary is made of: sections of statements, each with its evidence and its warnings. */
import { z } from "zod";
import { Warning } from "../checks/warnings.ts";
import { Medication, type Segment } from "../core/domain.ts";

export interface NumberedSegment extends Segment {
  /** `s1`, `s2`… over all recordings in order. */
  id: string;
  recording_id: string;
  /** 1 for the first. */
  recording: number;
}

const Warnings = z.array(Warning).describe("What the checks found: to be looked at.");

/** The segment itself, so that it stays readable when its recording is gone. */
const Evidence = z.object({
  segment: z.string().describe("`s1`, `s2`… over all recordings in order."),
  recording_id: z.guid(),
  speaker: z.string().nullable(),
  kind: z.string().describe("`speech`, or what it is on a picture."),
  start: z.number().nullable()
    .describe("Seconds from the recording's start; null on pictures."),
  text: z.string().describe("What was said, or is written there."),
});

export const Statement = z.object({
  text: z.string(),
  evidence: z.array(Evidence),
  medication: Medication.nullable()
    .describe("In a structured prescription; null where it was not said."),
  warnings: Warnings,
}).meta({ id: "Statement" });
export type Statement = z.infer<typeof Statement>;

export const Section = z.object({
  section: z.string().describe("As the template names it."),
  heading: z.string().describe("The same in the template's language."),
  statements: z.array(Statement),
  warnings: Warnings,
}).meta({ id: "Section" });
export type Section = z.infer<typeof Section>;
