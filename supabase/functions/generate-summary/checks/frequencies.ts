/** How often, and when in the day: a claim's against its evidence's, read by one function. */
import type { Segment } from "../core/domain.ts";
import { numbersOf } from "./reading.ts";
import { namesDrug } from "./words/drug_names.ts";
import { type Frequency } from "./words/frequencies.ts";
import { quantitiesIn } from "./words/quantities.ts";
import { decimalOf, normalize, whole, words } from "./words/text.ts";
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

/** A frequency that the evidence doesn't say. */
export function frequencies(claim: string, evidence: Segment[], language: string): Warning[] {
  const claimed = quantitiesIn(claim, decimalOf(language));
  if (claimed.frequencies.length === 0) return [];
  const there = evidence.map((segment) => numbersOf(segment, language).frequencies);
  const rates = there.flatMap(ratesOf);
  const claimedWords = new Set(words(claim));
  const taken = claimed.quantities.some(({ unit }) => DOSE.has(unit!)) || namesDrug(claim) ||
    evidence.some(({ mentions }) =>
      mentions.drugs.some((drug) => claimedWords.has(words(drug)[0]))
    );

  const isSaid = ({ rate, moment, bare }: Frequency) => {
    const moments = there.flat().flatMap((said) => said.moment ?? []);
    if (moment === "need") {
      return moments.includes(moment) ||
        evidence.some(({ text }) => conditions().test(normalize(text)));
    }
    if (moment === "regular") {
      return moments.includes(moment) ||
        (!moments.includes("need") && (!taken || rates.length > 0));
    }
    // Symptoms have their times, too, and nobody says those in the same words.
    if (moment !== null) {
      return !bare || moments.includes(moment) ||
        (!taken && moments.every((other) => other === "need"));
    }
    // Where nothing is said of how often, once a day is meant.
    if (bare && rates.length === 0 && (!taken || (rate === 1 && !moments.includes("need")))) {
      return true;
    }
    return rates.some((other) => equal(other, rate!));
  };
  return claimed.frequencies.filter((frequency) => !isSaid(frequency))
    .map(({ said }) => ({ code: "frequency_unsupported", detail: said }));
}

/** Those of a segment; morning and evening are twice a day. */
function ratesOf(said: Frequency[]): number[] {
  const moments = new Set(said.map(({ moment }) => moment));
  const times =
    ["morning", "noon", "night"].filter((moment) => moments.has(moment as never)).length;
  return [...said.flatMap(({ rate }) => rate ?? []), ...times > 0 ? [times] : []];
}

const equal = (a: number, b: number) =>
  Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
