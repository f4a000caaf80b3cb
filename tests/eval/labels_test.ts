import { assertEquals, assertThrows } from "@std/assert";
import { formatCsv, parseCsv } from "../../bench/eval/csv.ts";
import type { Evaluated } from "../../bench/eval/evaluate.ts";
import { shown } from "../../bench/eval/figures.ts";
import { labelSheet, readLabels } from "../../bench/eval/labels.ts";
import { summaryOf } from "../function/reading.ts";

const sections = summaryOf();
sections[0].statements[1].warnings.push(
  { code: "reader_partly", detail: "" },
  { code: "unverified", detail: "" },
);
const EVALUATED: Evaluated = {
  name: "one",
  known: false,
  heard: [],
  sections,
  repaired: { asked: false, before: [], after: [] },
  facts: [],
  found: [],
  read: true,
  calls: [],
};

Deno.test("each statement is a line with its evidence, and no label yet", () => {
  const rows = parseCsv(labelSheet([EVALUATED]));
  assertEquals(rows.map(({ text, label, code, reader }) => [text, label, code, reader]), [
    ["Cough for 5 days.", "", "", ""],
    ["Patient has asthma.", "", "", "reader_partly"],
    ["Ramipril 5 mg once a day.", "", "", ""],
  ]);
  assertEquals(rows[1].evidence, "patient: For five days. Maybe it is asthma.");
});

Deno.test("labels tell what was found of what is wrong, and what was warned of that is right", () => {
  const rows = parseCsv(labelSheet([EVALUATED]));
  for (const [index, label] of ["right", "wrong", ""].entries()) rows[index].label = label;
  const all = readLabels(formatCsv(rows));
  assertEquals(all.map(({ by, wrongFound, falseAlarms }) => [by, wrongFound.part, falseAlarms.n]), [
    ["code", 0, 1],
    ["reader", 1, 1],
    ["either", 1, 1],
  ]);
  assertEquals(shown(all[0].falseAlarms), "0 of 1, 0.0 % (0.0–79.3)");
});

Deno.test("a label that is none is an error that names its line", () => {
  const rows = parseCsv(labelSheet([EVALUATED]));
  rows[2].label = "maybe";
  assertThrows(() => readLabels(formatCsv(rows)), Error, 'Statement 3: "maybe"');
});
