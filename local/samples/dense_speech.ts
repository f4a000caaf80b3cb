/**
 * A made-up recording of any length, for tests: people who talk without a pause, no sentence twice. Its
 * "file" is a few thousand bytes, whatever the length.
 */
import { createHash } from "node:crypto";
import type { Script, ScriptStatement } from "./scripts.ts";

type Segment = Script["segments"][number] & { start: number };

interface Talk {
  minutes: number;
  /** Stretches, in seconds, in which nobody speaks. */
  silences?: [from: number, to: number][];
}

/** Characters of an answer's JSON for a minute of fast talk: 590 tokens of four characters. */
const CHARACTERS_PER_MINUTE = 590 * 4;

const DRUGS = [
  "amoxicillin",
  "metformin",
  "amlodipine",
  "atorvastatin",
  "omeprazole",
  "salbutamol",
  "levothyroxine",
  "sertraline",
  "ramipril",
  "furosemide",
  "prednisolone",
];
const SITES = ["left knee", "right hip", "lower back", "neck", "left shoulder", "right wrist"];
const TIMES = ["in the morning", "at noon", "in the evening", "at night", "after meals"];

/** A sentence with `n` in it, which no other has, and what it mentions. */
type Sentence = (n: number) => { speaker: string; text: string; drug?: string; amounts?: string[] };

const at = <T>(list: T[], n: number) => list[n % list.length];

const SENTENCES: Sentence[] = [
  (n) => ({
    speaker: "doctor",
    text: `Take ${at(DRUGS, n)} ${n} milligrams ${at(TIMES, n)}, and tell me how it goes.`,
    drug: at(DRUGS, n),
    amounts: [`${n} mg`],
  }),
  (n) => ({
    speaker: "patient",
    text: `My ${at(SITES, n)} hurt again ${at(TIMES, n + 1)}; I wrote it down as entry ${n}.`,
  }),
  (n) => ({
    speaker: "nurse",
    text: `Line ${n} of the chart says a pulse of ${60 + n % 41} ${at(TIMES, n + 2)}.`,
    amounts: [`${60 + n % 41}/min`],
  }),
  (n) => ({
    speaker: "doctor",
    text: `Let us look at the ${at(SITES, n + 3)} on picture ${n}; I see no swelling there.`,
  }),
  (n) => ({
    speaker: "patient",
    text: `Then I walked ${n} steps and had to rest, mostly because of the ${at(SITES, n + 4)}.`,
    amounts: [`${n} steps`],
  }),
];

/** A sample as the stand-in for Gemini knows them, and the bytes to upload. */
export function denseSpeech({ minutes, silences = [] }: Talk) {
  const seconds = minutes * 60;
  const segments = talk(seconds, silences);
  const file = `dense-${minutes}.webm`;
  // The head of a WebM file; what follows makes each length and each silence another file.
  const head = [0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d];
  const bytes = new Uint8Array(4096);
  bytes.set([...head, ...new TextEncoder().encode(JSON.stringify({ minutes, silences }))]);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    bytes,
    sample: {
      ...{ file, sha256, language: "en", seconds, segments },
      statements: prescribed(segments),
    },
  };
}

function talk(seconds: number, silences: [number, number][]): Segment[] {
  const segments: Segment[] = [];
  const perSecond = CHARACTERS_PER_MINUTE / 60;
  for (let at = 0, n = 1; at < seconds; n++) {
    const silence = silences.find(([from, to]) => from <= at && at < to);
    if (silence) at = silence[1];
    if (at >= seconds) break;
    const { speaker, text, drug, amounts = [] } = SENTENCES[n % SENTENCES.length](n);
    const mentions = { drugs: drug ? [drug] : [], quantities: amounts };
    const segment = { speaker, text, mentions, start: Math.round(at * 10) / 10 };
    segments.push(segment);
    at += JSON.stringify(segment).length / perSecond;
  }
  return segments;
}

/** Of what is prescribed one statement in about five minutes. */
function prescribed(segments: Segment[]): ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  let next = 0;
  for (
    const [index, { start, mentions: { drugs: [drug], quantities: [dose] } }] of segments.entries()
  ) {
    if (!drug || start < next) continue;
    next = start + 300;
    statements.push({
      section: "prescription",
      text: `${drug} ${dose}.`,
      evidence: [index],
      medication: { drug, dose, route: null, frequency: null, duration: null },
    });
  }
  return statements;
}
