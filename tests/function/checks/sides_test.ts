import { assertEquals } from "@std/assert";
import { sides } from "../../../supabase/functions/generate-summary/checks/sides.ts";
import { details, segment, table, unsupported } from "../checking.ts";

table("sides are words of place, not of time or assent", [
  ["Pain in the left knee.", "बाएँ घुटने में दर्द"],
  ["Pain in the left knee.", "right knee", ...unsupported("side", "left")],
  ["Pain in the left knee.", "the knee hurts", ...unsupported("side", "left")],
  [
    "Pain in the right knee.",
    "All right, the left knee, right now",
    ...unsupported("side", "right"),
  ],
  [
    "Pain in the right knee.",
    "You're sure that the knee hurts?",
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

const told = (claim: string, ...said: string[]) =>
  details(sides(claim, said.map((text) => segment(text)), "en"));

/** Each pair: a claim that the evidence bears, and one that it doesn't, with what is told. */
const PAIRS: [said: string, sound: string, wrong: string, detail: string][] = [
  ["my left arm", "Left arm hurts.", "Both arms hurt.", "both"],
  ["Tropfen in beide Augen", "Drops for both eyes.", "Drops for the left eye.", "left"],
  ["two drops in each ear", "Drops in both ears.", "Drops in the right ear.", "right"],
  ["höger knä", "Right knee.", "Left knee.", "left"],
  ["rodilla izquierda", "Left knee.", "Right knee.", "right"],
  ["दाएँ घुटने में दर्द", "Right knee.", "Left knee.", "left"],
  ["I left the pills at home", "Pills left over.", "Pain on the left.", "left"],
  ["that's right, it hurts here", "Hurts right here.", "Hurts on the right.", "right"],
];

Deno.test("a side is in the evidence, or it is told", () => {
  for (const [said, sound, wrong, detail] of PAIRS) {
    assertEquals([sound, told(sound, said)], [sound, []]);
    assertEquals([wrong, told(wrong, said)], [wrong, [detail]]);
  }
});

Deno.test("where both sides were spoken of, the words around tell which is meant", () => {
  const said = ["The left knee is swollen and warm.", "The right ankle is bruised."];
  assertEquals(told("Left knee swollen and warm, right ankle bruised.", ...said), []);
  assertEquals(told("Right knee swollen and warm.", ...said), ["right"]);
  assertEquals(told("Right knee.", ...said), ["right"]);
  // Little words in common are chance.
  assertEquals(told("The right one is it.", ...said), []);
});

Deno.test("an unnamed side is the one that was named last before", () => {
  const all = [
    "My left shoulder hurts.",
    "The right shoulder is fine, isn't it, right?",
    "And the left shoulder, does it hurt at night?",
    "The shoulder hurts when I lie on it.",
    "So the right shoulder can wait.",
  ].map((text) => segment(text));
  const found = (claim: string) => details(sides(claim, [all[3]], "en", all));
  assertEquals(found("Left shoulder hurts when lying on it."), []);
  assertEquals(found("Right shoulder hurts when lying on it."), ["right"]);
});
