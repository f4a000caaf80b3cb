/** How often, and when in the day: a claim's against its evidence's, read by one function. */
import type { Segment } from "../core/domain.ts";
import { drugsIn, drugsOf, reaches, SENTENCE } from "./anchors.ts";
import { datesIn } from "./dates.ts";
import { numbersOf, perSegment, plainOf, spokenIn } from "./reading.ts";
import { namesDrug } from "./words/drug_names.ts";
import type { Frequency } from "./words/frequencies.ts";
import { PERIODS } from "./words/frequency_words.ts";
import { quantitiesIn } from "./words/quantities.ts";
import { type Decimal, decimalOf, normalize, whole, words } from "./words/text.ts";
import { once } from "../core/lazily.ts";
import type { Warning } from "./warnings.ts";

/** Units of what is taken. */
const DOSE = new Set(["mg", "ml", "unit", "tablet", "capsule", "drop", "puff", "spoon"]);

/** What makes something be taken at need: "if it hurts", "när du har ont". */
const conditions = once(() =>
  new RegExp(
    whole(
      "can|may|kan|können|sakte|sakti|सकते|सकती|if|when|whenever|needs?|needed|prn|om|när|ifall|behöver|behov|wenn|falls|sobald|nötig|brauchen|brauchst|bedarf|agar|jab|zaroorat|zarurat|jarurat|अगर|जब|ज़रूरत|जरूरत|आवश्यकता|si|cuando|quand|besoin",
    ),
    "u",
  )
);

/** What is said of how often: in a segment, or of one drug in it. */
interface Said {
  frequencies: Frequency[];
  text: string;
}

/** How often each drug of a text is taken, and what no drug's name stands beside. */
interface Parts {
  drugs: (Said & { names: string[] })[];
  others: Said[];
}

const often = (text: string): Said => ({ frequencies: quantitiesIn(text).frequencies, text });

function partsIn(text: string, drugs: Set<string>, decimal: Decimal, written = false): Parts {
  const parts: Parts = { drugs: [], others: [] };
  for (const sentence of normalize(text, decimal).split(SENTENCE)) {
    const anchors = drugsIn(sentence, drugs);
    if (anchors.length === 0) parts.others.push(often(sentence));
    const reaching = reaches(
      sentence,
      anchors,
      (part) => often(part).frequencies.length > 0,
      written,
    );
    for (const { names, from, to } of reaching) {
      parts.drugs.push({ names, ...often(sentence.slice(from, to)) });
    }
  }
  return parts;
}

/** By the language and the drugs that are mentioned: `en ramipril warfarin`. */
const partsOf = perSegment((segment, key) => {
  const [language, ...drugs] = key.split(" ");
  return partsIn(segment.text, new Set(drugs), decimalOf(spokenIn(segment, language)));
});

/** A frequency that the evidence doesn't say, or says of other drugs alone. */
export function frequencies(claim: string, evidence: Segment[], language: string): Warning[] {
  const { frequencies: claimed, quantities } = quantitiesIn(claim, decimalOf(language));
  if (claimed.length === 0) return [];
  const claimedWords = new Set(words(claim));
  const taken = quantities.some(({ unit }) => DOSE.has(unit!)) || namesDrug(claim) ||
    evidence.some(({ mentions }) =>
      mentions.drugs.some((drug) => claimedWords.has(words(drug)[0]))
    );
  const said = evidence.map((segment): Said => ({
    frequencies: numbersOf(segment, language).frequencies,
    text: plainOf(segment, language),
  }));
  const warned = [
    ...claimed.filter((frequency) => !isSaid(frequency, said, taken)),
    ...swapped(claim, evidence, language),
  ];
  return warned.map(({ said }) => ({ code: "frequency_unsupported", detail: said }));
}

/** Frequencies of a drug of which the evidence says others, where it speaks of two or more. */
function swapped(claim: string, evidence: Segment[], language: string): Frequency[] {
  const mentioned = drugsOf(evidence);
  const named = evidence.flatMap((segment) => drugsIn(plainOf(segment, language), mentioned));
  if (new Set(named.flatMap(({ names }) => names)).size < 2) return [];
  const key = [language, ...mentioned].join(" ");
  const there = evidence.map((segment) => partsOf(segment, key));
  const others = there.flatMap(({ others }) => others);
  return partsIn(claim, mentioned, decimalOf(language), true).drugs.flatMap(
    ({ names, frequencies }) => {
      const own = there.flatMap(({ drugs }) => drugs)
        .filter((drug) => drug.names.some((name) => names.includes(name)));
      return own.some(({ frequencies }) => frequencies.length > 0)
        ? frequencies.filter((frequency) => !isSaid(frequency, [...own, ...others], true))
        : [];
    },
  );
}

function isSaid({ rate, moment, bare }: Frequency, there: Said[], taken: boolean): boolean {
  const rates = there.flatMap(({ frequencies }) => ratesOf(frequencies));
  const moments = there.flatMap(({ frequencies }) => frequencies)
    .flatMap(({ moment }) => moment ?? []);
  if (moment === "need") {
    return moments.includes(moment) || there.some(({ text }) => conditions().test(text));
  }
  if (moment === "regular") {
    return moments.includes(moment) || (!moments.includes("need") && (!taken || rates.length > 0));
  }
  // Symptoms have their times, too, and nobody says those in the same words.
  if (moment !== null) {
    return !bare || moments.includes(moment) ||
      (!taken && moments.every((other) => other === "need"));
  }
  // Where nothing is said of how often, once a day is meant.
  if (bare && rates.length === 0) {
    if (rate === 1 && (!taken || !moments.includes("need"))) return true;
    // "Swimming weekly": of what isn't taken, by a word for the week, or on Sundays.
    if (!taken && there.some(({ text }) => names(text, rate!))) return true;
  }
  return rates.some((other) => equal(other, rate!));
}

const periods = once(() =>
  PERIODS.map(([days, names]) => ({ rate: 1 / days, pattern: new RegExp(whole(names), "u") }))
);

/** Whether a text has a word for the period of a rate. */
const names = (text: string, rate: number) =>
  periods().some((period) => equal(period.rate, rate) && period.pattern.test(text)) ||
  (equal(rate, 1 / 7) && datesIn(text).some(({ key }) => key.startsWith("day ")));

/** Those of a segment; morning and evening are twice a day. */
function ratesOf(said: Frequency[]): number[] {
  const moments = new Set(said.map(({ moment }) => moment));
  const times =
    ["morning", "noon", "night"].filter((moment) => moments.has(moment as never)).length;
  return [...said.flatMap(({ rate }) => rate ?? []), ...times > 0 ? [times] : []];
}

const equal = (a: number, b: number) =>
  Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
