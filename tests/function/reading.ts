/** What tests of the second reader share: a summary, and a model that reads it. */
import { assert } from "@std/assert";
import { resolveTemplate } from "../../supabase/functions/generate-summary/compose/template.ts";
import type { Section } from "../../supabase/functions/generate-summary/compose/sections.ts";
import { createLog } from "../../supabase/functions/generate-summary/core/log.ts";
import type { GenerateRequest } from "../../supabase/functions/generate-summary/models/model.ts";
import type { ReadingAnswer } from "../../supabase/functions/generate-summary/verify/prompt.ts";
import { createReader } from "../../supabase/functions/generate-summary/verify/verify.ts";
import { assemble } from "../../supabase/functions/generate-summary/compose/assemble.ts";
import { DEADLINE } from "./composing.ts";
import { paid } from "./fake_model.ts";
import { answered, type Line, type Said, spoken } from "./consultations/script.ts";

export const LINES: Line[] = [
  ["doctor", "Any allergies?"],
  ["patient", "Penicillin, I get a rash from it.", "Penicillin"],
  ["doctor", "And since when do you cough?"],
  ["patient", "For five days. Maybe it is asthma.", "", "5 days"],
  ["doctor", "Take ramipril, five milligrams, once a day.", "Ramipril", "5 mg"],
  ["doctor", "Come back on Monday."],
];
export const TEMPLATE = resolveTemplate({ sections: ["symptoms", "prescription"] });
export const STATEMENTS: Said[] = [["Cough for 5 days.", [3, 4]], ["Patient has asthma.", [4]]];

export const segmentsOf = (lines: Line[], recording = 1) =>
  spoken(lines).map((segment, index) => ({
    ...segment,
    id: `s${index + 1}`,
    recording_id: "00000000-0000-4000-8000-000000000000",
    recording,
  }));

export function summaryOf(
  symptoms: Said[] = STATEMENTS,
  prescription: Said[] = [["Ramipril 5 mg once a day.", [5], "Ramipril | 5 mg | | once a day | "]],
  segments = segmentsOf(LINES),
  template = TEMPLATE,
): Section[] {
  const sections = answered([
    ["symptoms", "Symptoms", symptoms],
    ["prescription", "Prescription", prescription],
  ]);
  return assemble(sections, segments, template);
}

/** A reader's answer: all of three statements are right, but for these. */
export const judged = (
  wrong: Record<number, Partial<ReadingAnswer["verdicts"][0]>> = {},
  left_out: ReadingAnswer["left_out"] = [],
): ReadingAnswer => ({
  verdicts: [1, 2, 3].map((n) => (
    { n, words: [], aspect: null, verdict: "supported", ...wrong[n] }
  )),
  left_out,
});

/** Reads a summary with a model that answers this; an error is thrown, a text is no JSON. */
export function reading(
  answer: unknown,
  { left = 300, triesLeft = 5, callSeconds = 50 } = {},
) {
  const requests: GenerateRequest[] = [];
  const lines: string[] = [];
  const kept: unknown[] = [];
  const booked: unknown[] = [];
  const read = createReader({
    reader: {
      model: "reader-1",
      generate(request) {
        requests.push(request);
        if (answer instanceof Error) return Promise.reject(answer);
        request.book(paid());
        const text = typeof answer === "string" ? answer : JSON.stringify(answer);
        return Promise.resolve({ text, cut: null, model: "reader-1", audioTokens: null });
      },
    },
    signal: undefined,
    callSeconds,
    deadline: DEADLINE,
    clock: { now: () => DEADLINE - left * 1000 },
    triesLeft,
    log: createLog((line) => lines.push(line)),
  });
  return {
    requests,
    lines,
    kept,
    booked,
    readIt: (
      sections = summaryOf(),
      reading: unknown = undefined,
      segments = segmentsOf(LINES),
      template = TEMPLATE,
    ) =>
      read({
        sections,
        segments,
        template,
        reading,
        keep: (reading) => Promise.resolve(void kept.push(reading)),
        book: (call) => booked.push(call),
      }),
  };
}

export function inputOf({ parts: [part] }: GenerateRequest) {
  assert("text" in part);
  return JSON.parse(part.text);
}
