import { assertEquals } from "@std/assert";
import { lastWords, wordsOf } from "../../../supabase/functions/generate-summary/extract/words.ts";

const texts = (text: string) => wordsOf(text).map(({ text }) => text);

Deno.test("words are compared without case and signs, in any script", () => {
  assertEquals(texts("Take 5 mg, Mr. O’Neil!"), ["take", "5", "mg", "mr", "o", "neil"]);
  assertEquals(texts("Über-müde… ＡＢＣ"), ["über", "müde", "abc"]);
  assertEquals(texts("दवा लीजिए।"), ["दवा", "लीजिए"]);
  assertEquals(texts("はい。痛い"), ["は", "い", "痛", "い"]);
  assertEquals(texts("…"), []);
});

Deno.test("a word tells where it stands", () => {
  assertEquals(wordsOf("A cough.").map(({ from, to }) => [from, to]), [[0, 1], [2, 7]]);
});

Deno.test("the last words are as they were written", () => {
  assertEquals(lastWords("Good morning. It hurts, here.", 2), "hurts, here.");
  assertEquals(lastWords("Yes.", 20), "Yes.");
  assertEquals(lastWords("", 20), "");
});
