import { assertEquals } from "@std/assert";
import { persons } from "../../supabase/functions/generate-summary/checks/persons.ts";
import { segment, warned } from "../function/checking.ts";

/** What was said, a claim that it bears, one that it doesn't, with the warning that this gets. */
type Case = [language: string, said: string[], sound: string, wrong: string, code: string];

function pairs(name: string, cases: Case[], drugs = "", quantities = "") {
  Deno.test(name, () => {
    for (const [language, said, sound, wrong, code] of cases) {
      const told = (claim: string) =>
        warned(language, claim, said, drugs, quantities).map((warning) => warning.split(" ")[0]);
      assertEquals([sound, told(sound)], [sound, []]);
      assertEquals([wrong, told(wrong).includes(code)], [wrong, true]);
    }
  });
}

const DENIED = "negation_unsupported";
pairs("a question is denied when its answer denies it, and doesn't say yes, but, sometimes", [
  [
    "English",
    ["Any allergies?", "Yes, penicillin. I can't take it."],
    "Allergic to penicillin.",
    "No known drug allergies.",
    DENIED,
  ],
  [
    "Swedish",
    ["Har du någon allergi?", "Ja, penicillin. Jag tål det inte."],
    "Allergi: penicillin.",
    "Ingen känd allergi.",
    DENIED,
  ],
  [
    "German",
    ["Haben Sie Allergien?", "Ja, Penicillin. Das vertrage ich nicht."],
    "Allergie: Penicillin.",
    "Keine Allergien bekannt.",
    DENIED,
  ],
  [
    "Hindi",
    ["कोई एलर्जी है?", "हाँ, पेनिसिलिन। वो मैं नहीं ले सकता।"],
    "पेनिसिलिन से एलर्जी है।",
    "कोई एलर्जी नहीं है।",
    DENIED,
  ],
  [
    "English",
    ["koi allergy hai?", "haan, penicillin se. le nahi sakta."],
    "Allergy: penicillin.",
    "No known allergies.",
    DENIED,
  ],
  [
    "English",
    ["Do you smoke?", "No, but sometimes at parties."],
    "Smokes at parties.",
    "Does not smoke.",
    DENIED,
  ],
  [
    "English",
    ["Do you smoke or drink?", "I don't smoke, I do drink."],
    "Does not smoke.",
    "Does not drink alcohol.",
    DENIED,
  ],
  ["English", ["You don't have any fever, right?", "Right."], "No fever.", "No cough.", DENIED],
  ["English", ["Any fever?", "Yeah, no."], "No fever.", "No rash.", DENIED],
]);

const FOUND = "finding_denied";
pairs("what the evidence denies is not there", [
  [
    "English",
    ["Any numbness in the hands?", "No, none."],
    "No numbness in the hands.",
    "Numbness in the hands.",
    FOUND,
  ],
  ["English", ["I have a cough but no fever."], "Cough.", "Fever.", FOUND],
  [
    "English",
    ["The X-ray doesn't show any fracture."],
    "X-ray shows no fracture.",
    "X-ray shows a fracture.",
    FOUND,
  ],
  ["Swedish", ["Jag har hosta men ingen feber."], "Hosta.", "Feber.", FOUND],
  ["German", ["Haben Sie Fieber?", "Nein."], "Kein Fieber.", "Fieber.", FOUND],
  ["Hindi", ["बुखार है?", "नहीं।"], "बुखार नहीं है।", "बुखार है।", FOUND],
  ["English", ["bukhar nahi hai"], "No fever.", "Fever.", FOUND],
]);

