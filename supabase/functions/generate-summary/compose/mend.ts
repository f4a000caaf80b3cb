/** Puts corrected statements into an answer: each alone, and only where nothing is lost by it. */
import { normalize, words } from "../checks/words/text.ts";
import { statementMaker } from "./assemble.ts";
import { objectionsTo } from "./judge.ts";
import { type CompositionAnswer, MendingAnswer, type StatementAnswer } from "./prompt.ts";
import type { Flagged } from "./repair_prompt.ts";
import type { NumberedSegment, Statement } from "./sections.ts";
import type { Template } from "./template.ts";

/** The statements of an answer that the checks object to, in its order. */
export function flaggedIn(
  { sections }: CompositionAnswer,
  segments: NumberedSegment[],
  template: Template,
): Flagged[] {
  const make = statementMaker(segments, template);
  return sections.flatMap(({ section, statements }) =>
    statements.map((statement): Flagged => {
      const { text, warnings } = make(statement);
      return { section, statement, faults: objectionsTo(section, text, warnings) };
    })
  ).filter(({ faults }) => faults.length > 0);
}

/**
 * The answer with those statements of the model's second one in their place that have fewer faults and lose
 * nothing; null when there is none. `value` is JSON that nobody has looked at.
 */
export function mended(
  answer: CompositionAnswer,
  flagged: Flagged[],
  value: unknown,
  segments: NumberedSegment[],
  template: Template,
): CompositionAnswer | null {
  const make = statementMaker(segments, template);
  const drugs = segments.flatMap(({ mentions: { drugs, generic = [] } }) => [
    ...drugs,
    ...generic.flatMap((names) => [names.said, names.generic]),
  ]);
  /** Of what a statement cites, also where it is said in words. */
  const quantities = ({ evidence }: Statement) =>
    segments.filter(({ id }) => evidence.some(({ segment }) => segment === id))
      .flatMap(({ text, mentions }) => [text, ...mentions.quantities]).join(" . ");
  const { data } = MendingAnswer.safeParse(value);
  const taken = new Map<StatementAnswer, StatementAnswer>();
  for (const { n, ...given } of data?.statements ?? []) {
    const one = flagged[n - 1];
    if (!one || taken.has(one.statement)) continue;
    const [before, after] = [make(one.statement), make(given)];
    const faults = objectionsTo(one.section, after.text, after.warnings);
    if (faults.length >= one.faults.length) continue;
    if (!loses(before, after, one.faults, quantities(after), drugs)) {
      taken.set(one.statement, given);
    }
  }
  if (taken.size === 0) return null;
  return {
    ...answer,
    sections: answer.sections.map((section) => ({
      ...section,
      statements: section.statements.map((statement) => taken.get(statement) ?? statement),
    })),
  };
}

/** Whether a number or a drug that nobody objected to is gone, a number without another one, or all of it. */
function loses(
  before: Statement,
  after: Statement,
  faults: Flagged["faults"],
  evidence: string,
  drugs: string[],
): boolean {
  const [was, is] = [before, after].map(claimOf);
  const objected = faults.map(({ detail }) => detail).join(" . ");
  const kept = numbersIn(is);
  const gone = numbersIn(was).filter((number) => !kept.includes(number));
  return words(after.text).length === 0 ||
    gone.some((number) => !numbersIn(objected).includes(number)) ||
    gone.length > 0 && numbersIn(evidence).some((number) => !kept.includes(number)) &&
      kept.length < numbersIn(was).length ||
    drugs.some((drug) => names(was, drug) && !names(objected, drug) && !names(is, drug));
}

const claimOf = ({ text, medication }: Statement) =>
  [text, ...Object.values(medication ?? {}).filter((field) => field !== null)].join(" . ");

const numbersIn = (text: string): string[] => normalize(text).match(/\d+(?:\.\d+)?/g) ?? [];

const names = (text: string, drug: string) =>
  ` ${words(text).join(" ")} `.includes(` ${words(drug).join(" ")} `);
