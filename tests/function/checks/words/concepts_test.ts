import { assertEquals } from "@std/assert";
import { conceptsIn } from "../../../../supabase/functions/generate-summary/checks/words/concepts.ts";

for (
  const [concept, ...texts] of [
    ["fever", "no fevers", "bukhar nahi", "ingen feber", "kein fieber", "sin fiebre", "बुखार"],
    ["cough", "coughing", "khansi", "hosta", "husten", "tos", "toux"],
    ["allergy", "allergies", "allergisch", "alergia", "एलर्जी"],
    ["vomiting", "vomits", "ulti", "kräkts", "erbrochen", "vómito"],
    ["dizziness", "dizzy", "chakkar", "yrsel", "schwindel", "mareo"],
  ]
) {
  Deno.test(`${concept} is told in ${texts.length} wordings`, () => {
    for (const text of texts) {
      assertEquals(conceptsIn(text.normalize("NFKC")), [concept], text);
    }
  });
}

Deno.test("a text may be about several, and about none", () => {
  assertEquals(conceptsIn("no fever, cough or chest pain"), ["fever", "cough", "pain", "chest"]);
  assertEquals(conceptsIn("the weather is nice"), []);
});

Deno.test("a word that only holds the beginning of another is not meant", () => {
  for (const text of ["tostada", "dilate", "stopache", "ontology", "multivitamin", "result"]) {
    assertEquals(conceptsIn(text), [], text);
  }
});

Deno.test("to drink is about alcohol where nothing else is drunk", () => {
  assertEquals(conceptsIn("do you drink?"), ["alcohol"]);
  assertEquals(conceptsIn("drink alcohol"), ["alcohol"]);
  assertEquals(conceptsIn("drink water"), []);
});