pairs("a denial ends where another thought begins, also in speech without marks", [
  [
    "English",
    [
      "okay so on the exam of your belly there is no rebound and there is no guarding there is some " +
      "tenderness on the left okay and your lungs sound clear to me so that is all good and fine",
    ],
    "Tenderness on the left.",
    "Guarding on the left.",
    FOUND,
  ],
  [
    "English",
    ["Nobody else has it, so my cough is a riddle."],
    "Cough.",
    "No cough.",
    DENIED,
  ],
  [
    "English",
    ["I had a fever on Monday, not now."],
    "Fever on Monday, none now.",
    "No cough.",
    DENIED,
  ],
  ["German", ["Rufen Sie an, wenn das Fieber nicht sinkt."], "Fieber.", "Kein Fieber.", DENIED],
  [
    "English",
    ["Does it swell?", "Sometimes on the right, not on the left."],
    "Sometimes swollen.",
    "No swelling.",
    DENIED,
  ],
]);

Deno.test("whoever came along may be any relative", () => {
  const by = (speaker: string) =>
    persons(
      "Mother reports a rash.",
      [{ ...segment("There's a rash on his arm."), speaker }],
      "en",
    );
  assertEquals(by("companion"), []);
  assertEquals(by("patient").map(({ detail }) => detail), ["mother"]);
});

const ELSEWHERE = "number_elsewhere";
pairs("a number is of what it was said of", [
  [
    "English",
    ["Take ramipril five milligrams and bisoprolol ten milligrams."],
    "Ramipril 5 mg, bisoprolol 10 mg.",
    "Ramipril 10 mg, bisoprolol 5 mg.",
    ELSEWHERE,
  ],
  [
    "English",
    ["Pulse is ninety two, saturation is ninety eight."],
    "Pulse 92, saturation 98 %.",
    "Pulse 98, saturation 92 %.",
    ELSEWHERE,
  ],
  [
    "Swedish",
    ["Pulsen är 92 och saturationen 98."],
    "Puls 92, saturation 98 %.",
    "Puls 98, saturation 92 %.",
    ELSEWHERE,
  ],
  [
    "German",
    ["Der Puls ist 92, die Sättigung 98."],
    "Puls 92, Sättigung 98 %.",
    "Puls 98, Sättigung 92 %.",
    ELSEWHERE,
  ],
  ["Hindi", ["पल्स 92 है, वजन 78 किलो।"], "पल्स 92, वजन 78 किलो।", "पल्स 78, वजन 92 किलो।", ELSEWHERE],
]);

const OFTEN = "frequency_unsupported";
pairs("how often is of the drug that it was said of", [
  [
    "English",
    ["Ramipril five milligrams twice a day and bisoprolol ten milligrams once a day."],
    "Ramipril 5 mg twice daily.",
    "Ramipril 5 mg daily.",
    OFTEN,
  ],
  [
    "English",
    ["Amlodipine in the morning, and the ramipril at night."],
    "Ramipril every night, amlodipine every morning.",
    "Amlodipine every night, ramipril every morning.",
    OFTEN,
  ],
  [
    "Swedish",
    ["Metformin två gånger om dagen, och Trulicity, dulaglutid, en gång i veckan."],
    "Metformin 2 gånger dagligen, dulaglutid en gång i veckan.",
    "Metformin en gång i veckan.",
    OFTEN,
  ],
  [
    "German",
    ["Budesonid zweimal täglich, Salbutamol nur bei Bedarf."],
    "Budesonid 2x täglich, Salbutamol bei Bedarf.",
    "Salbutamol 2x täglich.",
    OFTEN,
  ],
  [
    "English",
    ["metformin din mein do baar, aur glimepiride subah"],
    "Glimepiride in the morning, metformin twice daily.",
    "Glimepiride twice daily.",
    OFTEN,
  ],
  [
    "English",
    ["Take the ramipril. And warfarin at night. The first one twice a day, please."],
    "Ramipril twice daily.",
    "Warfarin three times a day.",
    OFTEN,
  ],
  ["English", ["I go swimming on Sundays."], "Swims weekly.", "Swims monthly.", OFTEN],
  [
    "English",
    ["I drink a lot of water a day."],
    "Drinks water daily.",
    "Drinks water weekly.",
    OFTEN,
  ],
]);

