/** Drugs that the evidence doesn't name. */
import type { Segment } from "../core/domain.ts";
import { perSegment } from "./reading.ts";
import { isDrug, spelling } from "./words/drug_names.ts";
import { whole, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

/** Of a drug's name neither doses nor forms nor salts tell it from another. */
const FORMS = new Set(
  ("tab tablet tablets tablett tabletter tabletten cap capsule capsules kapsel kapslar syrup sirap saft " +
    "injection inj drops drop cream creme kräm ointment salve salva gel inhaler spray solution suspension lotion " +
    "patch pflaster plåster powder foam inhaled oral topical vitamin acid sodium potassium hydrochloride " +
    "maleate tartrate succinate sulfate sulphate the and or mit med und oder och eller forte plus retard depot " +
    "medicine medication tablette pills pill").split(" "),
);

/** A drug's name as the words that tell it: `Tab. Calpol 500` → calpol. */
function nameOf(drug: string): string[] {
  return words(drug).filter((word) => /^\p{L}{3,}/u.test(word) && !FORMS.has(word));
}

/** What a segment names, in its words, its mentions, and those mentions' international names. */
const named = perSegment(({ text, mentions }) => {
  const generic = mentions.generic ?? [];
  const texts = [
    text,
    ...mentions.drugs,
    ...generic.flatMap(({ said, generic }) => [said, generic]),
  ];
  return new Set(texts.flatMap(words).map(spelling));
});

/** "I take it": what that is was said a few turns before. */
const IT = new RegExp(
  whole(
    "it|that|them|this|these|those|one|den|det|dem|denna|es|sie|das|diese[nsr]?|isko|ise|yeh|ye|woh|wo|usko|इसे|इसको|यह|ये|वह|वो|उसे|उसको",
  ),
  "u",
);
const BEFORE = 4;

function spokenOf(evidence: Segment[], all: Segment[]): Segment[] {
  return evidence.flatMap((segment) => {
    const at = IT.test(segment.text.toLowerCase()) ? all.indexOf(segment) : 0;
    return all.length === evidence.length
      ? [segment]
      : [...all.slice(Math.max(0, at - BEFORE), Math.max(0, at)), segment];
  });
}

/** The whole of a phrase, in its order. */
function holds(text: string[], phrase: string[]): boolean {
  return phrase.length > 0 &&
    text.some((_, at) => phrase.every((word, index) => text[at + index] === word));
}

/**
 * Drugs of the claim that its evidence names neither in its text nor in its mentions: the one of its
 * medication, those that any segment mentions, those known by stem or name. A brand that nobody
 * mentions, in a sentence without a medication, is not recognised.
 */
export function drugs(
  claim: string,
  prescribed: string | null,
  evidence: Segment[],
  mentioned: string[],
  all: Segment[] = evidence,
): Warning[] {
  const there = spokenOf(evidence, all).map((segment) => named(segment, ""));
  const isThere = (word: string) => there.some((names) => names.has(spelling(word)));
  const claimed = words(claim);
  const spelt = claimed.map(spelling);
  const suspects = [
    ...claimed.filter(isDrug),
    ...mentioned.map(nameOf).filter((name) => holds(spelt, name.map(spelling))).flat(),
    ...nameOf(prescribed ?? ""),
  ];
  return [...new Set(suspects.filter((word) => !isThere(word)))]
    .map((detail) => ({ code: "drug_unsupported", detail }));
}
