import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { marked, type Token } from "marked";
import { LANGUAGES } from "../../../supabase/functions/generate-summary/checks/words/languages.ts";
import { incomplete } from "../../../supabase/functions/generate-summary/compose/incomplete.ts";
import {
  ErrorCode,
  type MissingStretch,
} from "../../../supabase/functions/generate-summary/core/domain.ts";
import { composed, composedWith, first, ok } from "../composing.ts";

const RECORDINGS = [
  { recording_id: "a", kind: "audio" as const },
  { recording_id: "b", kind: "image" as const },
  { recording_id: "c", kind: "audio" as const },
  { recording_id: "d", kind: "audio" as const },
];
const stretch = (
  recording_id: string,
  code: ErrorCode,
  from_seconds = 0,
  to_seconds: number | null = null,
): MissingStretch => ({ recording_id, from_seconds, to_seconds, code });

/** Whole, in parts, to its end, a picture, and why. */
const MISSING = [
  stretch("d", "file_missing"),
  stretch("b", "file_empty"),
  stretch("c", "model_refused", 2530),
  stretch("c", "file_not_heard", 600, 660),
  stretch("a", "file_type"),
];
const note = (language: string, missing = MISSING) =>
  incomplete(RECORDINGS, missing, language).note;

const ENGLISH = `**⚠ This summary is incomplete.**

- Recording 1, the whole of it (the file is neither audio nor a picture that can be read): listen to it, or record it again
- Picture 1 (the file is empty): take it again
- Recording 2, 10:00–11:00 (the model did not hear the recording), from 42:10 to the end (it could not be processed): listen to it, or record it again
- Recording 3, the whole of it (the file is not in storage any more): record it again

`;

for (
  const [language, expected] of [
    ["English", ENGLISH],
    ["French", ENGLISH],
    ["Klingon", ENGLISH],
    [
      "svenska",
      `**⚠ Den här sammanfattningen är ofullständig.**

- Inspelning 1, hela inspelningen (filen är varken ljud eller en bild som kan läsas): lyssna på den eller spela in på nytt
- Bild 1 (filen är tom): fotografera på nytt
- Inspelning 2, 10:00–11:00 (modellen hörde inte inspelningen), från 42:10 till slutet (den gick inte att behandla): lyssna på den eller spela in på nytt
- Inspelning 3, hela inspelningen (filen finns inte kvar i lagringen): spela in på nytt

`,
    ],
    [
      "de-AT",
      `**⚠ Diese Zusammenfassung ist unvollständig.**

- Aufnahme 1, die ganze Aufnahme (die Datei ist weder Ton noch ein lesbares Bild): anhören oder noch einmal aufnehmen
- Bild 1 (die Datei ist leer): noch einmal fotografieren
- Aufnahme 2, 10:00–11:00 (das Modell hat die Aufnahme nicht gehört), von 42:10 bis zum Ende (die Verarbeitung ist nicht gelungen): anhören oder noch einmal aufnehmen
- Aufnahme 3, die ganze Aufnahme (die Datei ist nicht mehr im Speicher): noch einmal aufnehmen

`,
    ],
    [
      "Hindi",
      `**⚠ यह सारांश अधूरा है।**

- रिकॉर्डिंग 1, पूरी रिकॉर्डिंग (फ़ाइल न ऑडियो है, न पढ़ा जा सकने वाला चित्र): इसे सुनें या फिर से रिकॉर्ड करें
- चित्र 1 (फ़ाइल ख़ाली है): फिर से फ़ोटो लें
- रिकॉर्डिंग 2, 10:00–11:00 (मॉडल ने रिकॉर्डिंग नहीं सुनी), 42:10 से अंत तक (इस पर काम नहीं हो सका): इसे सुनें या फिर से रिकॉर्ड करें
- रिकॉर्डिंग 3, पूरी रिकॉर्डिंग (फ़ाइल अब स्टोरेज में नहीं है): फिर से रिकॉर्ड करें

`,
    ],
    [
      "Hinglish",
      `**⚠ Yeh summary adhoori hai.**

- Recording 1, poori recording (file na audio hai, na padhi ja sakne wali photo): ise sunein ya phir se record karein
- Photo 1 (file khaali hai): phir se photo lein
- Recording 2, 10:00–11:00 (model ne recording nahin suni), 42:10 se ant tak (is par kaam nahin ho saka): ise sunein ya phir se record karein
- Recording 3, poori recording (file ab storage mein nahin hai): phir se record karein

`,
    ],
  ]
) {
  Deno.test(`what is missing is said in ${language}`, () => {
    assertEquals(note(language), expected);
  });
}

Deno.test("who shows sections has it as warnings, one a recording", () => {
  assertEquals(
    incomplete(RECORDINGS, MISSING, "Hindi").warnings.map(({ code, detail }) => [code, detail]),
    [
      ["incomplete", "recording 1"],
      ["incomplete", "picture 1"],
      ["incomplete", "recording 2, 10:00–11:00, 42:10–"],
      ["incomplete", "recording 3"],
    ],
  );
});

