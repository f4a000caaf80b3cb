import { assert, assertEquals } from "@std/assert";
import { assemble } from "../../../supabase/functions/generate-summary/compose/assemble.ts";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import { composed, first, ok } from "../composing.ts";
import { CONSULTATIONS } from "../consultations/all.ts";
import { answered, recorded, type Said, spoken } from "../consultations/script.ts";

Deno.test("evidence holds the segment itself, numbered over all recordings", async () => {
  const rash = CONSULTATIONS.find(({ recordings }) => recordings.length === 3)!;
  const { result } = await composed(rash, rash.answer);
  const history = ok(result).sections.find(({ section }) => section === "history")!;
  assertEquals(history.statements[1].evidence, [
    {
      segment: "s2",
      recording_id: rash.recordings[0].recording_id,
      speaker: "patient",
      kind: "speech",
      start: 5,
      text: rash.recordings[0].segments[1].text,
    },
    {
      segment: "s14",
      recording_id: rash.recordings[2].recording_id,
      speaker: null,
      kind: "handwriting",
      start: null,
      text: rash.recordings[2].segments[1].text,
    },
  ]);
});

Deno.test("a narrative template has no medication fields, whatever the model says", async () => {
  const template = { ...first.template, prescription_format: "narrative" as const };
  const { result } = await composed({ ...first, template }, first.answer);
  const statements = ok(result).sections.flatMap(({ statements }) => statements);
  assert(statements.every(({ medication }) => medication === null));
});

Deno.test("ids that the model writes into a sentence are taken out, heart sounds are not", async () => {
  const heard = {
    ...first,
    template: { sections: ["examination"] },
    recordings: recorded(spoken([["doctor", "Heart: S1 and S2 normal."]])),
  };
  const statements = [{ text: "S1 and S2 normal (s1).", evidence: ["s1"], medication: null }];
  const sections = [{ section: "examination", heading: "Examination", statements }];
  const { result } = await composed(heard, { clinical_content: true, sections });
  assertEquals(ok(result).summary, "## Examination\n\n- S1 and S2 normal.\n");
});

const SEGMENTS = spoken([
  ["patient", "I have a cough and a fever."],
  ["doctor", "Take ramipril, five milligrams.", "Ramipril", "5 mg"],
]).map((segment, index) => ({ ...segment, id: `s${index + 1}`, recording_id: "r", recording: 1 }));

/** The statements of a section, for which a template asks alone. */
function assembled(...statements: Said[]) {
  const template = resolveTemplate({ sections: ["notes"] });
  return assemble(answered([["notes", "Notes", statements]]), SEGMENTS, template)[0].statements;
}

Deno.test("evidence that is named twice is there once, one that doesn't exist is not", () => {
  const [{ evidence, warnings }] = assembled(["Has a cough.", [1, 1, 9]]);
  assertEquals(evidence.map(({ segment }) => segment), ["s1"]);
  assertEquals(warnings, [{ code: "evidence_unknown", detail: "s9" }]);
});

Deno.test("a sentence that stands above already is marked, however it is written", () => {
  const codes = assembled(["Has a cough.", [1]], ["has a COUGH", [1]], ["Has a fever.", [1]])
    .map(({ warnings }) => warnings.map(({ code }) => code));
  assertEquals(codes, [[], ["repeated"], []]);
});

Deno.test("statements and headings without a word are left out", () => {
  assertEquals(assembled(["  ", [1]], ["–", [1]], ["(s1)", [1]], ["Has a cough.", [1]]).length, 1);
  const template = resolveTemplate({ sections: ["follow_up"] });
  const heading = (given: string) =>
    assemble(answered([["follow_up", given, []]]), SEGMENTS, template)[0].heading;
  assertEquals([heading(" Plan "), heading("***")], ["Plan", "Follow up"]);
});

for (
  const [written, kept] of [
    ["Has a cough (s1, s2).", "Has a cough."],
    ["Has a cough [s1; s12]", "Has a cough"],
    ["Has a cough (s1), and a fever [s2].", "Has a cough, and a fever."],
    ["S1 (S2) normal.", "S1 (S2) normal."],
    ["Lumbar disc (s1 root)", "Lumbar disc (s1 root)"],
    ["Murmur, grade (2).", "Murmur, grade (2)."],
  ]
) {
  Deno.test(`${written} becomes ${kept}`, () => {
    assertEquals(assembled([written, [1]])[0].text, kept);
  });
}

Deno.test("a prescription's fields are checked with its sentence, and kept where they are asked for", () => {
  const [sound, wrong] = assembled(
    ["Ramipril 5 mg.", [2], "Ramipril | 5 mg | | |"],
    ["Ramipril as before.", [2], "Ramipril | 10 mg | | |"],
  );
  assertEquals(sound.medication?.dose, "5 mg");
  assertEquals([sound.warnings, wrong.warnings], [[], [
    { code: "quantity_unsupported", detail: "10 mg" },
  ]]);
});
