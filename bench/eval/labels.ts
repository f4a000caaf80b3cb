/** A clinician's labels: a line a statement goes out, and comes back with what he thinks of it. */
import { formatCsv, parseCsv } from "./csv.ts";
import type { Evaluated } from "./evaluate.ts";
import { type Share, share } from "./figures.ts";

const LABELS = ["right", "wrong", "unclear"] as const;

/** To be labelled: `label` is empty, or one of `LABELS`. Warnings stand last, so as not to lead. */
export function labelSheet(evaluated: Evaluated[]): string {
  return formatCsv(
    evaluated.flatMap(({ name, sections }) =>
      sections.flatMap(({ section, statements }) =>
        statements.map(({ text, evidence, warnings }, index) => ({
          consultation: name,
          section,
          statement: String(index + 1),
          text,
          evidence: evidence.map(({ speaker, text }) => `${speaker ?? "picture"}: ${text}`).join(
            "\n",
          ),
          label: "",
          comment: "",
          code: codesOf(warnings, false),
          reader: codesOf(warnings, true),
        }))
      )
    ),
  );
}

const codesOf = (warnings: { code: string }[], reader: boolean) =>
  warnings.map(({ code }) => code)
    .filter((code) => code.startsWith("reader_") === reader && code !== "unverified").join(" ");

export interface Labelled {
  by: string;
  /** Statements that are wrong, and were warned of. */
  wrongFound: Share;
  /** Statements that are right, and were warned of. */
  falseAlarms: Share;
}

/** Throws an `Error` that names the line whose label is none. Lines without a label are passed over. */
export function readLabels(csv: string): Labelled[] {
  const rows = parseCsv(csv);
  for (const [index, { label }] of rows.entries()) {
    if (label && !LABELS.some((known) => known === label)) {
      throw new Error(`Statement ${index + 1}: "${label}" is none of ${LABELS.join(", ")}.`);
    }
  }
  const warned: [by: string, (row: Record<string, string>) => boolean][] = [
    ["code", ({ code }) => Boolean(code)],
    ["reader", ({ reader }) => Boolean(reader)],
    ["either", ({ code, reader }) => Boolean(code || reader)],
  ];
  return warned.map(([by, is]) => {
    const of = (label: string) => {
      const labelled = rows.filter((row) => row.label === label);
      return share(labelled.filter(is).length, labelled.length);
    };
    return { by, wrongFound: of("wrong"), falseAlarms: of("right") };
  });
}
