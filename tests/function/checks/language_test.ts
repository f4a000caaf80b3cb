import { assertEquals } from "@std/assert";
import {
  guessLanguage,
  otherLanguage,
} from "../../../supabase/functions/generate-summary/checks/language.ts";
import { warned } from "../checking.ts";

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

/** Language, a text in it, and one that is not. */
const PAIRS: [language: string, sound: string, wrong: string][] = [
  ["English", "The cough has been there for days.", "Der Husten ist seit Tagen da und nicht gut."],
  ["German", "Der Husten ist seit Tagen da.", "The cough has been there for days."],
  ["Swedish", "Hostan har varit där sedan i måndags.", "The cough has been there for days."],
  ["Spanish", "La tos empezó hace tres días.", "The cough has been there for days."],
  ["French", "La toux dure depuis trois jours.", "The cough has been there for days."],
  ["Hindi", "तीन दिन से खांसी है", "The cough has been there for days."],
  ["Hinglish", "Teen din se khansi hai.", "तीन दिन से खांसी है"],
  ["Russian", "Кашель три дня.", "The cough has been there for days."],
  ["Japanese", "三日前から咳がある。", "기침이 사흘 됐어요."],
];

Deno.test("a text in another language than asked for is told, one in its own is not", () => {
  for (const [language, sound, wrong] of PAIRS) {
    assertEquals([sound, otherLanguage(sound, language)], [sound, []]);
    assertEquals([wrong, otherLanguage(wrong, language)], [
      wrong,
      [{ code: "other_language", detail: "" }],
    ]);
  }
});

Deno.test("a few words without little ones, numbers and signs are of any language", () => {
  for (const text of ["Ramipril 5 mg", "BP 140/90", "", "…", "Tachycardia, dyspnoea"]) {
    assertEquals(otherLanguage(text, "German"), [], text);
  }
});

Deno.test("one little word of another language may be chance, two are none", () => {
  assertEquals(otherLanguage("Tachycardia since yesterday", "German"), []);
  assertEquals(otherLanguage("Tachycardia since yesterday and dyspnoea", "German").length, 1);
  // Of a language whose own little words aren't known, three.
  assertEquals(otherLanguage("Tachycardia since yesterday and dyspnoea", "Finnish"), []);
  assertEquals(otherLanguage("Tachycardia since the day and dyspnoea", "Finnish").length, 1);
});

Deno.test("beside another script a few Latin words pass, a sentence of them doesn't", () => {
  assertEquals(otherLanguage("ECG normal", "Hindi"), []);
  assertEquals(otherLanguage("ECG and chest film normal", "Hindi").length, 1);
});

for (
  const [text, code] of [
    ["there is pain in the knee", "en"],
    ["das Knie ist nicht geschwollen", "de"],
    ["knät är inte svullet", "sv"],
    ["घुटने में दर्द है", "hi"],
    ["ghutne mein dard hai", "hi-Latn"],
    ["ramipril", null],
    ["", null],
  ] as const
) {
  Deno.test(`"${text}" is taken for ${code ?? "no language"}`, () => {
    assertEquals(guessLanguage(text), code);
  });
}
