import { assert, assertEquals } from "@std/assert";
import { assemble } from "../../../supabase/functions/generate-summary/compose/assemble.ts";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import type { CompositionAnswer } from "../../../supabase/functions/generate-summary/compose/prompt.ts";
import { CONSULTATIONS } from "../consultations/all.ts";
import { FAULT_KINDS, seeded } from "../consultations/faults.ts";
import { PHRASINGS } from "../consultations/phrasings.ts";
import { answered, type Consultation, recorded, spoken } from "../consultations/script.ts";

const SEEDS = 12;

function checked({ recordings, template }: Consultation, answer: CompositionAnswer) {
  const segments = recordings.flatMap(({ recording_id, segments }, index) =>
    segments.map((segment) => ({ ...segment, recording_id, recording: index + 1 }))
  ).map((segment, index) => ({ ...segment, id: `s${index + 1}` }));
  return assemble(answer, segments, resolveTemplate(template));
}

for (const consultation of CONSULTATIONS) {
  Deno.test(`no warning on the clean answer: ${consultation.name}`, () => {
    const sections = checked(consultation, consultation.answer);
    const warnings = sections.flatMap(({ warnings, statements }) => [
      ...warnings,
      ...statements.flatMap(({ text, warnings }) =>
        warnings.map((warning) => ({ text, ...warning }))
      ),
    ]);
    assertEquals(warnings, []);
  });
}

Deno.test("at least 95 % of the planted faults of each claimed kind are caught", () => {
  const rows = FAULT_KINDS.map(({ name, code, plant }) => {
    let caught = 0;
    const missed: string[] = [];
    for (const [number, consultation] of CONSULTATIONS.entries()) {
      for (let seed = 0; seed < SEEDS; seed++) {
        const template = resolveTemplate(consultation.template);
        const planted = plant(consultation.answer, template, seeded(seed * 1000 + number));
        if (!planted) break;
        const section = checked(consultation, planted.answer)
          .find(({ section }) => section === planted.section)!;
        const place = planted.statement === null ? section : section.statements[planted.statement];
        const found = place.warnings.some((warning) =>
          code === null || code === "any" || warning.code === code
        );
        if (found) caught++;
        else missed.push(`${consultation.name}: ${"text" in place ? place.text : place.section}`);
      }
    }
    return { name, code, caught, missed };
  });

  console.log("fault                                    planted  caught  recall");
  for (const { name, code, caught, missed } of rows) {
    const planted = caught + missed.length;
    const recall = `${(100 * caught / planted).toFixed(1)} %`;
    console.log(
      name.padEnd(40),
      String(planted).padStart(7),
      String(caught).padStart(7),
      recall.padStart(8),
      code === null ? "(not claimed)" : "",
    );
  }
  for (const { name, code, caught, missed } of rows) {
    assert(caught + missed.length >= 24, `${name}: planted too seldom to tell`);
    if (code === null) continue;
    const recall = caught / (caught + missed.length);
    assert(recall >= 0.95, `${name}: ${recall}, missed ${[...new Set(missed)].join("; ")}`);
  }
});

/** The codes that a statement gets from what was said, one segment each. */
function warned(language: string, text: string, said: string[], drugs = "", quantities = "") {
  const consultation: Consultation = {
    name: "",
    submittedBy: "doctor",
    template: { language, sections: ["notes"] },
    recordings: recorded(spoken(said.map((words) => ["patient", words, drugs, quantities]))),
    answer: answered([["notes", "Notes", [[text, said.map((_, index) => index + 1)]]]]),
  };
  return checked(consultation, consultation.answer)[0].statements[0].warnings
    .map(({ code, detail }) => `${code} ${detail}`.trim());
}

Deno.test("no warning on statements in everyday wording, in several languages", () => {
  for (const [language, statement, said, drugs, quantities] of PHRASINGS) {
    assertEquals(warned(language, statement, said, drugs, quantities), [], statement);
  }
});

Deno.test("what is denied in words of its own is marked: the code can't tell it from an invention", () => {
  assertEquals(warned("English", "No acute distress.", ["You look comfortable."]), [
    "negation_unsupported no acute distress",
  ]);
  const operation = "I had my appendix out. That's the only operation.";
  assertEquals(warned("English", "Otherwise no surgeries.", [operation]), [
    "negation_unsupported otherwise no surgeries",
  ]);
});

type Row = [statement: string, said: string | string[], ...warnings: string[]];

function table(name: string, rows: Row[], language = "English") {
  Deno.test(name, () => {
    for (const [statement, said, ...warnings] of rows) {
      assertEquals(warned(language, statement, [said].flat()), warnings, statement);
    }
  });
}

const unsupported = (what: string, ...details: string[]) =>
  details.map((detail) => `${what}_unsupported ${detail}`);

