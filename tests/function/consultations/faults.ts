/** Plants faults into clean answers, by a seeded generator. */
import type { CompositionAnswer } from "../../../supabase/functions/generate-summary/compose/prompt.ts";
import type { Template } from "../../../supabase/functions/generate-summary/compose/template.ts";
import type { Warning } from "../../../supabase/functions/generate-summary/checks/warnings.ts";

export interface Planted {
  answer: CompositionAnswer;
  section: string;
  /** null: the warning is expected on the section. */
  statement: number | null;
}

export interface FaultKind {
  name: string;
  /** What must be warned of; null: the checks don't claim it, as the text alone can't tell. */
  code: Warning["code"] | "any" | null;
  /** null: there is nothing in this answer that the fault could be planted in. */
  plant(answer: CompositionAnswer, template: Template, random: Random): Planted | null;
}

export interface Random {
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32: the same faults for the same seed. */
export function seeded(seed: number): Random {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, pick: (list) => list[below(list.length)] };
}

type Statement = CompositionAnswer["sections"][0]["statements"][0];
interface Place {
  section: string;
  index: number;
  statement: Statement;
}

function places(answer: CompositionAnswer): Place[] {
  return answer.sections.flatMap(({ section, statements }) =>
    statements.map((statement, index) => ({ section, index, statement }))
  );
}

/** A fault in one statement: `change` answers null where it doesn't apply. */
function inStatement(
  change: (
    statement: Statement,
    all: Place[],
    random: Random,
    template: Template,
  ) => Statement | null,
): FaultKind["plant"] {
  return (clean, template, random) => {
    const answer = structuredClone(clean);
    const all = places(answer);
    const candidates = all.flatMap((place) => {
      const changed = change(place.statement, all, random, template);
      return changed ? [{ ...place, changed }] : [];
    });
    if (candidates.length === 0) return null;
    const { section, index, changed } = random.pick(candidates);
    answer.sections.find((given) => given.section === section)!.statements[index] = changed;
    return { answer, section, statement: index };
  };
}

/** A statement that wasn't there. */
function added(
  make: (all: Place[], random: Random, template: Template) => Statement,
): FaultKind["plant"] {
  return (clean, template, random) => {
    const answer = structuredClone(clean);
    const { section, statements } = random.pick(answer.sections);
    statements.push(make(places(answer), random, template));
    return { answer, section, statement: statements.length - 1 };
  };
}

/** Numbers that stand alone: not in `B12`, not in a date's day. */
const NUMBERS = /(?<![\p{L}\d.,/:-])\d+(?:[.,]\d+)?(?![\d/:]|[.,]\d)/gu;

function replaceOne(text: string, pattern: RegExp, random: Random, by: (found: string) => string) {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return null;
  const { 0: said, index } = random.pick(found);
  return text.slice(0, index) + by(said) + text.slice(index + said.length);
}

const withText = (statement: Statement, text: string | null) =>
  text === null ? null : { ...statement, text };

const UNIT_SWAPS: Record<string, string[]> = {
  mg: ["g", "mcg", "ml"],
  g: ["mg", "ml"],
  mcg: ["mg", "g"],
  ml: ["l", "mg"],
  "mmol/l": ["mg/dl"],
  units: ["ml", "mg"],
  kg: ["g"],
  cm: ["mm"],
  "%": ["mg"],
  "°C": ["°F"],
  "°F": ["°C"],
  days: ["weeks", "hours"],
  weeks: ["months", "days"],
  week: ["month"],
  month: ["week"],
  months: ["weeks", "years"],
  hours: ["days", "minutes"],
  puffs: ["tablets"],
  drops: ["ml"],
  dagar: ["veckor", "timmar"],
  Tage: ["Wochen", "Monate"],
  Wochen: ["Tage", "Monate"],
  días: ["semanas"],
  semanas: ["meses"],
  दिन: ["हफ्ते", "महीने"],
};
const UNIT = new RegExp(
  `(?<=\\d ?)(?:${
    Object.keys(UNIT_SWAPS).sort((a, b) => b.length - a.length).join("|")
  })(?![\\p{L}\\p{M}/])`,
  "gu",
);

const OTHER_DRUGS = [
  "Azithromycin",
  "Metoprolol",
  "Warfarin",
  "Losartan",
  "Diclofenac",
  "Clarithromycin",
  "Atorvastatin",
  "Tramadol",
  "Omeprazole",
  "Glimepiride",
  "Ciprofloxacin",
  "Prednisone",
];

const SIDES: [RegExp, string][] = [
  [/\bleft\b/i, "right"],
  [/\bright\b/i, "left"],
  [/\bvänster\b/i, "höger"],
  [/\brechten\b/i, "linken"],
  [/\brechts\b/i, "links"],
  [/\blinks\b/i, "rechts"],
  [/\bderecho\b/i, "izquierdo"],
  [/\bizquierdo\b/i, "derecho"],
  [/बाएँ/, "दाएँ"],
];

