import { assertEquals } from "@std/assert";
import { frequencies } from "../../../supabase/functions/generate-summary/checks/frequencies.ts";
import { details, segment, table, unsupported } from "../checking.ts";

/** What was said; a claim that it bears; claims that it doesn't. */
type Case = [said: string, sound: string, ...wrong: string[]];

const ENGLISH: Case[] = [
  ["Take ramipril once a day.", "Ramipril daily.", "Ramipril twice daily.", "Ramipril weekly."],
  [
    "Methotrexate, fifteen milligrams, once a week.",
    "Methotrexate 15 mg once a week.",
    "Methotrexate 15 mg daily.",
    "Methotrexate 15 mg twice a week.",
    "Methotrexate 15 mg once a month.",
  ],
  ["Alendronate every Sunday, so weekly.", "Alendronate weekly.", "Alendronate daily."],
  ["One tablet every eight hours.", "1 tablet 3 times a day.", "1 tablet every 6 hours."],
  ["One tablet tds.", "1 tablet three times daily.", "1 tablet bd.", "1 tablet daily."],
  ["One tablet q6h.", "1 tablet qid.", "1 tablet q8h.", "1 tablet every 6 days."],
  ["2 puffs b.i.d.", "2 puffs twice a day.", "2 puffs qid.", "2 puffs od."],
  ["Take it every other day.", "Prednisolone on alternate days.", "Prednisolone daily."],
  ["Vitamin B12 once every three months.", "B12 every 3 months.", "B12 once every 3 weeks."],
  ["Use it two or three times a day.", "Cream 2 to 3 times a day.", "Cream 4 times a day."],
  ["Twenty milligrams a day.", "20 mg daily.", "20 mg twice daily.", "20 mg weekly."],
  ["Take ibuprofen if you need it.", "Ibuprofen as needed.", "Ibuprofen regularly."],
  ["Take ibuprofen three times a day.", "Ibuprofen three times a day.", "Ibuprofen as needed."],
  ["Amitriptyline at bedtime.", "Amitriptyline nightly.", "Amitriptyline every morning."],
  ["Omeprazole before breakfast.", "Omeprazole every morning.", "Omeprazole at night."],
  ["One in the morning and one at night.", "Metformin twice daily.", "Metformin once daily."],
  ["I go running two days a week.", "Runs twice a week.", "Runs three times a week."],
  ["1-0-1 for five days", "Twice a day.", "Three times a day.", "Once a day."],
  ["Estradiol twice a week.", "Estradiol 2 times per week.", "Estradiol 2 times per day."],
];
const SWEDISH: Case[] = [
  [
    "En tablett tre gånger om dagen.",
    "1 tablett 3 gånger dagligen.",
    "1 tablett 4 gånger dagligen.",
  ],
  ["Metotrexat en gång i veckan.", "Metotrexat 1 gång per vecka.", "Metotrexat dagligen."],
  ["En tablett var åttonde timme.", "1 tablett var 8:e timme.", "1 tablett var 6:e timme."],
  ["Ta den varannan dag.", "Prednisolon varannan dag.", "Prednisolon varje dag."],
  ["Ta Alvedon när du har ont.", "Paracetamol vid behov.", "Paracetamol regelbundet."],
  ["En tablett till natten.", "1 tablett till natten.", "1 tablett på morgonen."],
  ["Morgon och kväll.", "Metformin två gånger om dagen.", "Metformin en gång om dagen."],
  ["Två gånger i månaden.", "2 gånger per månad.", "2 gånger per vecka."],
];
const GERMAN: Case[] = [
  ["Dreimal am Tag eine Tablette.", "1 Tablette 3 x täglich.", "1 Tablette 2 x täglich."],
  ["Einmal in der Woche.", "Methotrexat wöchentlich.", "Methotrexat täglich."],
  ["Alle acht Stunden.", "Ibuprofen alle 8 Stunden.", "Ibuprofen alle 6 Stunden."],
  ["Jeden zweiten Tag.", "Prednisolon alle 2 Tage.", "Prednisolon jeden Tag."],
  ["Nehmen Sie es, wenn Sie es brauchen.", "Ibuprofen bei Bedarf.", "Ibuprofen regelmäßig."],
  ["Abends eine.", "1 Tablette abends.", "1 Tablette morgens."],
  ["Zweimal im Monat.", "2 mal im Monat.", "2 mal in der Woche."],
];
const HINDI: Case[] = [
  ["दिन में तीन बार लीजिए।", "दिन में 3 बार।", "दिन में 2 बार।"],
  ["हफ्ते में एक बार।", "Methotrexate हफ्ते में 1 बार।", "Methotrexate रोज़।"],
  ["हर आठ घंटे में।", "Ibuprofen हर 8 घंटे में।", "Ibuprofen हर 6 घंटे में।"],
  ["एक दिन छोड़कर।", "Prednisolone एक दिन छोड़कर।", "Prednisolone रोज़।"],
  ["ज़रूरत पड़ने पर लें।", "Ibuprofen ज़रूरत पड़ने पर।", "Ibuprofen दिन में 3 बार।"],
  ["रात को सोने से पहले।", "Amitriptyline रात को।", "Amitriptyline सुबह।"],
  ["din mein do baar", "दिन में 2 बार।", "दिन में 4 बार।"],
  ["har chhah ghante mein", "हर 6 घंटे में।", "हर 8 घंटे में।"],
  ["subah shaam lena", "Metformin दिन में 2 बार।", "Metformin दिन में 3 बार।"],
];
/** Notes in English from speech in another language. */
const ACROSS: Case[] = [
  ["दिन में तीन बार", "3 times a day.", "4 times a day."],
  ["hafte mein ek baar", "Methotrexate weekly.", "Methotrexate daily."],
  ["roz subah ek goli", "1 tablet daily.", "1 tablet twice a day."],
  ["zaroorat padne par", "Ibuprofen as needed.", "Ibuprofen three times a day."],
  ["raat ko ek goli", "1 tablet at bedtime.", "1 tablet every morning."],
  ["dreimal täglich", "3 times a day.", "Twice a day."],
  ["två gånger om dagen", "Twice a day.", "3 times a day."],
];

