import { assertEquals } from "@std/assert";
import { withDigits } from "../../../../supabase/functions/generate-summary/checks/words/number_words.ts";

for (
  const [said, digits] of [
    // As it is read out.
    ["one forty over ninety", "140 over 90"],
    ["one hundred and forty", "140"],
    ["two thousand five hundred", "2500"],
    ["a hundred and forty over ninety", "140 over 90"],
    ["two hundred thousand", "200000"],
    ["twenty five hundred", "2500"],
    ["twenty-five", "25"],
    ["three four", "3 4"],
    ["nineteen ninety", "19 90"],
    ["thirty eight point five", "38.5"],
    ["two and a half", "2.5"],
    ["once, twice, thrice a day", "1 times, 2 times, 3 times a day"],
    // "One" that counts nothing.
    ["the one on the left", "the it on the left"],
    ["no one, one of them", "no it, it of them"],
    ["one of the two", "it of the 2"],
    ["one tablet", "1 tablet"],
    // Other languages' numbers, which are words of another one too: only before a unit.
    ["do din", "2 din"],
    ["what to do", "what to do"],
    ["sex veckor", "6 veckor"],
    ["sex is fine", "sex is fine"],
    ["das ist", "das ist"],
    ["आधा गोली", "0.5 गोली"],
    ["half a tablet", "0.5 a tablet"],
    ["half of it", "half of it"],
    ["vierzehn tage", "14 tage"],
    ["dreimal", "3 mal"],
    ["einmal am tag", "1 mal am tag"],
    // Parts of longer words are no numbers.
    ["someone often weighs a tenant", "someone often weighs a tenant"],
    ["anyone", "anyone"],
  ]
) {
  Deno.test(`"${said}" is "${digits}"`, () => {
    assertEquals(withDigits(said.normalize("NFKC")), digits.normalize("NFKC"));
  });
}
