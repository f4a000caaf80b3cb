import { assert, assertEquals } from "@std/assert";
import {
  languageOf,
  LANGUAGES,
} from "../../../../supabase/functions/generate-summary/checks/words/languages.ts";

for (
  const [code, ...names] of [
    ["sv", "Swedish", "svenska", "sv", "sv-FI", " SWEDISH "],
    ["en", "English", "en-GB", "EN"],
    ["hi", "Hindi", "हिन्दी", "hi", "hi-IN", "hi-Deva"],
    ["hi-Latn", "Hinglish", "Hindi (Latin)", "hi-Latn"],
    ["de", "German", "Deutsch", "de-CH"],
  ]
) {
  for (const name of names) {
    Deno.test(`"${name}" is ${code}, with its words`, () => {
      const language = languageOf(name);
      assertEquals(language?.code, code);
      assert(language?.words?.length);
    });
  }
}

Deno.test("a language that isn't listed is known by its script alone", () => {
  assertEquals(languageOf("Finnish"), { code: "fi", script: "Latn" });
  assertEquals(languageOf("日本語"), { code: "ja", script: "Jpan" });
  // Listed, but not in this script.
  assertEquals(languageOf("en-Deva"), { code: "en", script: "Deva" });
});

Deno.test("what Unicode knows no language of is none", () => {
  for (const name of ["Klingon dialect", "elvish-Latn", "", "12", "toString", "doctor's notes"]) {
    assertEquals(languageOf(name), null, name);
  }
});

Deno.test("each language has what the checks ask for, in words that they can find", () => {
  for (const { code, ...language } of LANGUAGES) {
    assertEquals(languageOf(code)?.code, code);
    const lists = [language.words, language.negations, language.left, language.right];
    for (const list of [...lists, language.both, language.but]) {
      assert(list.length > 0, code);
      for (const word of list) {
        assertEquals(word, word.normalize("NFKC").toLowerCase(), `${code}: ${word}`);
        assert(word.trim() === word && word !== "", code);
      }
    }
    assertEquals(language.left.filter((side) => language.right.includes(side)), [], code);
  }
});
