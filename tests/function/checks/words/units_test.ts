import { assert, assertEquals } from "@std/assert";
import {
  UNIT_PATTERN,
  unitOf,
} from "../../../../supabase/functions/generate-summary/checks/words/units.ts";

for (
  const [written, name, factor] of [
    ["milligrams", "mg", 1],
    ["g", "mg", 1000],
    ["mcg", "mg", 0.001],
    ["μg", "mg", 0.001],
    ["litre", "ml", 1000],
    ["ie", "unit", 1],
    ["veckor", "day", 7],
    ["jahre", "month", 12],
    ["गोलियाँ", "tablet", 1],
    ["हफ़्ते", "day", 7],
  ] as const
) {
  Deno.test(`${written} is ${factor} ${name}`, () => {
    assertEquals(unitOf(written.normalize("NFKC")), [name, factor]);
  });
}

Deno.test("a word that is no unit is none, whatever objects have by that name", () => {
  for (const word of ["apples", "", "constructor", "MG"]) assertEquals(unitOf(word), undefined);
});

Deno.test("the pattern takes the longest unit that there is", () => {
  const [unit] = new RegExp(UNIT_PATTERN, "u").exec("milliliters")!;
  assertEquals(unit, "milliliters");
  const lengths = UNIT_PATTERN.split("|").map((unit) => unit.length);
  assert(lengths.every((length, index) => index === 0 || length <= lengths[index - 1]));
});
