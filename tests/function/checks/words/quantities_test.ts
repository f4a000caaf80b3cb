import { assertEquals } from "@std/assert";
import { quantitiesIn } from "../../../../supabase/functions/generate-summary/checks/words/quantities.ts";

/** A text, and what is read in it: `value unit`. */
const READ: [text: string, ...quantities: string[]][] = [
  // Units are made one, with the factor between them.
  ["0.5 g", "500 mg"],
  ["250 mcg", "0.25 mg"],
  ["2 weeks", "14 day"],
  ["a year is 12 months", "12 month"],
  ["5 mg/kg", "5 mg/kg"],
  ["2 mg per hour", "2 mg/hour"],
  ["100 mg/dl", "1 mg/ml"],
  ["72 beats per minute", "72 beat"],
  ["5 apples", "5 -"],
  // Pairs are one quantity.
  ["140/90 mmHg", "140 /90"],
  ["7 out of 10", "7 /10"],
  ["120 över 80", "120 /80"],
  ["12/01/2026", "12 -", "1 -", "2026 -"],
  // Temperatures, by what a body can have.
  ["38.5 degrees", "38.5 °C"],
  ["101 degrees", "101 °F"],
  ["38.5 °F", "38.5 °F"],
  ["60 degrees", "60 °C"],
  // Fractions and ages.
  ["½ tablet", "0.5 tablet"],
  ["3/4 tablet", "0.75 tablet"],
  ["a 54-year-old woman", "54 -"],
  // Names that hold a number.
  ["vitamin B12, covid-19, T4"],
  ["omega-3"],
  // Each piece of text counts once.
  ["500 mg 3 times a day for 7 days", "500 mg", "7 day"],
];

Deno.test("quantities are read with their units, each piece of text once", () => {
  for (const [text, ...expected] of READ) {
    const read = quantitiesIn(text).quantities.map(({ value, unit }) => `${value} ${unit ?? "-"}`);
    assertEquals([text, ...read], [text, ...expected]);
  }
});

Deno.test("a quantity keeps the number that was said, and the words", () => {
  assertEquals(quantitiesIn("For two weeks.").quantities, [
    { number: 2, value: 14, unit: "day", said: "2 weeks" },
  ]);
});
