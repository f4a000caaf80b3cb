/** Hindi in Devanagari and in Latin letters; notes in English and in Hindi. */
import { answered, type Consultation, type Line, recorded, seen, spoken } from "./script.ts";

const stomach: Line[] = [
  ["doctor", "नमस्ते, बताइए क्या तकलीफ़ है?"],
  ["patient", "डॉक्टर साहब, चार दिन से पेट में दर्द है और दो दिन से दस्त हो रहे हैं।", "", "4 days, 2 days"],
  ["doctor", "उल्टी हुई?"],
  ["patient", "नहीं, उल्टी नहीं हुई। पर भूख बिल्कुल नहीं लगती।"],
  ["doctor", "बुखार?"],
  ["patient", "कल रात सौ था।", "", "100 °F"],
  ["doctor", "किसी दवा से एलर्जी है?"],
  ["patient", "नहीं, कोई एलर्जी नहीं है।"],
  ["doctor", "बीपी एक सौ दस बटा सत्तर है। पेट के बाएँ हिस्से में दबाने पर दर्द है।", "", "110/70"],
  ["doctor", "यह पेट का संक्रमण लग रहा है।"],
  [
    "doctor",
    "ओफ़्लॉक्सासिन दो सौ मिलीग्राम दिन में दो बार पाँच दिन तक लीजिए।",
    "Ofloxacin",
    "200 mg, 2 times a day, 5 days",
  ],
  ["doctor", "ओआरएस का घोल दिन भर पीते रहिए, और दूध मत पीजिए।", "ORS"],
  ["doctor", "सोमवार को फिर दिखाइए।"],
];

const stomachInEnglish: Consultation = {
  name: "Hindi speech, English note",
  submittedBy: "doctor",
  template: {
    sections: [
      "symptoms",
      "allergies",
      "examination",
      "diagnosis",
      "prescription",
      "advice",
      "follow_up",
    ],
  },
  recordings: recorded(spoken(stomach)),
  answer: answered([
    ["symptoms", "Symptoms", [
      ["Abdominal pain for 4 days and diarrhoea for 2 days.", [2]],
      ["No vomiting; no appetite.", [3, 4]],
      ["Fever of 100 °F last night.", [5, 6]],
    ]],
    ["allergies", "Allergies", [["No known drug allergies.", [7, 8]]]],
    ["examination", "Examination", [
      ["Blood pressure 110/70 mmHg.", [9]],
      ["Tenderness on the left side of the abdomen.", [9]],
    ]],
    ["diagnosis", "Diagnosis", [["Appears to be an infection of the stomach.", [10]]]],
    ["prescription", "Prescription", [
      [
        "Ofloxacin 200 mg twice a day for 5 days.",
        [11],
        "Ofloxacin | 200 mg | | twice a day | 5 days",
      ],
      ["ORS solution throughout the day.", [12], "ORS | | | throughout the day | "],
    ]],
    ["advice", "Advice", [["Not to drink milk.", [12]]]],
    ["follow_up", "Follow-up", [["Review on Monday.", [13]]]],
  ]),
};

const stomachInHindi: Consultation = {
  name: "Hindi speech, Hindi note",
  submittedBy: "doctor",
  template: {
    language: "Hindi",
    sections: ["symptoms", "examination", "prescription", "follow_up"],
  },
  recordings: recorded(spoken(stomach)),
  answer: answered([
    ["symptoms", "लक्षण", [
      ["चार दिन से पेट में दर्द और 2 दिन से दस्त।", [2]],
      ["उल्टी नहीं हुई; भूख नहीं लगती।", [3, 4]],
    ]],
    ["examination", "जाँच", [
      ["रक्तचाप 110/70; पेट के बाएँ हिस्से में दबाने पर दर्द।", [9]],
    ]],
    ["prescription", "दवाएँ", [
      [
        "Ofloxacin 200 mg दिन में 2 बार, 5 दिन तक।",
        [11],
        "Ofloxacin | 200 mg | | दिन में 2 बार | 5 दिन",
      ],
    ]],
    ["follow_up", "अगली मुलाकात", [["सोमवार को फिर दिखाना है।", [13]]]],
  ]),
};

