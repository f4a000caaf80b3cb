/** Numbers belong to something: a dose to its drug, a value to its measure. */
import type { Segment } from "../core/domain.ts";
import { drugsIn, drugsOf, measuresIn, reaches, SENTENCE } from "./anchors.ts";
import { perSegment, spokenIn } from "./reading.ts";
import { spelling } from "./words/drug_names.ts";
import { withDigits } from "./words/number_words.ts";
import { decimalOf, normalize, whole, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

interface Bound {
  number: string;
  /** The anchors that it may be of. */
  of: string[];
  said: string;
}

/** A dose, a value, a pair. Times, dates and durations are of the whole sentence. */
const NUMBER =
  /(?<![\p{L}\d./:-])(\d+(?:\.\d+)?(?: ?(?:\/|over|över|zu|बटा) ?\d+)?)(?!\d|[.:/-]\d|(?:st|nd|rd|th)\b)/gu;
const TIME = new RegExp(
  `^ ?-?(?:${
    whole(
      "times?|x|days?|weeks?|months?|years?|hours?|minutes?|year-old|gånger|gång|dagar|dag|veckor|vecka|månader|månad|år|timmar|timme|mal|tage?|tagen|wochen?|monate?|monaten|jahre?|stunden?|baar|bar|din|hafte|mahine|saal|ghante|बार|दिन|हफ्ते|हफ़्ते|महीने|साल|घंटे|o'clock|am|pm|uhr|of the|a day|daily",
    )
  })`,
  "u",
);
const hasNumber = (text: string) => /\d/.test(text);

/** The numbers of a text, each with the anchors that it may be of in its sentence. */
function boundIn(text: string, drugs: Set<string>, written = false): Bound[] {
  return text.split(SENTENCE).flatMap((sentence) => {
    const anchors = [...drugsIn(sentence, drugs), ...measuresIn(sentence)]
      .sort((a, b) => a.at - b.at);
    const reaching = reaches(sentence, anchors, hasNumber, written);
    return [...sentence.matchAll(NUMBER)]
      .filter(({ 0: said, index }) => !TIME.test(sentence.slice(index + said.length)))
      .map(({ 0: said, 1: number, index }) => {
        const behind = anchors.find(({ at }) => at >= index + said.length);
        // "5 mg of ramipril": of that alone.
        const direct = behind &&
          /^ ?(?:mg|g|ml|mcg|units?|milligrams?|grams?|micrograms?)? ?(?:of|av|von|की|का)? ?$/u
            .test(sentence.slice(index + said.length, behind.at));
        const of = direct
          ? [behind]
          : reaching.filter(({ from, to }) => from <= index && index < to);
        return { number: plainNumber(number), of: of.flatMap(({ names }) => names), said };
      });
  });
}

const plainNumber = (number: string) =>
  number.replace(/ ?(?:over|över|zu|बटा|\/) ?/u, "/").split("/").map(Number).join("/");

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
