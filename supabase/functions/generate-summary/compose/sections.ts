/** What a summary is made of: sections of statements, each with its evidence and its warnings. */
import type { Warning } from "../checks/warnings.ts";

export interface Section {
  /** As the template names it. */
  section: string;
  /** The same in the template's language. */
  heading: string;
  statements: Statement[];
  warnings: Warning[];
}

export interface Statement {
  text: string;
  evidence: Evidence[];
  medication: Medication | null;
  warnings: Warning[];
}

/** The segment itself, so that it stays readable when its recording is gone. */
interface Evidence {
  /** `s1`, `s2`… over all recordings in order. */
  segment: string;
  recording_id: string;
  speaker: string | null;
  kind: string;
  /** Seconds from the start of the recording; null on pictures. */
  start: number | null;
  text: string;
}

/** A medicine of a structured prescription; null for what was not said. */
export interface Medication {
  drug: string | null;
  dose: string | null;
  route: string | null;
  frequency: string | null;
  duration: string | null;
}
