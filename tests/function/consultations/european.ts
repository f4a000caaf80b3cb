/** Swedish and German speech; notes in those and in English and Spanish. */
import { answered, type Consultation, type Line, recorded, spoken } from "./script.ts";

const throat: Line[] = [
  ["läkare", "Hej och välkommen, vad kan jag hjälpa till med?"],
  [
    "patient",
    "Jag har haft ont i halsen i fyra dagar och feber, trettioåtta och sju som mest.",
    "",
    "4 dagar, 38,7 grader",
  ],
  ["läkare", "Har du hosta eller är du snuvig?"],
  ["patient", "Nej, ingen hosta alls. Lite ont i vänster öra."],
  ["läkare", "Tål du penicillin?"],
  ["patient", "Ja, det har jag haft förut utan problem.", "Penicillin"],
  [
    "läkare",
    "Jag ser beläggningar på båda tonsillerna och ömma körtlar på halsen. Vänster trumhinna ser fin ut.",
  ],
  ["läkare", "Snabbtestet för streptokocker är positivt, så det är halsfluss."],
  [
    "läkare",
    "Du får Kåvepenin ett gram tre gånger om dagen i tio dagar.",
    "Kåvepenin",
    "1 g, 3 gånger om dagen, 10 dagar",
  ],
  [
    "läkare",
    "Alvedon fem hundra milligram vid behov, högst fyra gånger per dygn.",
    "Alvedon",
    "500 mg, 4 gånger per dygn",
  ],
  ["läkare", "Hör av dig om du inte är bättre på fredag. Du behöver inte komma tillbaka annars."],
];

const throatInSwedish: Consultation = {
  name: "Swedish speech, Swedish note",
  submittedBy: "doctor",
  template: {
    language: "Swedish",
    sections: ["symptoms", "history", "examination", "diagnosis", "prescription", "follow_up"],
  },
  recordings: recorded(spoken(throat)),
  answer: answered([
    ["symptoms", "Symtom", [
      ["Ont i halsen i 4 dagar med feber, som mest 38,7 grader.", [2]],
      ["Ingen hosta.", [3, 4]],
      ["Lite ont i vänster öra.", [4]],
    ]],
    ["history", "Anamnes", [["Har tålt penicillin tidigare.", [5, 6]]]],
    ["examination", "Status", [
      ["Beläggningar på båda tonsillerna, ömma körtlar på halsen.", [7]],
      ["Vänster trumhinna utan anmärkning.", [4, 7]],
      ["Snabbtest för streptokocker positivt.", [8]],
    ]],
    ["diagnosis", "Diagnos", [["Halsfluss.", [8]]]],
    ["prescription", "Ordination", [
      [
        "Kåvepenin 1 g 3 gånger om dagen i 10 dagar.",
        [9],
        "Kåvepenin | 1 g | | 3 gånger om dagen | 10 dagar",
      ],
      [
        "Alvedon 500 mg vid behov, högst 4 gånger per dygn.",
        [10],
        "Alvedon | 500 mg | | vid behov, högst 4 gånger per dygn | ",
      ],
    ]],
    ["follow_up", "Uppföljning", [["Hör av sig om det inte är bättre på fredag.", [11]]]],
  ]),
};

const throatInEnglish: Consultation = {
  name: "Swedish speech, English note",
  submittedBy: "doctor",
  template: { sections: ["symptoms", "examination", "diagnosis", "prescription", "follow_up"] },
  recordings: recorded(spoken(throat)),
  answer: answered([
    ["symptoms", "Symptoms", [
      ["Sore throat for 4 days with fever up to 38.7 °C; no cough.", [2, 3, 4]],
      ["Slight pain in the left ear.", [4]],
    ]],
    ["examination", "Examination", [
      ["Coating on both tonsils, tender glands of the neck.", [7]],
      ["Left eardrum normal; rapid test for streptococci positive.", [7, 8]],
    ]],
    ["diagnosis", "Diagnosis", [["Streptococcal tonsillitis.", [8]]]],
    ["prescription", "Prescription", [
      [
        "Kåvepenin 1 g three times a day for 10 days.",
        [9],
        "Kåvepenin | 1 g | | 3 times a day | 10 days",
      ],
      [
        "Alvedon 500 mg as needed, at most 4 times a day.",
        [10],
        "Alvedon | 500 mg | | as needed | ",
      ],
    ]],
    ["follow_up", "Follow-up", [["To get in touch if there is no improvement by Friday.", [11]]]],
  ]),
};

