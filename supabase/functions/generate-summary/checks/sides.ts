/** Left, right, both. */
import type { Segment } from "../core/domain.ts";
import { once } from "../core/lazily.ts";
import { perSegment } from "./reading.ts";
import { LANGUAGES, LITTLE } from "./words/languages.ts";
import { normalize, stem, whole, words } from "./words/text.ts";
import type { Warning } from "./warnings.ts";

type Side = "left" | "right" | "both";

/** English words that look like sides: "right now", "all right", "left untreated", "left the". */
const NOT_A_SIDE = new RegExp(
  "\\b(?:all|that's|is|quite|are|you're) right\\b|\\bright (?:now|away|after|before|here|there|then)\\b|" +
    "(?:^|[.?!] )right[,.]|, right(?=[.?!]|$)|" +
    "\\bleft (?:the|a|an|his|her|my|their|untreated|over|home|work|out|behind|it|alone)\\b",
  "g",
);

const EACH = /\beach(?= (?:ear|eye|nostril|side|arm|hand|leg|knee|foot)\b)/g;

const ALL: Side[] = ["left", "right", "both"];

const patterns = once(() =>
  ALL.map((side) => ({
    side,
    pattern: new RegExp(
      // "You're" holds no German "re.".
      `(?<!['’])${whole(LANGUAGES.flatMap((language) => language[side]).join("|"))}`,
      "gu",
    ),
  }))
);

interface Clause {
  sides: { side: Side; said: string; parts: string[] }[];
  stems: Set<string>;
}

/** What the side is of: the words behind it. */
const partsOf = (rest: string) =>
  words(rest).slice(0, 3).filter((word) => word.length > 2).map(stem);

const AND = new RegExp(` (?:and|but|och|men|und|aber|aur|और|y|et) `, "u");
const anySide = once(() =>
  new RegExp(patterns().map(({ pattern }) => pattern.source).join("|"), "u")
);

/** "Left here and right there" are two: each part with its side. */
function apart(clause: string): string[] {
  const parts: string[] = [];
  for (const part of clause.split(AND)) {
    if (parts.length === 0 || anySide().test(parts.at(-1)!)) parts.push(part);
    else parts.push(`${parts.pop()} ${part}`);
  }
  if (parts.length > 1 && !anySide().test(parts.at(-1)!)) {
    const last = parts.pop()!;
    parts.push(`${parts.pop()} ${last}`);
  }
  return parts;
}

function clausesOf(text: string): Clause[] {
  return normalize(text).replace(NOT_A_SIDE, " ").replace(EACH, "both").split(/[.,;:!?।]+(?=\s|$)/)
    .flatMap(apart)
    .map((clause) => {
      const others = patterns().reduce((rest, { pattern }) => rest.replace(pattern, " "), clause);
      return {
        sides: patterns().flatMap(({ side, pattern }) => {
          const [match] = clause.matchAll(pattern);
          return match
            ? [{
              side,
              said: match[0],
              parts: partsOf(clause.slice(match.index + match[0].length)),
            }]
            : [];
        }),
        stems: stemsIn(others),
      };
    });
}

/** Of numbers, and of the words that name something. */
const stemsIn = (text: string) =>
  new Set(
    words(text).filter((word) => /\d/.test(word) || (word.length > 2 && !LITTLE.has(word))).map(
      stem,
    ),
  );

const pluralsIn = (text: string) =>
  new Set(words(text).filter((word) => word.length > 3 && word.endsWith("s")).map(stem));
const stemsOf = perSegment(({ text }) => stemsIn(text));
const sidedIn = perSegment(({ text }) => clausesOf(text).filter(({ sides }) => sides.length > 0));

/**
 * A side that the statement names and the evidence doesn't; where the evidence names both, one that
 * isn't in the clause that has most words in common with the statement's. Evidence that names none may
 * be about a part whose side was named last before it.
 */
export function sides(
  claim: string,
  evidence: Segment[],
  language: string,
  all: Segment[] = [],
): Warning[] {
  const sided = evidence.flatMap((segment) => sidedIn(segment, language));
  const said = new Set(sided.flatMap(({ sides }) => sides).map(({ side }) => side));
  if (said.has("left") && said.has("right")) said.add("both");

  const isSaid = (side: Side, stems: Set<string>) => {
    if (!said.has(side)) return false;
    const shared = sided.map((clause) => clause.stems.intersection(stems).size);
    const most = Math.max(...shared);
    return side === "both" || most < 1 ||
      sided.some((clause, index) =>
        shared[index] === most && clause.sides.some((other) => other.side === side)
      );
  };
  const isKnown = (side: Side, parts: string[], stems: Set<string>) => {
    // "Both legs": in the plural it is both that are spoken of.
    if (side === "both" && sided.length === 0) {
      return parts.some((part) => evidence.some(({ text }) => pluralsIn(text).has(part)));
    }
    const isAbout = evidence.some((segment) => stemsOf(segment, language).intersection(stems).size);
    if (sided.length > 0 || !isAbout) return false;
    const first = Math.min(...evidence.map((segment) => all.indexOf(segment)));
    const nearest = [...all.slice(0, first).reverse(), ...all.slice(first)]
      .map((segment) =>
        sidedIn(segment, language).filter(({ stems }) => parts.some((part) => stems.has(part)))
          .flatMap(({ sides }) => sides)
      ).find((sides) => sides.length > 0);
    return nearest !== undefined && nearest.every((other) => other.side === side);
  };
  return clausesOf(claim).flatMap(({ sides, stems }) =>
    sides.filter(({ side, parts }) => !isSaid(side, stems) && !isKnown(side, parts, stems))
      .map(({ said }): Warning => ({ code: "side_unsupported", detail: said }))
  );
}