const back: Consultation = {
  name: "Hinglish speech, English note",
  submittedBy: "doctor",
  template: {
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
  recordings: recorded(spoken([
    ["doctor", "Haan ji, kya problem hai?"],
    [
      "patient",
      "Doctor, kamar mein dard hai, das din se. Dahine pair tak jaata hai.",
      "",
      "10 days",
    ],
    ["doctor", "Pair mein sunn ya jhunjhuni?"],
    ["patient", "Nahi, sunn nahi hota. Bas dard hai, subah zyada."],
    ["doctor", "Sugar ya BP ki dawai chal rahi hai?"],
    ["patient", "Sugar ki metformin leta hoon, paanch sau, subah shaam.", "Metformin", "500 mg"],
    ["doctor", "BP dekhte hain. Ek sau tees by pachaasi. Theek hai.", "", "130/85"],
    ["doctor", "Straight leg raise right mein forty degrees pe positive hai.", "", "40 degrees"],
    ["doctor", "Yeh sciatica lag raha hai, right side ka."],
    [
      "doctor",
      "Aceclofenac hundred milligram, subah shaam, khaane ke baad, paanch din.",
      "Aceclofenac",
      "100 mg, 5 days",
    ],
    [
      "doctor",
      "Aur thiocolchicoside char milligram raat ko, paanch din.",
      "Thiocolchicoside",
      "4 mg, 5 days",
    ],
    ["doctor", "Bhaari cheez mat uthana. Do hafte baad aana.", "", "2 weeks"],
  ])),
  answer: answered([
    ["symptoms", "Symptoms", [
      ["Low back pain for 10 days, going down to the right leg, worse in the morning.", [2, 4]],
      ["No numbness or tingling in the leg.", [3, 4]],
    ]],
    ["history", "History", [["Diabetes, takes metformin 500 mg twice a day.", [5, 6]]]],
    ["examination", "Examination", [
      ["Blood pressure 130/85.", [7]],
      ["Straight leg raise positive at 40 degrees on the right.", [8]],
    ]],
    ["diagnosis", "Diagnosis", [["Right-sided sciatica is suspected.", [9]]]],
    ["prescription", "Prescription", [
      [
        "Aceclofenac 100 mg morning and evening after food for 5 days.",
        [10],
        "Aceclofenac | 100 mg | | morning and evening | 5 days",
      ],
      [
        "Thiocolchicoside 4 mg at night for 5 days.",
        [11],
        "Thiocolchicoside | 4 mg | | at night | 5 days",
      ],
    ]],
    ["advice", "Advice", [["Not to lift heavy things.", [12]]]],
    ["follow_up", "Follow-up", [["Review after 2 weeks.", [12]]]],
  ]),
};

const thyroid: Consultation = {
  name: "Hinglish speech with a laboratory report",
  submittedBy: "doctor",
  template: {
    language: "en",
    sections: ["symptoms", "investigations", "diagnosis", "prescription", "follow_up"],
  },
  recordings: recorded(
    spoken([
      [
        "patient",
        "Madam, bahut thakaan rehti hai, do mahine se, aur vajan chaar kilo badh gaya.",
        "",
        "2 months, 4 kg",
      ],
      ["doctor", "Periods regular hain? Pregnancy toh nahi?"],
      ["patient", "Regular hain. Pregnant nahi hoon."],
      ["doctor", "Report dekhi maine, TSH badha hua hai. Hypothyroid hai."],
      [
        "doctor",
        "Thyroxine pachaas microgram, roz subah khaali pet.",
        "Thyroxine",
        "50 mcg, daily",
      ],
      [
        "doctor",
        "Calcium ki goli saath mein mat lena, chaar ghante ka gap rakhna.",
        "Calcium",
        "4 hours",
      ],
      ["doctor", "Chhe hafte baad TSH repeat karke aana.", "", "6 weeks"],
    ]),
    seen([
      ["print", "Sunrise Diagnostics (sample) 14/10/2026"],
      ["print", "TSH 9.8 µIU/mL (ref 0.4 - 4.2)", "", "9.8 µIU/mL, 0.4-4.2"],
      ["print", "Haemoglobin 11.2 g/dL", "", "11.2 g/dL"],
    ]),
  ),
  answer: answered([
    ["symptoms", "Symptoms", [
      ["Marked tiredness for 2 months and weight gain of 4 kg.", [1]],
      ["Periods regular; not pregnant.", [2, 3]],
    ]],
    ["investigations", "Investigations", [
      ["TSH 9.8 µIU/mL (reference 0.4 to 4.2), haemoglobin 11.2 g/dl, report of 14/10/2026.", [
        8,
        9,
        10,
      ]],
    ]],
    ["diagnosis", "Diagnosis", [["Hypothyroidism.", [4]]]],
    ["prescription", "Prescription", [
      [
        "Thyroxine 50 mcg daily in the morning on an empty stomach.",
        [5],
        "Thyroxine | 50 mcg | | daily in the morning | ",
      ],
      ["Calcium tablets to be kept 4 hours apart from it.", [6]],
    ]],
    ["follow_up", "Follow-up", [["Repeat TSH and review after 6 weeks.", [7]]]],
  ]),
};

export const hindi = [stomachInEnglish, stomachInHindi, back, thyroid];