const OPPOSITE = "opposite_said";
pairs("the opposite of what was said is told, in any two of the languages", [
  ["English", ["The pain is much better."], "Pain is better.", "Pain is worse.", OPPOSITE],
  ["English", ["It hurts, but it's only mild."], "Mild pain.", "Severe pain.", OPPOSITE],
  ["Swedish", ["Det har blivit bättre."], "Förbättrad.", "Försämrad.", OPPOSITE],
  [
    "German",
    ["Es ist schlimmer geworden."],
    "Es ist schlimmer geworden.",
    "Es ist besser geworden.",
    OPPOSITE,
  ],
  ["English", ["Det har blivit sämre."], "Has got worse.", "Has improved.", OPPOSITE],
  ["English", ["We'll raise the dose."], "Dose increased.", "Dose reduced.", OPPOSITE],
  [
    "English",
    ["Take it before meals."],
    "To be taken before meals.",
    "To be taken after meals.",
    OPPOSITE,
  ],
]);

const WHO = "person_unsupported";
pairs("what is somebody else's is not the patient's, nor another's", [
  [
    "English",
    ["My mother has diabetes, and my father had a stroke."],
    "Mother has diabetes.",
    "Father has diabetes.",
    WHO,
  ],
  ["English", ["My dad has asthma."], "Father has asthma.", "Brother has asthma.", WHO],
  ["English", ["I have asthma."], "Has asthma.", "Family history of asthma.", WHO],
  ["Swedish", ["Min mamma har astma."], "Mamma har astma.", "Bror har astma.", WHO],
  ["German", ["Mein Vater hat Asthma."], "Vater hat Asthma.", "Mutter hat Asthma.", WHO],
  ["English", ["maa ko diabetes hai"], "Mother has diabetes.", "Father has diabetes.", WHO],
]);

const WHEN = "time_unsupported";
pairs("that something has ended, is to come or is certain needs a word for it", [
  [
    "English",
    ["I take metformin every day."],
    "Takes metformin daily.",
    "Stopped metformin.",
    WHEN,
  ],
  ["English", ["I came off metformin."], "Stopped metformin.", "Previously took metformin.", WHEN],
  ["English", ["It may be a migraine."], "Possibly migraine.", "Confirmed migraine.", WHEN],
  [
    "Swedish",
    ["Jag tar metformin varje dag."],
    "Tar metformin dagligen.",
    "Metformin utsatt.",
    WHEN,
  ],
  ["German", ["Ich nehme Metformin."], "Nimmt Metformin.", "Metformin abgesetzt.", WHEN],
], "metformin");

const NUMBER = "quantity_unsupported";
pairs("thousands and tenths are written as the language writes them", [
  ["English", ["Ramipril 1 mg"], "Ramipril 1 mg.", "Ramipril 1.000 mg.", NUMBER],
  ["Swedish", ["Ramipril 1 mg"], "Ramipril 1 mg.", "Ramipril 1.000 mg.", NUMBER],
  ["English", ["Metformin 1000 mg"], "Metformin 1 000 mg.", "Metformin 1 mg.", NUMBER],
  ["English", ["Metformin 1000 mg"], "Metformin 1,000 mg.", "Metformin 10,000 mg.", NUMBER],
  ["German", ["Metformin 1000 mg"], "Metformin 1.000 mg.", "Metformin 1,5 mg.", NUMBER],
  ["Swedish", ["Digoxin 0,125 mg"], "Digoxin 0,125 mg.", "Digoxin 1,25 mg.", NUMBER],
  ["Hindi", ["100000 यूनिट"], "1,00,000 यूनिट।", "1,000 यूनिट।", NUMBER],
]);

Deno.test("words that only end like a drug are none", () => {
  const ordinary =
    "The reason that this person gave in the long season: Parkinson, Johnson, Peterson.";
  assertEquals(warned("English", ordinary, ["Nothing of the kind."]), []);
  assertEquals(warned("English", "Takes prednison and zopiclone.", ["Nothing of the kind."]), [
    "drug_unsupported prednison",
    "drug_unsupported zopiclone",
  ]);
});
