import { assertEquals } from "@std/assert";
import { drugs } from "../../../supabase/functions/generate-summary/checks/drugs.ts";
import { checked, details, segment, warned } from "../checking.ts";
import { answered, type Consultation, recorded, spoken } from "../consultations/script.ts";

Deno.test("a drug is looked for in the words and in the mentions", () => {
  const said = ["गोली सुबह लीजिए"];
  assertEquals(warned("English", "Takes ramipril.", said, "Ramipril"), []);
  assertEquals(warned("English", "Takes enalapril.", said, "Ramipril"), [
    "drug_unsupported enalapril",
  ]);
  assertEquals(warned("English", "Cholesterol is high.", ["cholesterol is high"]), []);
  assertEquals(warned("Swedish", "Tar amoxicillin.", ["amoxicilline"]), []);
});

Deno.test("a brand counts when any segment of the consultation mentions it", () => {
  const consultation: Consultation = {
    name: "",
    submittedBy: "doctor",
    template: { sections: ["notes"] },
    recordings: recorded(
      spoken([["doctor", "Take Calpol.", "Calpol"], ["doctor", "Drink water."]]),
    ),
    answer: answered([["notes", "Notes", [["Calpol at home.", [2]]]]]),
  };
  assertEquals(checked(consultation, consultation.answer)[0].statements[0].warnings, [
    { code: "drug_unsupported", detail: "calpol" },
  ]);
});

const told = (claim: string, said: string, { prescribed = null, mentioned = [] }: {
  prescribed?: string | null;
  mentioned?: string[];
} = {}) => details(drugs(claim, prescribed, [segment(said)], mentioned));

/** Each pair: a claim that the evidence bears, and one that it doesn't, with what is told. */
const PAIRS: [said: string, sound: string, wrong: string, detail: string][] = [
  // By the stem of its name.
  ["take ramipril", "Ramipril.", "Lisinopril.", "lisinopril"],
  ["Bisoprolol, please", "Bisoprolol.", "Metoprolol.", "metoprolol"],
  // Without one, by its name.
  ["paracetamol at night", "Paracetamol.", "Aspirin.", "aspirin"],
  ["insulin before meals", "Insulin.", "Warfarin.", "warfarin"],
  // Spelt as other languages do.
  ["amoxicilline", "Amoxicillin.", "Ampicillin.", "ampicillin"],
  ["Ibuprofeno", "Ibuprofen.", "Naproxen.", "naproxen"],
];

Deno.test("a drug is in the evidence, or it is told", () => {
  for (const [said, sound, wrong, detail] of PAIRS) {
    assertEquals([sound, told(sound, said)], [sound, []]);
    assertEquals([wrong, told(wrong, said)], [wrong, [detail]]);
  }
});

Deno.test("a brand is known when it is mentioned, or prescribed; else it is a word", () => {
  assertEquals(told("Calpol at night.", "drink water"), []);
  assertEquals(told("Calpol at night.", "drink water", { mentioned: ["Calpol"] }), ["calpol"]);
  assertEquals(told("Calpol at night.", "drink water", { prescribed: "Calpol" }), ["calpol"]);
  assertEquals(told("Calpol at night.", "some calpol", { prescribed: "Calpol" }), []);
});

Deno.test("of a prescribed name neither the form nor the dose nor the salt is looked for", () => {
  for (const prescribed of ["Tab. Calpol 500", "Calpol tablets", "Calpol sodium", "Inj Calpol"]) {
    assertEquals(told("As said.", "take the calpol", { prescribed }), [], prescribed);
  }
  assertEquals(told("As said.", "take water", { prescribed: "Tab. Calpol 500" }), ["calpol"]);
});

Deno.test("a drug is told once, however often it is claimed", () => {
  assertEquals(told("Enalapril, enalapril.", "ramipril", { prescribed: "Enalapril" }), [
    "enalapril",
  ]);
});
