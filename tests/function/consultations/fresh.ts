/** Written when the rules stood that `set_aside.ts` had mended, and scored once before more were. */
import type { Unseen } from "./unseen.ts";

const throat = [
  "It's been, what, five days? Swallowing is agony, and I had a temperature of thirty-nine on Tuesday.",
  "Any cough or runny nose with it?",
  "Not really, no.",
  "Right, tonsils are big and there's pus on the left one. The glands in your neck are tender on both sides.",
  "I'll give you phenoxymethylpenicillin, five hundred milligrams four times a day for ten days. Are you okay with penicillin?",
  "Yeah, I've had it before without any trouble. It's clarithromycin that gives me the runs.",
  "My flatmate had glandular fever last month, could it be that?",
  "It could, so if you're no better in a week we'll do a blood test.",
];
const review = [
  "So what tablets are you on at the moment?",
  "There's the bisoprolol, two point five in the morning, and atorvastatin, that's forty, at night. And apixaban, five, twice a day, since the stroke scare.",
  "Do you ever miss any?",
  "The evening ones now and then, when I fall asleep in front of the telly.",
  "Any bleeding, bruising, black stools?",
  "I bruise like a peach. No black stools or anything.",
  "Your pulse is fifty-two, a touch slow, and your pressure's one eighteen over seventy. I'd like to halve the bisoprolol to one point two five.",
  "My dad had his first heart attack at sixty, and his brother died of a stroke.",
  "I gave up the cigars at Christmas. I still have a pint most evenings.",
  "Your kidney function's dropped a little, eGFR fifty-four, it was sixty-two a year ago.",
];
const rygg = [
  "Det högg till i ländryggen när jag lyfte en låda i fredags, och nu strålar det ner i vänster ben.",
  "Har du svårt att kissa eller känner du dig bortdomnad i underlivet?",
  "Nej, inget sånt.",
  "Kraften är bra i båda benen, men Lasègue är positiv på vänster sida vid 40 grader.",
  "Naproxen 500 milligram, en tablett morgon och kväll i en vecka, och Alvedon, två tabletter på 500, fyra gånger om dagen. Ta omeprazol 20 milligram varje morgon så länge.",
  "Jag tål inte Voltaren, jag fick utslag av det för några år sen.",
  "Då byter vi ut naproxenet. Jag sjukskriver dig en vecka, ring om det inte är bättre då.",
  "Min mamma har opererats för diskbråck två gånger.",
];
const schwindel = [
  "Seit vorgestern dreht sich alles, wenn ich mich im Bett nach rechts drehe, immer so eine halbe Minute lang.",
  "Hören Sie schlechter, oder haben Sie ein Ohrgeräusch?",
  "Hören tue ich gut. Ein Pfeifen habe ich links, aber das schon seit Jahren.",
  "War Ihnen übel?",
  "Ja, und einmal habe ich mich übergeben.",
  "Der Lagerungstest ist rechts positiv. Das spricht für einen gutartigen Lagerungsschwindel.",
  "Sie nehmen ja noch Candesartan 8 Milligramm morgens und seit März auch HCT, 12,5. Das HCT lassen wir jetzt weg, Ihr Blutdruck ist mit 105 zu 65 zu niedrig.",
  "Machen Sie die Übung dreimal am Tag, und kommen Sie in zehn Tagen wieder.",
  "Meine Schwester hatte Morbus Menière.",
];
const bachcha = [
  "kal raat se bukhar hai, ek sau do tak gaya tha, aur do baar dast bhi hua hai.",
  "ulti hui? pet mein dard?",
  "ulti nahi hui, pet mein thoda dard bolta hai.",
  "theek hai, paracetamol syrup paanch ml har chhe ghante mein, agar bukhar ho to. aur ORS din bhar.",
  "isko amoxicillin se allergy hai, pichhli baar poore badan pe daane aa gaye the.",
  "iski behen ko bhi yahi hua tha pichhle hafte.",
  "teen din mein theek na ho to wapas laana.",
];
const saans = [
  "मुझे तीन हफ्ते से खाँसी है, बलगम पीला आता है, खून नहीं आया।",
  "बुखार या पसीना रात को?",
  "बुखार नहीं है, पसीना आता है रात को।",
  "बीड़ी पीते हैं?",
  "पहले पीता था, दस साल से बंद है।",
  "छाती में बाएँ तरफ़ नीचे आवाज़ है। ऑक्सीजन 95 है, नाड़ी 88।",
  "एज़िथ्रोमाइसिन 500 दिन में एक बार पाँच दिन, और बलगम की जाँच करवाइए।",
];

