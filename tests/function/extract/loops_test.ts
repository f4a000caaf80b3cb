import { assertEquals } from "@std/assert";
import { beforeLoop } from "../../../supabase/functions/generate-summary/extract/loops.ts";
import { sample, says } from "../extracting.ts";

/** How many segments are left. */
const left = (...texts: string[]) =>
  beforeLoop(texts.map((text) => ({ kind: "speech", ...says(0, text) }))).length;

Deno.test("what people repeat is no loop", async () => {
  const { segments } = JSON.parse(new TextDecoder().decode(await sample("consultation.json")));
  assertEquals(beforeLoop(segments), segments);
  assertEquals(
    left("No, no, no, no, no, no!", "Yes, yes.", "It hurts here, and here, and here."),
    3,
  );
  assertEquals(left(...Array.from({ length: 100 }, (_, index) => `${index} drops a day. `)), 100);
});

Deno.test("what is said before a loop is left", () => {
  assertEquals(left("Good morning.", "Sit down.", "and then ".repeat(40)), 2);
  assertEquals(left("Good morning.", ...Array(30).fill("Take one tablet each morning.")), 1);
  assertEquals(left("おはようございます。", "はい、わかりました。".repeat(30)), 1);
  assertEquals(left("and then ".repeat(40)), 0);
});

Deno.test("a phrase is a loop from its fifth time and 160 letters on, across segments too", () => {
  const phrase = "the quick brown fox jumps over a lazy dog ";
  assertEquals(left(phrase.repeat(4)), 1);
  assertEquals(left(phrase.repeat(5)), 0);
  assertEquals(left(...Array(5).fill(phrase)), 0);
  assertEquals(left("ha ".repeat(79)), 1);
  assertEquals(left("ha ".repeat(80)), 0);
  assertEquals(left("Ha! ha, ".repeat(80)), 0);
});
