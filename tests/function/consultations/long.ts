/** A long consultation: what matters lies scattered among small talk, 300 segments in two recordings. */
import { answered, type Consultation, type Line, recorded, spoken } from "./script.ts";

const SMALL_TALK: Line[] = [
  ["patient", "The bus was late again, you know how it is."],
  ["doctor", "Take your time, there's no hurry."],
  ["patient", "My daughter has moved to the coast, to a house with a garden."],
  ["doctor", "That sounds lovely. Go on."],
  ["patient", "We had 14 guests at the weekend, and I made three cakes.", "", "14, 3"],
  ["doctor", "Mhm."],
  ["patient", "It rained on Sunday and on Wednesday, so we stayed in."],
  ["doctor", "I see. Let me just type that."],
  ["patient", "The neighbour's dog barks all night, two or three times an hour."],
  ["doctor", "Right, right."],
];

const CLINICAL: Record<number, Line> = {
  3: ["patient", "It's my asthma. I've been wheezing at night for about six weeks.", "", "6 weeks"],
  17: ["doctor", "How often do you use the blue inhaler?"],
  18: [
    "patient",
    "Two puffs, four or five times a day lately.",
    "Salbutamol",
    "2 puffs, 4-5 times a day",
  ],
  41: ["patient", "I wake up short of breath around 4 in the morning, most nights.", "", "4"],
  60: ["doctor", "And the brown one, the beclometasone?", "Beclometasone"],
  61: ["patient", "Honestly, I stopped that in January, it made my throat sore."],
  88: ["doctor", "Were you ever in hospital with it?"],
  89: ["patient", "Once, in 2019, for three nights.", "", "2019, 3 nights"],
  120: ["patient", "I'm allergic to aspirin, my face swelled up.", "Aspirin"],
  141: ["doctor", "Do you smoke?"],
  142: ["patient", "I've never smoked."],
  170: [
    "doctor",
    "Your peak flow is 310 litres a minute, your best was 450.",
    "",
    "310 l/min, 450 l/min",
  ],
  171: [
    "doctor",
    "Saturation 95%, respiratory rate 20, and there's a wheeze on both sides.",
    "",
    "95%, 20",
  ],
  172: ["doctor", "Heart sounds are normal, no swelling of the ankles."],
  203: ["doctor", "So your asthma isn't controlled because the preventer is missing."],
  230: [
    "doctor",
    "I'd like you on budesonide with formoterol, 200 micrograms and 6 micrograms, two puffs twice a day.",
    "Budesonide, Formoterol",
    "200 mcg, 6 mcg, 2 puffs, 2 times a day",
  ],
  231: ["doctor", "Rinse your mouth afterwards, then your throat will be all right."],
  232: [
    "doctor",
    "And prednisolone, 40 milligrams each morning for five days.",
    "Prednisolone",
    "40 mg, 5 days",
  ],
  260: [
    "doctor",
    "If you need the blue inhaler more than every four hours, come in the same day.",
    "",
    "4 hours",
  ],
  287: [
    "doctor",
    "The nurse will check your technique on Tuesday, and I'll see you in a month.",
    "",
    "1 month",
  ],
};

const lines = Array.from(
  { length: 300 },
  (_, index): Line => CLINICAL[index + 1] ?? SMALL_TALK[index % SMALL_TALK.length],
);

export const long: Consultation = {
  name: "300 segments in two recordings",
  submittedBy: "doctor",
  template: {
    sections: [
      "symptoms",
      "history",
      "allergies",
      "examination",
      "diagnosis",
      "prescription",
      "advice",
      "follow_up",
    ],
  },
  recordings: recorded(spoken(lines.slice(0, 160)), spoken(lines.slice(160))),
  answer: answered([
    ["symptoms", "Symptoms", [
      ["Wheezing at night for about 6 weeks.", [3]],
      ["Uses salbutamol, 2 puffs 4 to 5 times a day.", [17, 18]],
      ["Wakes up short of breath around 4 in the morning on most nights.", [41]],
    ]],
    ["history", "History", [
      ["Stopped beclometasone in January because of a sore throat.", [60, 61]],
      ["One hospital stay for asthma in 2019, 3 nights.", [88, 89]],
      ["Never smoked.", [141, 142]],
    ]],
    ["allergies", "Allergies", [["Allergic to aspirin: swelling of the face.", [120]]]],
    ["examination", "Examination", [
      ["Peak flow 310 l/min, personal best 450 l/min.", [170]],
      ["Saturation 95%, respiratory rate 20, wheeze on both sides.", [171]],
      ["Heart sounds normal, no ankle swelling.", [172]],
    ]],
    ["diagnosis", "Diagnosis", [["Asthma, not controlled because the preventer is missing.", [
      203,
    ]]]],
    ["prescription", "Prescription", [
      ["Budesonide/formoterol 200 mcg/6 mcg, 2 puffs twice a day; rinse the mouth afterwards.", [
        230,
        231,
      ], "Budesonide/formoterol | 200 mcg/6 mcg, 2 puffs | | twice a day | "],
      [
        "Prednisolone 40 mg each morning for 5 days.",
        [232],
        "Prednisolone | 40 mg | | each morning | 5 days",
      ],
    ]],
    ["advice", "Advice", [[
      "To come in the same day if the blue inhaler is needed more than every 4 hours.",
      [260],
    ]]],
    ["follow_up", "Follow-up", [[
      "Inhaler technique with the nurse on Tuesday; review in 1 month.",
      [287],
    ]]],
  ]),
};
