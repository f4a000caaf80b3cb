import { assertEquals } from "@std/assert";
import { quantities } from "../../../supabase/functions/generate-summary/checks/quantities.ts";
import type { Segment } from "../../../supabase/functions/generate-summary/core/domain.ts";
import { details, segment, table, unsupported } from "../checking.ts";

table("numbers compare as digits and as words, with the unit's names", [
  ["Takes 5 mg.", "five milligrams"],
  ["Takes 5mg.", "5 mg"],
  ["Takes 0.5 g.", "five hundred milligrams"],
  ["Takes 5 mg.", "fifty milligrams", ...unsupported("quantity", "5 mg")],
  ["Takes 5 mg.", "five grams", ...unsupported("quantity", "5 mg")],
  ["Takes ramipril 5 mg.", "ramipril five"],
  ["Takes digoxin 125 mg.", "digoxin one twenty five", ...unsupported("quantity", "125 mg")],
  ["Takes 5 ml.", "five", ...unsupported("quantity", "5 ml")],
  ["Takes 1,000 IU.", "a thousand and one thousand units"],
  ["Takes 1.5 tablets.", "one and a half tablets"],
  ["Takes ½ tablet.", "half a tablet"],
  ["For 2 weeks.", "fourteen days"],
  ["For 2 weeks.", "for two months", ...unsupported("quantity", "2 weeks")],
  ["Glucose 7.2 mmol/l.", "7.2 mmol per litre"],
  ["Glucose 7.2 mg/dl.", "7.2 mmol per litre", ...unsupported("quantity", "7.2 mg/dl")],
  ["Vitamin B12 is low.", "vitamin b twelve is low"],
  ["A 54-year-old woman.", "I'm fifty-four."],
  ["Takes ५०० mg.", "500 mg"],
]);

table("blood pressure is one quantity", [
  ["BP 140/90 mmHg.", "140 over 90"],
  ["BP 140/90.", "one forty over ninety"],
  ["BP 140/90.", "one hundred and forty over ninety"],
  ["BP 140/90.", "one forty over eighty", ...unsupported("quantity", "140/90")],
  ["Systolic 140 mmHg.", "140/90"],
]);

table("a temperature without its scale is a body's", [
  ["Fever 38.5 °C.", "thirty eight point five degrees"],
  ["Fever 101 °F.", "101 degrees"],
  ["Fever 38.5 °F.", "38.5 degrees", ...unsupported("quantity", "38.5 °f")],
]);

const told = (claim: string, ...evidence: Segment[]) => details(quantities(claim, evidence, "en"));

/** Each pair: a claim that the evidence bears, and one that it doesn't, with what is told. */
const PAIRS: [said: string, sound: string, wrong: string, ...details: string[]][] = [
  ["Come back in a week.", "Returns in 1 week.", "Returns in 2 weeks.", "2 weeks"],
  ["I've had it for ten days.", "For 10 days.", "For 10 weeks.", "10 weeks"],
  ["Take two in the morning.", "Takes 2 tablets.", "Takes 2 capsules.", "2 capsules"],
  ["Two capsules, please.", "Takes 2 capsules.", "Takes 2 tablets.", "2 tablets"],
  ["It's ninety six on room air.", "Saturation 96 %.", "Saturation 69 %.", "69 %"],
  ["Pulse is seventy four.", "Pulse 74 bpm.", "Pulse 47 bpm.", "47 bpm"],
  ["120 over 80", "BP 120/80 mmHg.", "BP 80/120 mmHg.", "80/120 mmhg"],
  ["120 over 80", "Diastolic 80 mmHg.", "Diastolic 90 mmHg.", "90 mmhg"],
  ["No numbers here.", "No numbers.", "Takes 5 mg for 3 days.", "5 mg", "3 days"],
];

Deno.test("a number is in the evidence with its unit, or it is told", () => {
  for (const [said, sound, wrong, ...expected] of PAIRS) {
    assertEquals(told(sound, segment(said)), [], sound);
    assertEquals(told(wrong, segment(said)), expected, wrong);
  }
});

Deno.test("what a segment mentions counts as said: there the numbers are in digits", () => {
  const said = "दो सौ पचास मिलीग्राम लीजिए";
  assertEquals(told("Takes 250 mg.", segment(said, "", "250 mg")), []);
  assertEquals(told("Takes 250 mg.", segment(said, "", "500 mg")), ["250 mg"]);
});

Deno.test("a number may be in any of the segments", () => {
  const evidence = [segment("five milligrams"), segment("for a week")];
  assertEquals(told("5 mg for 1 week, then 7 mg.", ...evidence), ["7 mg"]);
});
