/** What is said and written in the samples, and what a good summary says of it. All invented. */

/** A segment as Gemini is asked for it, before the rendering gives it its start. */
interface ScriptSegment {
  /** Audio only. */
  speaker?: string;
  /** Audio only: seconds from the start of the recording. */
  start?: number;
  /** Pictures only: handwriting, print, drawing or photo. */
  kind?: string;
  text: string;
  mentions: { drugs: string[]; quantities: string[] };
}

interface Medication {
  drug: string;
  dose: string | null;
  route: string | null;
  frequency: string | null;
  duration: string | null;
}

export interface ScriptStatement {
  section: string;
  text: string;
  /** Indexes of segments. */
  evidence: number[];
  medication: Medication | null;
}

export interface Script {
  segments: ScriptSegment[];
  statements: ScriptStatement[];
}

const said = (speaker: string, text: string, quantities: string[] = [], drugs: string[] = []) => ({
  speaker,
  text,
  mentions: { drugs, quantities },
});

const seen = (kind: string, text: string, quantities: string[] = [], drugs: string[] = []) => ({
  kind,
  text,
  mentions: { drugs, quantities },
});

const states = (
  section: string,
  text: string,
  evidence: number[],
  medication: Medication | null = null,
) => ({ section, text, evidence, medication });

/** Said the same way by both samples, so that a summary of both has one statement with two sources. */
const AMOXICILLIN = {
  text: "Amoxicillin 500 mg by mouth three times a day for 7 days.",
  medication: {
    drug: "Amoxicillin",
    dose: "500 mg",
    route: "by mouth",
    frequency: "three times a day",
    duration: "7 days",
  },
};

const PARACETAMOL = {
  text: "Paracetamol 1 g up to four times a day for fever.",
  medication: {
    drug: "Paracetamol",
    dose: "1 g",
    route: null,
    frequency: "up to four times a day",
    duration: null,
  },
};

export const CONSULTATION: Script = {
  segments: [
    said(
      "nurse",
      "Good morning. This consultation is made up, and so is the patient, Pat Example.",
    ),
    said("nurse", "Blood pressure is 128 over 82, and temperature is 38.2 degrees Celsius.", [
      "128/82",
      "38.2 °C",
    ]),
    said("doctor", "Thank you. What brings you here today?"),
    said(
      "patient",
      "I have had a bad cough for five days, with yellow phlegm, and fever in the evenings.",
      ["5 days"],
    ),
    said("doctor", "Any chest pain, or trouble breathing?"),
    said("patient", "No chest pain. I get short of breath on the stairs."),
    said("doctor", "Do you smoke, or have you had lung trouble before?"),
    said("patient", "I have never smoked. I had asthma as a child."),
    said("doctor", "Are you allergic to any medicine?"),
    said("patient", "No, I have no known drug allergies."),
    said("doctor", "I hear crackles at the base of the right lung."),
    said("doctor", "I think this is a mild pneumonia on the right side."),
    said(
      "doctor",
      "I am prescribing amoxicillin, 500 milligrams by mouth, three times a day for seven days.",
      ["500 mg", "3 times a day", "7 days"],
      ["amoxicillin"],
    ),
    said(
      "doctor",
      "You may take paracetamol for the fever, one gram, up to four times a day.",
      ["1 g", "4 times a day"],
      ["paracetamol"],
    ),
    said("nurse", "I will book a chest X-ray for tomorrow."),
    said("doctor", "Rest, drink plenty, and come back at once if your breathing gets worse."),
    said("doctor", "Otherwise I will see you again in one week.", ["1 week"]),
    said("patient", "Thank you, doctor."),
  ],
  statements: [
    states("symptoms", "Bad cough for five days with yellow phlegm, and fever in the evenings.", [
      3,
    ]),
    states("symptoms", "Short of breath on the stairs; no chest pain.", [5]),
    states("history", "Never smoked; asthma as a child.", [7]),
    states("history", "No known drug allergies.", [8, 9]),
    states("examination", "Blood pressure 128/82, temperature 38.2 °C.", [1]),
    states("examination", "Crackles at the base of the right lung.", [10]),
    states("diagnosis", "Mild pneumonia on the right side.", [11]),
    states("prescription", AMOXICILLIN.text, [12], AMOXICILLIN.medication),
    states("prescription", PARACETAMOL.text, [13], PARACETAMOL.medication),
    states("investigations", "Chest X-ray to be booked for tomorrow.", [14]),
    states("advice", "Rest, drink plenty, and come back at once if the breathing gets worse.", [
      15,
    ]),
    states("follow_up", "See again in one week.", [16]),
  ],
};

export const PRESCRIPTION: Script = {
  segments: [
    seen("print", "Sample Practice (invented). Made up for testing. Not a real prescription."),
    seen("print", "Patient: Pat Example"),
    seen(
      "handwriting",
      "Amoxicillin 500 mg, by mouth, three times a day for 7 days",
      ["500 mg", "3 times a day", "7 days"],
      ["amoxicillin"],
    ),
    seen(
      "handwriting",
      "Paracetamol 1 g, up to four times a day, for fever",
      ["1 g", "4 times a day"],
      ["paracetamol"],
    ),
    seen("handwriting", "Dr Example"),
  ],
  statements: [
    states("prescription", AMOXICILLIN.text, [2], AMOXICILLIN.medication),
    states("prescription", PARACETAMOL.text, [3], PARACETAMOL.medication),
  ],
};
