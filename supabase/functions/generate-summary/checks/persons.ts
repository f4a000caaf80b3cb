/** Who it is about: a relative that the evidence doesn't speak of. */
import { once } from "../core/lazily.ts";
import type { Segment } from "../core/domain.ts";
import { perSegment, plainOf } from "./reading.ts";
import { plain } from "./words/denials.ts";
import { FAMILY, GROUPS, PERSONS } from "./words/persons.ts";
import { stem, whole, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

const patterns = once(() => [
  ...Object.entries(PERSONS).map(([person, names]): [RegExp, string[]] => [
    new RegExp(whole(names), "u"),
    [person],
  ]),
  ...GROUPS.map(([names, who]): [RegExp, string[]] => [new RegExp(whole(names), "u"), who]),
]);
const family = once(() => new RegExp(whole(FAMILY), "u"));

const COMMON = new Set(
  ("this that these those have been were with from they them their there also some very much more most patient " +
    "patienten patientin states reports says year years month months week weeks days time times come comes " +
    "going seem seems about around history problem problems symptom symptoms since when while medical past")
    .split(" "),
);

interface Clause {
  people: { who: string[]; said: string }[];
  stems: Set<string>;
}

const FAMILYS = once(() =>
  new RegExp(
    whole("family history|fhx?|hereditet|ärftlighet|familienanamnese|pariwarik|पारिवारिक"),
    "u",
  )
);
/** What "they have" was said just before. */
const IT = once(() =>
  new RegExp(whole("it|them|one|too|same|den|det|dem|också|samma|es|sie|das|auch|bhi|भी"), "u")
);

function clausesOf(text: string): Clause[] {
  let before = new Set<string>();
  return plain(text).split(/[.,;:!?।]+(?=\s|$)| (?:and|but|och|men|und|aber|aur|lekin|और|लेकिन) /)
    .filter((clause) => clause.trim() !== "")
    .map((clause) => {
      const people = patterns().flatMap(([pattern, who]) => {
        const said = pattern.exec(clause)?.[0];
        return said ? [{ who, said }] : [];
      });
      const names = new Set(people.flatMap(({ said }) => words(said)));
      const stems = new Set(
        words(clause).filter((word) => word.length > 3 && !names.has(word) && !COMMON.has(word))
          .map(stem),
      );
      const meant = IT().test(clause) ? stems.union(before) : stems;
      before = meant;
      return { people, stems: meant };
    });
}

const peopleIn = perSegment(({ speaker, text }) =>
  // The mother may be the one who speaks.
  clausesOf(`${speaker ?? ""}. ${text}`).filter(({ people }) => people.length > 0)
);

/** Whoever came along speaks: nobody says as what. */
const isCompanion = ({ speaker }: Segment) =>
  speaker !== null && !/^(?:doctor|nurse|patient|unknown)(?:[ _]?\d+)?$/.test(speaker);

/**
 * A person whom the evidence doesn't name; where it names several, one who isn't in the clause that
 * shares words with the statement's. `parents` may be a mother, and the family anybody of it.
 */
export function persons(claim: string, evidence: Segment[], language: string): Warning[] {
  const there = evidence.flatMap((segment) => peopleIn(segment, language));
  const named = new Set(there.flatMap(({ people }) => people.flatMap(({ who }) => who)));
  const anybody = evidence.some((segment) =>
    isCompanion(segment) || family().test(plainOf(segment, language))
  );

  const isSaid = (who: string[], stems: Set<string>) => {
    if (!who.some((person) => named.has(person))) return false;
    const shared = there.map((clause) => clause.stems.intersection(stems).size);
    const most = Math.max(...shared);
    return most === 0 ||
      there.some(({ people }, at) =>
        shared[at] === most &&
        people.some((other) => other.who.some((person) => who.includes(person)))
      );
  };
  const familys = FAMILYS().exec(plain(claim))?.[0];
  if (familys && !anybody && named.size === 0) {
    return [{ code: "person_unsupported", detail: familys }];
  }
  return clausesOf(claim).flatMap(({ people, stems }) =>
    people.filter(({ who }) => !isSaid(who, stems) && !(anybody && named.size === 0))
      .map(({ said }): Warning => ({ code: "person_unsupported", detail: said }))
  );
}
