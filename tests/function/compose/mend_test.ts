import { assertEquals } from "@std/assert";
import { flaggedIn, mended } from "../../../supabase/functions/generate-summary/compose/mend.ts";
import { resolveTemplate } from "../../../supabase/functions/generate-summary/compose/template.ts";
import { answered, type Said, spoken } from "../consultations/script.ts";

const SEGMENTS = spoken([
  ["patient", "I've had a cough for five days, and no fever.", "", "5 days"],
  ["doctor", "Then take Panadol, one gram, for three days.", "Panadol", "1 g, 3 days"],
  ["patient", "And I am allergic to penicillin.", "Penicillin"],
]).map((segment, index) => ({ ...segment, id: `s${index + 1}`, recording_id: "r", recording: 1 }));
SEGMENTS[1].mentions.generic = [{ said: "Panadol", generic: "Paracetamol" }];
const TEMPLATE = resolveTemplate({ sections: ["notes"] });

/** The texts after a repair in which the model says this of the statements that it was asked for. */
function repaired(statements: Said[], ...said: [n: number, ...Said][]) {
  const answer = answered([["notes", "Notes", statements]]);
  const flagged = flaggedIn(answer, SEGMENTS, TEMPLATE);
  const value = {
    statements: said.map(([n, ...one]) => {
      const [{ statements: [statement] }] = answered([["notes", "", [one]]]).sections;
      return { n, ...statement };
    }),
  };
  const better = mended(answer, flagged, value, SEGMENTS, TEMPLATE);
  return better?.sections[0].statements.map(({ text }) => text) ?? null;
}

Deno.test("each statement is mended by itself: one that is not better stays as it was", () => {
  const faulty: Said[] = [
    ["Cough for 9 days.", [1]],
    ["No fever.", [1]],
    ["Paracetamol 4 g for 3 days.", [2]],
  ];
  assertEquals(
    repaired(faulty, [1, "Cough for 5 days.", [1]], [2, "Paracetamol 4 g for 3 days.", [2]]),
    ["Cough for 5 days.", "No fever.", "Paracetamol 4 g for 3 days."],
  );
});

for (
  const [harm, before, after] of [
    ["loses a number that nobody objected to", ["Panadol 4 g for 3 days.", [2]], ["Panadol 1 g.", [
      2,
    ]]],
    ["loses a number where there is another one", ["Cough for 9 days.", [1]], ["Has a cough.", [
      1,
    ]]],
    ["loses a drug", ["Panadol 4 g for 3 days.", [2]], ["1 g for 3 days.", [2]]],
    ["loses a drug of no dose", ["Allergic to penicillin since 9.", [3]], ["Has an allergy.", [3]]],
    ["says nothing", ["Cough for 9 days.", [1]], ["–", [1]]],
    ["has as many faults", ["Cough for 9 days.", [1]], ["Cough for 8 days.", [1]]],
    ["loses its evidence", ["Cough for 9 days.", [1]], ["Cough for 5 days.", []]],
  ] as [string, Said, Said][]
) {
  Deno.test(`a statement that ${harm} is not taken`, () => {
    assertEquals(repaired([before], [1, ...after]), null);
  });
}

Deno.test("what was said nowhere may go, and nothing else with it", () => {
  assertEquals(
    repaired([["Allergic to penicillin since 9.", [3]]], [1, "Allergic to penicillin.", [3]]),
    [
      "Allergic to penicillin.",
    ],
  );
});

Deno.test("statements that were not asked for can't be changed, nor any by two answers", () => {
  const statements: Said[] = [["No fever.", [1]], ["Cough for 9 days.", [1]]];
  assertEquals(
    repaired(
      statements,
      [1, "Cough for 5 days.", [1]],
      [1, "Cough for five days.", [1]],
      [2, "High fever.", [1]],
      [0, "High fever.", [1]],
    ),
    ["No fever.", "Cough for 5 days."],
  );
});

Deno.test("statements without a fault are not asked for", () => {
  const answer = answered([["notes", "Notes", [["No fever.", [1]], ["Cough for 9 days.", [1]]]]]);
  assertEquals(
    flaggedIn(answer, SEGMENTS, TEMPLATE).map(({ statement: { text }, faults }) => [
      text,
      faults.map(({ detail }) => detail),
    ]),
    [["Cough for 9 days.", ["9 days"]]],
  );
});