type Row = [said: number[], sound: string, wrong: string, kind: string];
const of = (name: string, language: string, from: string[], rows: Row[]): Unseen[] =>
  rows.map((
    [said, sound, wrong, kind],
  ) => [name, language, said.map((turn) => from[turn]), sound, wrong, kind]);

export const FRESH: Unseen[] = [
  ...of("throat", "English", throat, [
    [
      [0],
      "Sore throat for 5 days, temperature 39 °C on Tuesday.",
      "Sore throat for 5 days, temperature 38 °C on Tuesday.",
      "number",
    ],
    [[1, 2], "No cough or rhinorrhoea.", "Cough and rhinorrhoea.", "denied"],
    [
      [3],
      "Pus on the left tonsil, bilateral tender cervical nodes.",
      "Pus on the right tonsil, bilateral tender cervical nodes.",
      "side",
    ],
    [
      [4],
      "Phenoxymethylpenicillin 500 mg four times daily for 10 days.",
      "Phenoxymethylpenicillin 500 mg daily for 10 days.",
      "frequency",
    ],
    [
      [4],
      "Phenoxymethylpenicillin 500 mg for 10 days.",
      "Phenoxymethylpenicillin 500 mg for 10 weeks.",
      "unit",
    ],
    [
      [4, 5],
      "Tolerates penicillin; clarithromycin causes diarrhoea.",
      "Does not tolerate penicillin.",
      "present",
    ],
    [
      [6],
      "Flatmate had glandular fever last month.",
      "Brother had glandular fever last month.",
      "who",
    ],
    [
      [6, 7],
      "Blood test in a week if not better, possible glandular fever.",
      "Blood test in a week, confirmed glandular fever.",
      "certain",
    ],
  ]),
  ...of("review", "English", review, [
    [
      [0, 1],
      "Bisoprolol 2.5 mg in the morning, atorvastatin 40 mg at night, apixaban 5 mg twice daily.",
      "Bisoprolol 2.5 mg in the morning, atorvastatin 40 mg twice daily, apixaban 5 mg at night.",
      "frequency",
    ],
    [
      [0, 1],
      "Takes atorvastatin 40 mg and bisoprolol 2.5 mg.",
      "Takes atorvastatin 2.5 mg and bisoprolol 40 mg.",
      "number",
    ],
    [[2, 3], "Sometimes misses the evening tablets.", "Never misses any tablets.", "present"],
    [[4, 5], "Bruises easily, no melaena.", "No bruising.", "present"],
    [
      [6],
      "Pulse 52, BP 118/70; bisoprolol reduced to 1.25 mg.",
      "Pulse 52, BP 118/70; bisoprolol increased to 1.25 mg.",
      "polarity",
    ],
    [[6], "Pulse 52, BP 118/70.", "Pulse 70, BP 118/52.", "number"],
    [
      [7],
      "Father had a heart attack at 60, uncle died of a stroke.",
      "Mother had a heart attack at 60.",
      "who",
    ],
    [[8], "Stopped smoking cigars at Christmas.", "Smokes cigars.", "when"],
    [[8], "Drinks a pint most evenings.", "Drinks no alcohol.", "present"],
    [[9], "eGFR 54, down from 62 a year ago.", "eGFR 45, down from 62 a year ago.", "number"],
    [
      [9],
      "eGFR fell from 62 to 54 within a year.",
      "eGFR fell from 62 to 54 within a month.",
      "unit",
    ],
  ]),
  ...of("rygg", "Swedish", rygg, [
    [
      [0],
      "Ländryggssmärta sedan i fredags med utstrålning i vänster ben.",
      "Ländryggssmärta sedan i fredags med utstrålning i höger ben.",
      "side",
    ],
    [
      [1, 2],
      "Inga miktionssvårigheter, ingen domning i underlivet.",
      "Domning i underlivet.",
      "denied",
    ],
    [
      [3],
      "God kraft i båda benen, Lasègue positiv vänster vid 40 grader.",
      "God kraft i båda benen, Lasègue negativ vänster vid 40 grader.",
      "polarity",
    ],
    [
      [4],
      "Naproxen 500 mg två gånger dagligen i en vecka.",
      "Naproxen 500 mg fyra gånger dagligen i en vecka.",
      "frequency",
    ],
    [[4], "Omeprazol 20 mg varje morgon.", "Omeprazol 20 mg varje kväll.", "frequency"],
    [
      [4],
      "Alvedon 500 mg 2 tabletter fyra gånger dagligen.",
      "Alvedon 500 mg 2 tabletter två gånger dagligen.",
      "frequency",
    ],
    [[5], "Överkänslig mot Voltaren, utslag.", "Ingen känd överkänslighet.", "present"],
    [[6], "Sjukskriven en vecka.", "Sjukskriven en månad.", "unit"],
    [
      [7],
      "Mamma opererad för diskbråck två gånger.",
      "Pappa opererad för diskbråck två gånger.",
      "who",
    ],
  ]),
  ...of("schwindel", "German", schwindel, [
    [
      [0],
      "Drehschwindel seit vorgestern bei Drehung nach rechts, etwa eine halbe Minute.",
      "Drehschwindel seit vorgestern bei Drehung nach links, etwa eine halbe Minute.",
      "side",
    ],
    [
      [1, 2],
      "Keine Hörminderung, Tinnitus links seit Jahren.",
      "Hörminderung, Tinnitus rechts seit Jahren.",
      "side",
    ],
    [[3, 4], "Übelkeit, einmal erbrochen.", "Keine Übelkeit, kein Erbrechen.", "present"],
    [[5], "Lagerungstest rechts positiv.", "Lagerungstest rechts negativ.", "polarity"],
    [
      [6],
      "HCT 12,5 mg abgesetzt, Candesartan 8 mg morgens weiter.",
      "HCT 125 mg abgesetzt, Candesartan 8 mg morgens weiter.",
      "number",
    ],
    [[6], "RR 105/65 mmHg.", "RR 165/105 mmHg.", "number"],
    [[6], "Candesartan 8 mg morgens.", "Candesartan 8 mg abends.", "frequency"],
    [
      [7],
      "Übung 3x täglich, Kontrolle in 10 Tagen.",
      "Übung 1x täglich, Kontrolle in 10 Tagen.",
      "frequency",
    ],
    [[8], "Schwester mit Morbus Menière.", "Vater mit Morbus Menière.", "who"],
  ]),
  ...of("bachcha", "English", bachcha, [
    [
      [0],
      "Fever since last night, loose stools twice.",
      "Fever since last night, loose stools four times.",
      "number",
    ],
    [[1, 2], "No vomiting, mild abdominal pain.", "Vomiting, mild abdominal pain.", "denied"],
    [
      [3],
      "Paracetamol syrup 5 ml every 6 hours as needed for fever.",
      "Paracetamol syrup 5 ml every 8 hours as needed for fever.",
      "frequency",
    ],
    [
      [3],
      "Paracetamol syrup 5 ml every 6 hours.",
      "Paracetamol syrup 15 ml every 6 hours.",
      "number",
    ],
    [[4], "Allergic to amoxicillin, rash.", "No known drug allergies.", "present"],
    [[5], "Sister had the same last week.", "Mother had the same last week.", "who"],
    [[6], "Return if not better in 3 days.", "Return if not better in 3 weeks.", "unit"],
  ]),
  ...of("saans", "Hindi", saans, [
    [[0], "3 हफ्ते से खाँसी, पीला बलगम, खून नहीं।", "3 महीने से खाँसी, पीला बलगम, खून नहीं।", "unit"],
    [[1, 2], "बुखार नहीं, रात को पसीना।", "बुखार है, रात को पसीना।", "denied"],
    [[3, 4], "दस साल से बीड़ी बंद।", "बीड़ी पीते हैं।", "when"],
    [[5], "बाएँ नीचे आवाज़, ऑक्सीजन 95 %, नाड़ी 88।", "दाएँ नीचे आवाज़, ऑक्सीजन 95 %, नाड़ी 88।", "side"],
    [[5], "ऑक्सीजन 95 %, नाड़ी 88।", "ऑक्सीजन 88 %, नाड़ी 95।", "number"],
    [
      [6],
      "एज़िथ्रोमाइसिन 500 दिन में एक बार 5 दिन।",
      "एज़िथ्रोमाइसिन 500 दिन में तीन बार 5 दिन।",
      "frequency",
    ],
  ]),
];