Deno.test("nothing is said when nothing is missing", () => {
  assertEquals(incomplete(RECORDINGS, [], "English"), { note: "", warnings: [] });
});

const times = (...stretches: MissingStretch[]) =>
  incomplete(RECORDINGS, stretches, "English").warnings[0].detail.replace("recording 1, ", "");

Deno.test("stretches that touch are one, and those of one reason stand together", () => {
  const code = "model_refused";
  assertEquals(times(stretch("a", code, 60, 90), stretch("a", code, 0, 60)), "0:00–1:30");
  assertEquals(times(stretch("a", code, 0, 90), stretch("a", code, 30, 60)), "0:00–1:30");
  assertEquals(times(stretch("a", code, 60), stretch("a", code, 70, 80)), "1:00–");
  const apart = [stretch("a", code, 0, 60), stretch("a", code, 61, 120)];
  assertEquals(times(...apart), "0:00–1:00, 1:01–2:00");
  assertMatch(note("English", apart), /Recording 1, 0:00–1:00, 1:01–2:00 \(it could not be/);
  const both = [stretch("a", code, 0, 60), stretch("a", "file_not_heard", 60, 120)];
  assertMatch(note("English", both), /0:00–1:00 \(it could .*\), 1:00–2:00 \(the model did not/);
});

Deno.test("times are whole seconds that hold what is missing, with hours where there are some", () => {
  const code = "model_refused";
  assertEquals(times(stretch("a", code, 59.9, 60.1)), "0:59–1:01");
  assertEquals(times(stretch("a", code, 3599, 3600)), "59:59–1:00:00");
  assertEquals(times(stretch("a", code, 36_061)), "10:01:01–");
});

/** Every kind of token in a Markdown text, nested ones too. */
function tokenTypes(tokens: Token[]): string[] {
  const types = new Set<string>();
  marked.walkTokens(tokens, ({ type }) => void types.add(type));
  return [...types].sort();
}

const TYPES = ["list", "list_item", "paragraph", "space", "strong", "text"];

Deno.test("in each language and for each code it is a bold line and a list, and all is visible", () => {
  for (const { code: language } of LANGUAGES) {
    for (const code of ErrorCode.options) {
      const text = note(language, [stretch("a", code, 60, 90), stretch("a", code, 120)]);
      assertEquals(tokenTypes(marked.lexer(text)), TYPES);
      const html = marked.parse(text, { async: false });
      assertEquals(
        html.replace(/<[^>]*>/g, "").replace(/\s+/g, " ").trim(),
        text.replaceAll("**", "").replace("- ", "").replace(/\s+/g, " ").trim(),
      );
    }
  }
});

const FILE_CODES = ErrorCode.options.filter((code) => /^file_|^storage_/.test(code));

Deno.test("each code of a file has words of its own, in each language that has any", () => {
  const languages = ["en", "sv", "de", "hi", "hi-Latn"];
  const said = languages.flatMap((language) =>
    [...FILE_CODES, "internal" as const].map((code) => note(language, [stretch("a", code)]))
  );
  assertEquals(new Set(said).size, languages.length * (FILE_CODES.length + 1));
});

const missingOf = (ids: string[]) =>
  fc.array(
    fc.record({
      recording_id: fc.constantFrom(...ids),
      from_seconds: fc.integer({ min: 0, max: 40_000 }),
      length: fc.option(fc.integer({ min: 1, max: 4000 })),
      code: fc.constantFrom(...ErrorCode.options),
    }).map(({ length, ...stretch }) => ({
      ...stretch,
      to_seconds: length === null ? null : stretch.from_seconds + length,
    })),
    { minLength: 1, maxLength: 8 },
  );

Deno.test("whatever is missing, the note stands first, and the rest is as it would be without", async () => {
  const recordings = [
    ...first.recordings,
    { recording_id: "other", kind: "image" as const, segments: [] },
  ];
  const language = fc.constantFrom("English", "Swedish", "German", "Hindi", "hi-Latn", "Finnish");
  await fc.assert(
    fc.asyncProperty(
      missingOf(recordings.map(({ recording_id }) => recording_id)),
      language,
      async (missing, language) => {
        const consultation = { ...first, recordings, template: { language } };
        const { result } = await composedWith(
          { missing },
          consultation,
          first.answer,
          first.answer,
        );
        const { result: without } = await composed(consultation, first.answer, first.answer);
        const { summary, sections } = ok(result);
        const { note, warnings } = incomplete(recordings, missing, language);
        assert(note.startsWith("**⚠ "));
        assertEquals(note.split("\n- ").length - 1, warnings.length);
        assertEquals(warnings.length, new Set(missing.map((m) => m.recording_id)).size);
        assertEquals(summary, note + ok(without).summary);
        assertEquals(sections[0].warnings, warnings.concat(ok(without).sections[0].warnings));
        assertEquals(sections.slice(1), ok(without).sections.slice(1));
        assertEquals({ ...sections[0], warnings: [] }, {
          ...ok(without).sections[0],
          warnings: [],
        });
      },
    ),
    { numRuns: 200, seed: 11 },
  );
});
