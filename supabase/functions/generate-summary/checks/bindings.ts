/** Numbers belong to something: a dose to its drug, a value to its measure. */
import { once } from "../core/lazily.ts";
import type { Segment } from "../core/domain.ts";
import { perSegment, spokenIn } from "./reading.ts";
import { isDrug, spelling } from "./words/drug_names.ts";
import { MEASURES } from "./words/measures.ts";
import { withDigits } from "./words/number_words.ts";
import { decimalOf, normalize, whole, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** What numbers may be of, where it stands in the text. */
interface Anchor {
  /** Several of a name in two words: insulin glargine. */
  names: string[];
  at: number;
  end: number;
}

interface Bound {
  number: string;
  /** The anchors that it may be of. */
  of: string[];
  said: string;
}

const measures = once(() =>
  Object.entries(MEASURES).map(([name, words]): [string, RegExp] => [
    name,
    new RegExp(whole(words), "gu"),
  ])
);
/** A dose, a value, a pair. Times, dates and durations are of the whole sentence. */
const NUMBER =
  /(?<![\p{L}\d./:-])(\d+(?:\.\d+)?(?: ?(?:\/|over|över|zu|बटा) ?\d+)?)(?!\d|[.:/-]\d|(?:st|nd|rd|th)\b)/gu;
const TIME = new RegExp(
  `^ ?-?(?:${
    whole(
      "times?|x|days?|weeks?|months?|years?|hours?|minutes?|year-old|gånger|gång|dagar|dag|veckor|vecka|månader|månad|år|timmar|timme|mal|tage?|tagen|wochen?|monate?|monaten|jahre?|stunden?|baar|bar|din|hafte|mahine|saal|ghante|बार|दिन|हफ्ते|हफ़्ते|महीने|साल|घंटे|o'clock|am|pm|uhr|refills?|of the|a day|daily",
    )
  })`,
  "u",
);
const SENTENCE = /[.;!?।]+(?=\s|$)/u;

function anchorsIn(text: string, drugs: Set<string>): Anchor[] {
  const found: Anchor[] = [];
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{M}]{3,}/gu)) {
    if (isDrug(word) || drugs.has(spelling(word))) {
      const last = found.at(-1);
      if (last && index - last.end <= 1) {
        last.names.push(spelling(word));
        last.end = index + word.length;
      } else found.push({ names: [spelling(word)], at: index, end: index + word.length });
    }
  }
  for (const [name, pattern] of measures()) {
    for (const { 0: word, index } of text.matchAll(pattern)) {
      found.push({ names: [name], at: index, end: index + word.length });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The numbers of a text, each with the anchors nearest before and behind it in its sentence. */
function boundIn(text: string, drugs: Set<string>, written = false): Bound[] {
  return text.split(SENTENCE).flatMap((sentence) => {
    const anchors = anchorsIn(sentence, drugs);
    return [...sentence.matchAll(NUMBER)]
      .filter(({ 0: said, index }) => !TIME.test(sentence.slice(index + said.length)))
      .map(({ 0: said, 1: number, index }) => {
        const behind = anchors.find(({ at }) => at >= index + said.length);
        const before = anchors.findLast(({ end }) => end <= index);
        // "5 mg of ramipril": of that alone.
        const direct = behind &&
          /^ ?(?:mg|g|ml|mcg|units?|milligrams?|grams?|micrograms?)? ?(?:of|av|von|की|का)? ?$/u
            .test(sentence.slice(index + said.length, behind.at));
        // A note names a thing before its number; speech does either.
        const of = direct ? [behind] : written && before ? [before] : [before, behind];
        return {
          number: plainNumber(number),
          of: of.flatMap((anchor) => anchor?.names ?? []),
          said,
        };
      });
  });
}

const plainNumber = (number: string) =>
  number.replace(/ ?(?:over|över|zu|बटा|\/) ?/u, "/").split("/").map(Number).join("/");

const drugsOf = (evidence: Segment[]) =>
  new Set(
    evidence.flatMap(({ mentions }) => [
      ...mentions.drugs,
      ...(mentions.generic ?? []).flatMap(({ said, generic }) => [said, generic]),
    ]).flatMap(words).filter((word) => /^\p{L}{3,}/u.test(word)).map(spelling),
  );

/** What a segment binds, by the language and the drugs that are mentioned: `en ramipril warfarin`. */
const boundOf = perSegment((segment, key): Bound[] => {
  const [language, ...drugs] = key.split(" ");
  const text = normalize(segment.text, decimalOf(spokenIn(segment, language)));
  const bound = boundIn(withDigits(text), new Set(drugs));
  // A drug that it mentions and has no word for in that spelling may have any of its numbers.
  const written = new Set(words(text).map(spelling));
  return [...drugsOf([segment])].every((drug) => written.has(drug))
    ? bound
    : bound.map((one) => ({ ...one, of: [] }));
});

/**
 * A number of one thing that the evidence says of others alone, where it names two or more. What has
 * no name beside it in its segment may be of any: an answer says "five milligrams".
 */
export function bindings(claim: string, evidence: Segment[], language: string): Warning[] {
  const drugs = drugsOf(evidence);
  const claimed = boundIn(withDigits(normalize(claim, decimalOf(language))), drugs, true);
  if (claimed.length === 0) return [];
  const key = [language, ...drugs].join(" ");
  const there = evidence.flatMap((segment) => boundOf(segment, key));
  const named = new Set(there.flatMap(({ of }) => of));
  if (named.size < 2) return [];
  return claimed.filter(({ number, of }) => {
    const same = there.filter((other) => other.number === number);
    return of.length > 0 && named.has(of[0]) && same.length > 0 &&
      same.every((other) => other.of.length > 0 && !of.some((one) => other.of.includes(one)));
  }).map(({ said }) => ({ code: "number_elsewhere", detail: said }));
}
