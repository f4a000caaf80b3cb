/** Units as they are written and said, each as one name and a factor to it. */

type Unit = readonly [name: string, factor: number];

const WRITTEN: [Unit, string][] = [
  [
    ["mg", 1],
    "mg mgs milligram milligrams milligramme milligrammes milligramm miligramos मिलीग्राम एमजी",
  ],
  [["mg", 1000], "g gm gms gram grams gramme grammes gramm gramos ग्राम"],
  [["mg", 0.001], "mcg ug μg microgram micrograms mikrogram mikrogramm माइक्रोग्राम"],
  [["kg", 1], "kg kgs kilo kilos kilogram kilograms kilogramm किलो किलोग्राम"],
  [["ml", 1], "ml milliliter milliliters millilitre millilitres cc मिली एमएल मिलीलीटर"],
  [["ml", 1000], "l liter liters litre litres लीटर"],
  [["ml", 100], "dl deciliter"],
  [["unit", 1], "iu ie units unit u enheter enhet einheiten einheit यूनिट"],
  [["%", 1], "% percent procent prozent percentage pratishat प्रतिशत परसेंट"],
  [["cm", 1], "cm centimeter centimeters centimetre centimetres zentimeter सेंटीमीटर"],
  [["cm", 0.1], "mm millimeter millimeters millimetre millimetres मिलीमीटर"],
  [["cm", 100], "m meter meters metre metres मीटर"],
  [["mmol", 1], "mmol millimol millimole millimoles"],
  [["umol", 1], "umol μmol mikromol micromol"],
  [
    ["hour", 1],
    "h hr hrs hour hours hourly timme timmar timmars stunde stunden घंटे घंटा घंटों ghante ghanta hora horas heure heures",
  ],
  [["minute", 1], "min mins minute minutes minut minuter minuten मिनट minat minuto minutos"],
  [
    ["day", 1],
    "day days d dag dagar dagars dygn dygnet tag tage tagen दिन दिनों din dino día días dias jour jours",
  ],
  [
    ["day", 7],
    "week weeks weekly wk wks vecka veckor veckors woche wochen हफ्ते हफ्ता हफ़्ते हफ़्ता हफ्तों सप्ताह hafte hafta hafton semana semanas semaine semaines",
  ],
  [
    ["month", 1],
    "month months monthly månad månader månaders monat monate monaten महीने महीना महीनों माह mahine mahina mahino mes meses mois",
  ],
  [
    ["month", 12],
    "year years yr yrs yearly år års jahr jahre jahren साल सालों वर्ष saal año años an ans",
  ],
  [
    ["tablet", 1],
    "tablet tablets tab tabs pill pills tablett tabletter tablette tabletten गोली गोलियाँ गोलियां टैबलेट goli goliyan comprimido comprimidos comprimé comprimés",
  ],
  [["capsule", 1], "capsule capsules cap caps kapsel kapslar kapseln कैप्सूल cápsula cápsulas"],
  [["drop", 1], "drop drops droppe droppar tropfen बूंद बूँद बूंदें boond gota gotas goutte gouttes"],
  [["puff", 1], "puff puffs inhalation inhalations inhalationer hub hübe पफ"],
  [
    ["spoon", 1],
    "teaspoon teaspoons tsp spoon spoons tesked teskedar teelöffel löffel चम्मच chammach",
  ],
  [["times", 1], "times x × gånger gång mal बार baar bar veces vez fois"],
  [["beat", 1], "bpm beats slag schläge"],
  [["mmhg", 1], "mmhg"],
];

const UNITS = new Map<string, Unit>(
  WRITTEN.flatMap(([unit, names]) =>
    names.split(" ").map((name): [string, Unit] => [name.normalize("NFKC"), unit])
  ),
);

export function unitOf(written: string): Unit | undefined {
  return UNITS.get(written);
}

/** All written units as alternatives of a pattern, longest first. */
export const UNIT_PATTERN = [...UNITS.keys()].sort((a, b) => b.length - a.length).join("|");
