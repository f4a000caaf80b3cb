import { assertEquals, assertNotEquals } from "@std/assert";
import {
  normalize,
  stem,
  words,
} from "../../../../supabase/functions/generate-summary/checks/words/text.ts";

for (
  const [what, text, normal] of [
    ["case, width and spaces are put away", "  ＦＥＶＥＲ \n\t 38 ", "fever 38"],
    ["invisible marks are taken out", "a\u200bm\u00adox\u202ei", "amoxi"],
    ["digits of any script are ours", "५०० ٣ ৭ 𝟗", "500 3 7 9"],
    ["a comma between thousands is none", "1,000 and 12,345,678", "1000 and 12345678"],
    [
      "any other comma between digits is a point",
      "37,5 and 0,125 and 1,00",
      "37.5 and 0.125 and 1.00",
    ],
    ["a number is not grouped from a zero on", "0,500", "0.500"],
    ["a comma between words stays", "fever, 3, 4", "fever, 3, 4"],
    ["fractions are written out", "½", "1⁄2"],
  ]
) {
  Deno.test(what, () => assertEquals(normalize(text), normal));
}

Deno.test("normalizing twice is normalizing once", () => {
  for (const text of ["ＦＥＶＥＲ 1,000", "५०० mg ½", "Größe 37,5", "ş İ ǅ"]) {
    assertEquals(normalize(normalize(text)), normalize(text), text);
  }
});

Deno.test("words are runs of letters with their marks, and numbers with their points", () => {
  assertEquals(words("Fever (38.5 °C), दर्द – don't!"), [
    "fever",
    "38.5",
    "c",
    "दर्द",
    "don",
    "t",
  ]);
  assertEquals(words("… –"), []);
});

Deno.test("words of one stem are found in each other, others are not", () => {
  for (const [one, other] of [["eye", "eyes"], ["sturz", "gestürzt"], ["smoke", "smoking"]]) {
    assertEquals(stem(one), stem(other), one);
  }
  for (const [one, other] of [["knee", "ankle"], ["eye", "ear"], ["gel", "el"]]) {
    assertNotEquals(stem(one), stem(other), one);
  }
});
