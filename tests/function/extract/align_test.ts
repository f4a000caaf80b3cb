import { assert, assertEquals } from "@std/assert";
import { align } from "../../../supabase/functions/generate-summary/extract/align.ts";

/** Where the words end best, and how well. */
function best(wanted: string, text: string) {
  const words = text.split(" ");
  const all = align(wanted.split(" "), words);
  const score = Math.max(...all.map(({ score }) => score));
  const at = all.findIndex((one) => one.score === score);
  return [words[at], score, all[at].compared];
}

Deno.test("words are found where they stand again, and a point each", () => {
  assertEquals(best("b c d", "a b c d e"), ["d", 3, 3]);
});

Deno.test("a word that differs, is missing or is too much costs a little", () => {
  assertEquals(best("a b c d", "x a b X d y"), ["d", 2, 4]);
  assertEquals(best("a b c d", "x a b d y"), ["d", 2, 4]);
  assertEquals(best("a b c d", "x a b er c d y"), ["d", 3, 4]);
});

Deno.test("a number that differs costs much", () => {
  const [, score] = best("take 5 mg a day", "take 10 mg a day");
  assert(Number(score) <= 3);
});

Deno.test("an answer may begin in the middle of the words", () => {
  assertEquals(best("a b c d", "c d e f"), ["d", 2, 2]);
});
