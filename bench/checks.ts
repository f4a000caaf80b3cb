/** What the checks cost an isolate, which has two seconds of CPU time in all. */
import { checkStatement } from "../supabase/functions/generate-summary/checks/check.ts";
import type { Segment } from "../supabase/functions/generate-summary/core/domain.ts";
import { compare, type Report } from "./measure.ts";

const ROUNDS = 7;

/** A table of so many characters, as a picture of it is read. */
function table(length: number): Segment {
  let text = "";
  for (let row = 0; text.length < length; row++) {
    text += `Visit ${row + 1}: BP ${120 + row}/${70 + row % 30}, pulse ${60 + row}, temperature ` +
      `37.${row % 10}, ramipril ${row + 1} mg daily, no fever; `;
  }
  const mentions = { drugs: ["Ramipril"], quantities: [] };
  return { kind: "print", speaker: null, start: null, text, mentions };
}

const claims = (count: number) =>
  Array.from(
    { length: count },
    (_, row) =>
      `BP ${120 + row}/${70 + row % 30}, pulse ${60 + row}, no fever, ramipril ${
        row + 1
      } mg daily.`,
  );

/** Milliseconds that checking takes, of a table that nothing was read of yet. */
function spent(texts: string[], length = 6000): number {
  const segments = new Map([["s1", table(length)]]);
  const started = performance.now();
  for (const text of texts) {
    const claim = { text, medication: null, evidence: ["s1"] };
    checkStatement(claim, { segments, mentioned: ["Ramipril"], language: "English" });
  }
  return performance.now() - started;
}

export function benchChecks(report: Report): Promise<void> {
  const long = "The patient has had no fever and takes ramipril 5 mg daily. ";
  const rounds = (texts: string[]) => Array.from({ length: ROUNDS }, () => spent(texts));
  const one = rounds(claims(1));
  report(compare(
    {
      what: "check 40 statements of one 6 kB table",
      measure: "ms",
      than: "one of them",
      most: 200,
    },
    rounds(claims(40)),
    one,
  ));
  report(compare(
    { what: "check a statement of 20,000 characters", measure: "ms", than: "of 2,000", goal: 2 },
    rounds([long.repeat(334)]),
    rounds([long.repeat(33)]),
  ));
  return Promise.resolve();
}
