import { assertEquals, assertThrows } from "@std/assert";
import { share, shown, wordErrors } from "../../bench/eval/figures.ts";

for (
  const [part, n, text] of [
    [0, 10, "0 of 10, 0.0 % (0.0–27.8)"],
    [10, 10, "10 of 10, 100.0 % (72.2–100.0)"],
    [12, 40, "12 of 40, 30.0 % (18.1–45.4)"],
    [0, 0, "none to tell by"],
  ] as const
) {
  Deno.test(`${part} of ${n} is ${text}`, () => assertEquals(shown(share(part, n)), text));
}

Deno.test("a part that is more than the whole is no share", () => {
  for (const [part, n] of [[2, 1], [-1, 1], [NaN, 1], [0.5, 1]]) {
    assertThrows(() => share(part, n), RangeError, "is no share");
  }
});

for (
  const [said, heard, errors] of [
    ["take one tablet", "Take one tablet.", 0],
    ["take one tablet", "take a tablet", 1],
    ["take one tablet", "take tablet", 1],
    ["take one tablet", "please take one tablet", 1],
    ["take one tablet", "", 3],
    ["", "take one", 2],
  ] as const
) {
  Deno.test(`"${heard}" for "${said}" is ${errors} words wrong`, () => {
    assertEquals(wordErrors(said, heard).errors, errors);
  });
}