const told = (language: string, claim: string, said: string) =>
  details(frequencies(claim, [segment(said)], language));

for (
  const [language, cases] of [
    ["en", ENGLISH],
    ["sv", SWEDISH],
    ["de", GERMAN],
    ["hi", HINDI],
    ["en", ACROSS],
  ] as const
) {
  Deno.test(`how often is the evidence's, or it is told: ${language}, ${cases.length} cases`, () => {
    for (const [said, sound, ...wrong] of cases) {
      assertEquals([said, sound, told(language, sound, said)], [said, sound, []]);
      for (const claim of wrong) {
        assertEquals([said, claim, told(language, claim, said).length], [said, claim, 1]);
      }
    }
  });
}

table("a frequency is told in the statement's own words, as digits", [
  ["Three times a day.", "tds"],
  ["Once daily.", "twice daily", ...unsupported("frequency", "1 times daily")],
  ["4 times a day.", "दिन में तीन बार", ...unsupported("frequency", "4 times a day")],
]);

Deno.test("a period of time, a rate and a time of symptoms are no frequency of a dose", () => {
  for (
    const claim of [
      "Had it for a week, a month ago.",
      "Respiratory rate 16 per minute.",
      "Worse at night.",
      "A morning cough.",
      "At most 4 g per day.",
    ]
  ) {
    assertEquals([claim, told("en", claim, "Nothing of the kind.")], [claim, []]);
  }
});

Deno.test("what is mentioned beside the words counts as said", () => {
  const said = segment("…");
  const mentions = { ...said.mentions, frequency: ["twice a day"] };
  const evidence = [{ ...said, mentions }];
  assertEquals(details(frequencies("Twice a day.", evidence, "en")), []);
  assertEquals(details(frequencies("Three times a day.", evidence, "en")), ["3 times a day"]);
});