table("numbers compare as digits and as words, with the unit's names", [
  ["Takes 5 mg.", "five milligrams"],
  ["Takes 5mg.", "5 mg"],
  ["Takes 0.5 g.", "five hundred milligrams"],
  ["Takes 5 mg.", "fifty milligrams", ...unsupported("quantity", "5 mg")],
  ["Takes 5 mg.", "five grams", ...unsupported("quantity", "5 mg")],
  ["Takes 5 mg.", "five", ...unsupported("quantity", "5 mg")],
  ["Takes 1,000 IU.", "a thousand and one thousand units"],
  ["Takes 1.5 tablets.", "one and a half tablets"],
  ["Takes ½ tablet.", "half a tablet"],
  ["For 2 weeks.", "fourteen days"],
  ["For 2 weeks.", "for two months", ...unsupported("quantity", "2 weeks")],
  ["Glucose 7.2 mmol/l.", "7.2 mmol per litre"],
  ["Glucose 7.2 mg/dl.", "7.2 mmol per litre", ...unsupported("quantity", "7.2 mg/dl")],
  ["Vitamin B12 is low.", "vitamin b twelve is low"],
  ["A 54-year-old woman.", "I'm fifty-four."],
  ["Takes ५०० mg.", "500 mg"],
]);

table("blood pressure is one quantity", [
  ["BP 140/90 mmHg.", "140 over 90"],
  ["BP 140/90.", "one forty over ninety"],
  ["BP 140/90.", "one hundred and forty over ninety"],
  ["BP 140/90.", "one forty over eighty", ...unsupported("quantity", "140/90")],
  ["Systolic 140 mmHg.", "140/90"],
]);

table("a temperature without its scale is a body's", [
  ["Fever 38.5 °C.", "thirty eight point five degrees"],
  ["Fever 101 °F.", "101 degrees"],
  ["Fever 38.5 °F.", "38.5 degrees", ...unsupported("quantity", "38.5 °f")],
]);

table("frequencies compare however they are said", [
  ["Three times a day.", "tds"],
  ["3 times daily.", "thrice a day"],
  ["Twice a day.", "1-0-1"],
  ["Twice a day.", "in the morning and evening, so morning and evening"],
  ["Once daily.", "every morning"],
  ["Once daily.", "twice daily", ...unsupported("quantity", "1 times a day")],
  ["4 times a day.", "दिन में तीन बार", ...unsupported("quantity", "4 times a day")],
  ["3 times a day.", "दिन में तीन बार"],
  ["3 times a day.", "din mein teen baar"],
  ["3 times a day.", "dreimal täglich"],
  ["3 times a day.", "tre gånger om dagen"],
  ["Every 8 hours.", "q8h"],
]);

table("days and months compare by name, in any language listed", [
  ["Seen on 4 March.", "am 4. März"],
  ["Seen on 4 March.", "on the 4th of April", ...unsupported("date", "march")],
  ["Comes on Monday.", "सोमवार को आना"],
  ["Comes on Monday.", "på tisdag", ...unsupported("date", "monday")],
  ["It may hurt on 2 May.", "2 maj"],
  ["Report of 12 January 2026.", "12/01/2026"],
  ["Report of 12 January 2026.", "12/02/2026", ...unsupported("date", "january")],
  ["Seen on 2026-03-04.", "on the 4th of March 2026"],
  ["Seen on 2026-05-04.", "on the 4th of March 2026", ...unsupported("quantity", "05")],
]);

table("sides are words of place, not of time or assent", [
  ["Pain in the left knee.", "बाएँ घुटने में दर्द"],
  ["Pain in the left knee.", "right knee", ...unsupported("side", "left")],
  ["Pain in the left knee.", "the knee hurts", ...unsupported("side", "left")],
  [
    "Pain in the right knee.",
    "All right, the left knee, right now",
    ...unsupported("side", "right"),
  ],
  ["Pain in both knees.", "the left knee and the right knee"],
  ["Swollen left knee, right knee stable.", "The left knee is swollen. The right knee is stable."],
  [
    "Swollen right knee.",
    "The left knee is swollen. The right one is fine.",
    ...unsupported("side", "right"),
  ],
]);

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
    answer: answered([["notes", "Notes", [["Calpol as needed.", [2]]]]]),
  };
  assertEquals(checked(consultation, consultation.answer)[0].statements[0].warnings, [
    { code: "drug_unsupported", detail: "calpol" },
  ]);
});

Deno.test("text in another script or language than asked for is told, drug names are not", () => {
  const other = (language: string, text: string) => warned(language, text, [text]);
  assertEquals(other("Hindi", "Amoxicillin 500 mg दिन में दो बार"), []);
  assertEquals(other("Hindi", "Amoxicillin 500 mg"), []);
  assertEquals(other("Hindi", "Fever and cough since Monday"), ["other_language"]);
  assertEquals(other("English", "तीन दिन से बुखार"), ["other_language"]);
  assertEquals(other("sv-FI", "Patienten har ont i halsen."), []);
  assertEquals(other("sv-FI", "The patient has a sore throat."), ["other_language"]);
  assertEquals(other("suomi", "The pain is in the back and has been there for days."), [
    "other_language",
  ]);
  assertEquals(other("suomi", "Kurkku on ollut kipeä kolme päivää."), []);
  assertEquals(other("日本語", "三日前から咳がある。"), []);
  assertEquals(other("日本語", "El paciente tiene tos."), ["other_language"]);
  assertEquals(other("Hinglish", "Do din se bukhar hai, paracetamol continue karein."), []);
  // Well-formed, or nearly so, and no language or script that anybody knows.
  for (const tag of ["en-12", "en-Zzzz", "zh-Hanb", "xx", "hi-Qaaa", "toString"]) {
    assertEquals(other(tag, "Nothing is known of it."), [], tag);
  }
  assertEquals(other("Klingon dialect", "Nothing is known of it."), []);
});