const FREQUENCIES: [RegExp, string][] = [
  [/(?:three|3|4) times a day|(?:once|twice) (?:a day|daily)/, "six times a day"],
  [/3 gånger om dagen/, "6 gånger om dagen"],
  [/dreimal täglich/, "sechsmal täglich"],
  [/3 veces al día/, "6 veces al día"],
  [/दिन में 2 बार/, "दिन में 6 बार"],
];

const NEGATIONS: Record<string, string[]> = {
  English: [
    "No known drug allergies.",
    "No history of diabetes.",
    "Denies chest pain.",
    "Not pregnant.",
    "No previous operations.",
    "Patient has never smoked.",
    "No family history of cancer.",
  ],
  Hindi: ["कोई एलर्जी नहीं है।", "डायबिटीज नहीं है।", "धूम्रपान नहीं करते।", "सीने में दर्द नहीं है।"],
  Swedish: [
    "Ingen känd allergi.",
    "Röker inte.",
    "Ingen bröstsmärta.",
    "Inga tidigare operationer.",
  ],
  German: ["Keine Allergien bekannt.", "Raucht nicht.", "Kein Diabetes.", "Keine Atemnot."],
  Spanish: ["Sin alergias conocidas.", "No fuma desde hace años.", "No tiene diabetes."],
};

const FOREIGN: Record<string, string[]> = {
  English: [
    "The patient has had pain in the back for some time and it is getting worse.",
    "Should be seen by the nurse if the wound is not dry.",
  ],
  Hindi: ["मरीज़ को कुछ समय से कमर में दर्द है और बढ़ रहा है।", "घाव सूखा न हो तो नर्स को दिखाना है।"],
  Swedish: [
    "Patienten har haft ont i ryggen en tid och det blir värre.",
    "Ska visa såret för sköterskan om det inte är torrt.",
  ],
  German: [
    "Der Patient hat seit einiger Zeit Schmerzen im Rücken und es wird schlimmer.",
    "Die Wunde soll gezeigt werden, falls sie nicht trocken ist.",
  ],
  Spanish: [
    "El paciente tiene dolor de espalda desde hace tiempo y va a peor.",
    "Debe enseñar la herida a la enfermera si no está seca.",
  ],
  French: [
    "Le patient a mal au dos depuis un certain temps et cela empire.",
    "Montrer la plaie à l'infirmière si elle n'est pas sèche.",
  ],
  Russian: ["У пациента давно болит спина, и становится хуже."],
  Tamil: ["நோயாளிக்கு சில காலமாக முதுகு வலி உள்ளது."],
};

const languageName = ({ language }: Template) =>
  ({ en: "English", es: "Spanish", Deutsch: "German" })[language] ?? language;

/** Something that can be compared: a number, a drug, a side, a denial. */
function tells({ text, medication }: Statement): boolean {
  return /\d/.test(text) || medication !== null || SIDES.some(([side]) => side.test(text)) ||
    /\b(?:no|not|never|inte|ingen|kein|nicht)\b|नहीं/i.test(text);
}

const moved = (claimed: boolean) =>
  inStatement((statement, all, random) => {
    if (tells(statement) !== claimed) return null;
    const others = all.filter((other) =>
      !other.statement.evidence.some((id) => statement.evidence.includes(id))
    );
    return others.length === 0
      ? null
      : { ...statement, evidence: random.pick(others).statement.evidence };
  });

