import { assertEquals } from "@std/assert";
import { negations } from "../../../supabase/functions/generate-summary/checks/negations.ts";
import { details, segment, table, unsupported, warned } from "../checking.ts";

Deno.test("what is denied in words of its own is marked: the code can't tell it from an invention", () => {
  assertEquals(warned("English", "No acute distress.", ["You look comfortable."]), [
    "negation_unsupported no acute distress",
  ]);
  const operation = "I had my appendix out. That's the only operation.";
  assertEquals(warned("English", "Otherwise no surgeries.", [operation]), [
    "negation_unsupported otherwise no surgeries",
  ]);
});

table("a denial needs a denial of the same thing", [
  ["No known drug allergies.", ["Any allergies?", "No."]],
  ["No known drug allergies.", "कोई एलर्जी नहीं है"],
  [
    "No known drug allergies.",
    "I have a cough",
    ...unsupported("negation", "no known drug allergies"),
  ],
  [
    "No known drug allergies.",
    "I have no cough",
    ...unsupported("negation", "no known drug allergies"),
  ],
  ["No cough.", "I have a cough but no fever", ...unsupported("negation", "no cough")],
  ["No fever.", "I have a cough but no fever"],
  ["Denies chest pain.", ["Any pain in the chest?", "Nope."]],
  ["Does not drink alcohol.", ["Do you drink?", "No."]],
]);

Deno.test("denials are found at the end of a clause too, where a language puts them there", () => {
  const keine = [["Husten habe ich nicht."], ["Ich habe Husten."]];
  assertEquals(warned("German", "Kein Husten.", keine[0]), []);
  assertEquals(warned("German", "Kein Husten.", keine[1]), [
    "negation_unsupported kein husten",
  ]);
  assertEquals(warned("Hindi", "खांसी नहीं है।", ["khansi nahi hai"]), []);
});

const told = (language: string, claim: string, ...said: string[]) =>
  details(negations(claim, said.map((text) => segment(text)), language));

/** Language, what was said, a denial that it bears, and one that it doesn't. */
const PAIRS: [language: string, said: string[], sound: string, wrong: string][] = [
  ["English", ["Any fever or cough?", "No."], "No fever.", "No rash."],
  ["English", ["I have no fever."], "No fever.", "No cough."],
  ["English", ["I have a cough and no fever."], "No fever.", "No cough."],
  ["English", ["There is no fracture."], "No fracture.", "No dislocation."],
  ["English", ["I don’t smoke."], "Doesn't smoke.", "Doesn't drink alcohol."],
  ["Swedish", ["Jag har ingen feber men hosta."], "Ingen feber.", "Ingen hosta."],
  ["German", ["Fieber habe ich nicht."], "Kein Fieber.", "Kein Schwindel."],
  ["Spanish", ["No tengo fiebre."], "Sin fiebre.", "Sin tos."],
  ["French", ["Je n'ai pas de fièvre."], "Pas de fièvre.", "Pas de toux."],
  ["English", ["bukhar nahi hai"], "No fever.", "No vomiting."],
  ["Hindi", ["I have no fever."], "बुखार नहीं है।", "खांसी नहीं है।"],
];

Deno.test("what is denied was denied, in whatever language, or it is told", () => {
  for (const [language, said, sound, wrong] of PAIRS) {
    assertEquals([sound, told(language, sound, ...said)], [sound, []]);
    assertEquals([wrong, told(language, wrong, ...said).length], [wrong, 1]);
  }
});

Deno.test("each clause is looked at by itself, and told in its own words", () => {
  assertEquals(told("English", "No fever; no rash. Has a cough.", "I have no fever, a cough."), [
    "no rash",
  ]);
  assertEquals(told("English", "Has a cough but no rash.", "I have a cough."), ["no rash"]);
});

Deno.test("what isn't denied is not looked for", () => {
  assertEquals(told("English", "Has fever and a rash.", "Nothing was said of it."), []);
});

Deno.test("in a language that isn't listed nothing is found", () => {
  assertEquals(told("Finnish", "Ei kuumetta.", "I have a fever."), []);
  assertEquals(told("Klingon dialect", "No fever.", "I have a fever."), []);
});

Deno.test("a long clause is told by its beginning", () => {
  const [detail] = told("English", `No fever ${"and so on ".repeat(20)}.`, "I have a cough.");
  assertEquals(detail.length, 80);
});