const shoulder: Line[] = [
  ["Ärztin", "Guten Tag, was führt Sie zu mir?"],
  [
    "Patient",
    "Ich habe seit zwei Wochen Schmerzen in der rechten Schulter, vor allem nachts.",
    "",
    "2 Wochen",
  ],
  ["Ärztin", "Sind Sie gestürzt?"],
  ["Patient", "Nein, gestürzt bin ich nicht. Aber ich habe Anfang Mai die Decke gestrichen."],
  ["Ärztin", "Nehmen Sie regelmäßig Medikamente?"],
  ["Patient", "Ramipril fünf Milligramm, morgens eine Tablette.", "Ramipril", "5 mg, 1 Tablette"],
  [
    "Ärztin",
    "Ihr Blutdruck ist hundertfünfunddreißig zu fünfundachtzig, Puls zweiundsiebzig.",
    "",
    "135/85, 72",
  ],
  [
    "Ärztin",
    "Der Arm lässt sich rechts nur bis achtzig Grad abspreizen, links ist alles frei.",
    "",
    "80 Grad",
  ],
  ["Ärztin", "Das ist eine Reizung der Supraspinatussehne."],
  [
    "Ärztin",
    "Nehmen Sie Ibuprofen vierhundert Milligramm, dreimal täglich für fünf Tage, zum Essen.",
    "Ibuprofen",
    "400 mg, 3 mal täglich, 5 Tage",
  ],
  [
    "Ärztin",
    "Dazu Pantoprazol zwanzig Milligramm am Morgen, solange Sie das Ibuprofen nehmen.",
    "Pantoprazol, Ibuprofen",
    "20 mg",
  ],
  [
    "Ärztin",
    "Ich schreibe Ihnen sechs Mal Krankengymnastik auf. Nicht über Kopf arbeiten.",
    "",
    "6",
  ],
  ["Ärztin", "Wir sehen uns in vier Wochen wieder.", "", "4 Wochen"],
];

const shoulderInGerman: Consultation = {
  name: "German speech, German note",
  submittedBy: "doctor",
  template: {
    language: "Deutsch",
    sections: [
      "symptoms",
      "history",
      "examination",
      "diagnosis",
      "prescription",
      "advice",
      "follow_up",
    ],
  },
  recordings: recorded(spoken(shoulder)),
  answer: answered([
    ["symptoms", "Beschwerden", [
      ["Seit 2 Wochen Schmerzen in der rechten Schulter, vor allem nachts.", [2]],
      ["Kein Sturz; hat Anfang Mai die Decke gestrichen.", [3, 4]],
    ]],
    ["history", "Vorgeschichte", [["Nimmt Ramipril 5 mg, morgens 1 Tablette.", [5, 6]]]],
    ["examination", "Untersuchung", [
      ["Blutdruck 135/85 mmHg, Puls 72.", [7]],
      ["Abspreizen rechts nur bis 80 Grad möglich, links frei.", [8]],
    ]],
    ["diagnosis", "Diagnose", [["Reizung der Supraspinatussehne.", [9]]]],
    ["prescription", "Verordnung", [
      [
        "Ibuprofen 400 mg dreimal täglich für 5 Tage, zum Essen.",
        [10],
        "Ibuprofen | 400 mg | | dreimal täglich | 5 Tage",
      ],
      [
        "Pantoprazol 20 mg am Morgen, solange Ibuprofen genommen wird.",
        [11],
        "Pantoprazol | 20 mg | | am Morgen | ",
      ],
      ["Krankengymnastik, 6 Mal.", [12]],
    ]],
    ["advice", "Empfehlungen", [["Nicht über Kopf arbeiten.", [12]]]],
    ["follow_up", "Wiedervorstellung", [["Kontrolle in 4 Wochen.", [13]]]],
  ]),
};

const shoulderInSpanish: Consultation = {
  name: "German speech, Spanish note",
  submittedBy: "doctor",
  template: {
    language: "es",
    prescription_format: "narrative",
    sections: ["symptoms", "examination", "diagnosis", "prescription"],
  },
  recordings: recorded(spoken(shoulder)),
  answer: answered([
    ["symptoms", "Síntomas", [[
      "Dolor en el hombro derecho desde hace 2 semanas, sobre todo por la noche.",
      [2],
    ]]],
    ["examination", "Exploración", [
      ["Presión arterial 135/85, pulso 72.", [7]],
      ["Abducción del brazo derecho solo hasta 80 grados; la del izquierdo es libre.", [8]],
    ]],
    ["diagnosis", "Diagnóstico", [["Irritación del tendón supraespinoso.", [9]]]],
    ["prescription", "Tratamiento", [
      ["Ibuprofen 400 mg 3 veces al día durante 5 días, con las comidas.", [10]],
      ["Pantoprazol 20 mg por la mañana mientras tome el Ibuprofen.", [11]],
    ]],
  ]),
};

export const european = [throatInSwedish, throatInEnglish, shoulderInGerman, shoulderInSpanish];