export const FAULT_KINDS: FaultKind[] = [
  {
    name: "changed number",
    // Of a frequency, too.
    code: "any",
    plant: inStatement((statement, _, random) =>
      withText(
        statement,
        replaceOne(statement.text, NUMBERS, random, (said) =>
          random.pick([
            `1${said}`,
            String(Number(said.replace(",", ".")) + 1 + random.below(8)),
            String(Number(said.replace(",", ".")) * 2),
          ])),
      )
    ),
  },
  {
    name: "changed blood pressure",
    code: "quantity_unsupported",
    plant: inStatement((statement, _, random) =>
      withText(
        statement,
        replaceOne(statement.text, /\d{2,3}(?=\/\d{2})|(?<=\d{3}\/)\d{2,3}/g, random, (said) =>
          String(Number(said) + 5 + random.below(40))),
      )
    ),
  },
  {
    name: "changed dose of a medication",
    code: "quantity_unsupported",
    plant: inStatement((statement, _, random) => {
      const dose = replaceOne(
        statement.medication?.dose ?? "",
        NUMBERS,
        random,
        (said) => `${said}0`,
      );
      return dose === null
        ? null
        : { ...statement, medication: { ...statement.medication!, dose } };
    }),
  },
  {
    name: "changed unit",
    code: "quantity_unsupported",
    plant: inStatement((statement, _, random) =>
      withText(
        statement,
        replaceOne(statement.text, UNIT, random, (said) => random.pick(UNIT_SWAPS[said])),
      )
    ),
  },
  {
    name: "changed frequency",
    code: "frequency_unsupported",
    plant: inStatement((statement) => {
      const other = FREQUENCIES.find(([said]) => said.test(statement.text));
      return other ? withText(statement, statement.text.replace(...other)) : null;
    }),
  },
  {
    name: "changed day or month",
    code: "date_unsupported",
    plant: inStatement((statement, _, random) =>
      withText(
        statement,
        replaceOne(
          statement.text,
          /\b(?:Monday|Tuesday|Thursday|Friday|March|April|January|fredag)\b|सोमवार/g,
          random,
          (said) =>
            said === "fredag"
              ? "lördag"
              : said === "सोमवार"
              ? "बुधवार"
              : said.endsWith("day")
              ? "Saturday"
              : "October",
        ),
      )
    ),
  },
  {
    name: "changed drug",
    code: "drug_unsupported",
    plant: inStatement((statement, _, random) => {
      const drug = statement.medication?.drug;
      if (!drug || !statement.text.includes(drug)) return null;
      const other = random.pick(OTHER_DRUGS);
      return {
        ...statement,
        text: statement.text.replace(drug, other),
        medication: { ...statement.medication!, drug: other },
      };
    }),
  },
  {
    name: "changed drug, in the sentence alone",
    code: "drug_unsupported",
    plant: inStatement((statement, _, random) => {
      const drug = statement.text.match(
        /Amlodipine|Naproxen|Amoxicillin|Paracetamol|Metformin|Ibuprofen|Pantoprazol|Ofloxacin|Prednisolone|Ramipril|aspirin|penicillin|salbutamol|beclometasone/,
      )?.[0];
      return drug
        ? withText(statement, statement.text.replace(drug, random.pick(OTHER_DRUGS)))
        : null;
    }),
  },
  {
    name: "swapped side",
    code: "side_unsupported",
    plant: inStatement((statement) => {
      const swap = SIDES.find(([side]) => side.test(statement.text));
      return swap ? withText(statement, statement.text.replace(...swap)) : null;
    }),
  },
  {
    name: "invented denial",
    code: "negation_unsupported",
    plant: added((all, random, template) => ({
      text: random.pick(NEGATIONS[languageName(template)]),
      evidence: random.pick(all).statement.evidence,
      medication: null,
    })),
  },
  {
    name: "dangling id",
    code: "evidence_unknown",
    plant: inStatement((statement, _, random) => ({
      ...statement,
      evidence: statement.evidence.with(
        random.below(statement.evidence.length),
        random.pick(["s0", "s9999", "segment 1", "1", ""]),
      ),
    })),
  },
  {
    name: "no evidence",
    code: "evidence_missing",
    plant: inStatement((statement) => ({ ...statement, evidence: [] })),
  },
  { name: "evidence moved, something to compare", code: "any", plant: moved(true) },
  { name: "evidence moved, nothing to compare", code: null, plant: moved(false) },
  {
    name: "statement in another language",
    code: "other_language",
    plant: inStatement((statement, _, random, template) => {
      const others = Object.keys(FOREIGN).filter((name) => name !== languageName(template));
      return withText(statement, random.pick(FOREIGN[random.pick(others)]));
    }),
  },
  {
    name: "duplicated statement",
    code: "repeated",
    plant: (clean, _, random) => {
      const answer = structuredClone(clean);
      const { statement } = random.pick(places(answer));
      const { section, statements } = answer.sections.at(-1)!;
      statements.push(structuredClone(statement));
      return { answer, section, statement: statements.length - 1 };
    },
  },
  {
    name: "dropped section",
    code: "section_missing",
    plant: (clean, _, random) => {
      const { section } = random.pick(clean.sections);
      const sections = clean.sections.filter((given) => given.section !== section);
      return { answer: { ...clean, sections }, section, statement: null };
    },
  },
  {
    name: "added section",
    code: "section_added",
    plant: (clean) => {
      const section = { section: "prognosis", heading: "Prognosis", statements: [] };
      return {
        answer: { ...clean, sections: [...clean.sections, section] },
        section: "prognosis",
        statement: null,
      };
    },
  },
  {
    name: "sections out of order",
    code: "section_out_of_order",
    plant: (clean, _, random) => {
      const from = 1 + random.below(clean.sections.length - 1);
      const sections = [...clean.sections];
      const [section] = sections.splice(from, 1);
      sections.unshift(section);
      return {
        answer: { ...clean, sections },
        section: clean.sections[0].section,
        statement: null,
      };
    },
  },
  {
    name: "denial turned into a finding",
    code: null,
    plant: inStatement((statement) =>
      /^No (?=\p{L})/u.test(statement.text)
        ? withText(statement, statement.text.replace(/^No /, "Has "))
        : null
    ),
  },
  {
    name: "invented finding without a number",
    code: null,
    plant: added((all, random) => ({
      text: "Feels tired.",
      evidence: random.pick(all).statement.evidence,
      medication: null,
    })),
  },
];
