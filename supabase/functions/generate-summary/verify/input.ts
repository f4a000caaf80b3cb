/** What a second reader is given: each statement, the turns that it is to be judged by, and what is in none. */
import { words } from "../checks/words/text.ts";
import type { NumberedSegment, Section, Statement } from "../compose/sections.ts";
import type { Template } from "../compose/template.ts";
import { READING_TASK } from "./prompt.ts";

/** One JSON text, the turns first; statements are numbered from 1, as `statementsOf` lists them. */
export function readingInput(
  sections: Section[],
  segments: NumberedSegment[],
  { language }: Pick<Template, "language">,
): string {
  const statements = statementsOf(sections);
  const place = new Map(segments.map(({ id }, index) => [id, index]));
  const cited = new Set(statements.flatMap(citedBy));
  /** With the one before and the one after, of the same recording. */
  const around = (id: string) => {
    const index = place.get(id)!;
    return [index - 1, index, index + 1].filter((near) =>
      segments[near]?.recording === segments[index].recording
    );
  };
  return JSON.stringify({
    turns: segments.map(({ id, speaker, kind, text }) => ({ id, by: speaker ?? kind, text })),
    statements: statements.map((statement, index) => {
      const cites = citedBy(statement);
      const turns = [...new Set(cites.flatMap(around))].sort((a, b) => a - b);
      return {
        n: index + 1,
        text: claimOf(statement),
        cites,
        turns: turns.map((near) => segments[near].id),
      };
    }),
    uncited: segments.map(({ id }) => id).filter((id) => !cited.has(id)),
    lacking: lacking(statements, segments),
    language,
    task: READING_TASK,
  });
}

export function statementsOf(sections: Section[]): Statement[] {
  return sections.flatMap(({ statements }) => statements);
}

/** What a statement says, the fields of its medicine included. */
export function claimOf({ text, medication }: Pick<Statement, "text" | "medication">): string {
  const fields = Object.values(medication ?? {}).filter((field) => field !== null);
  return fields.length > 0 ? `${text} (${fields.join(", ")})` : text;
}

const citedBy = ({ evidence }: Statement) => evidence.map(({ segment }) => segment);

/** The drugs that the summary names nowhere, by neither of their names, and the turns that do. */
function lacking(statements: Statement[], segments: NumberedSegment[]) {
  const said = new Set(statements.flatMap((statement) => words(claimOf(statement))));
  const turns = new Map<string, string[]>();
  for (const { id, mentions: { drugs, generic = [] } } of segments) {
    for (const drug of drugs) {
      const other = generic.filter((names) => names.said === drug || names.generic === drug);
      const names = [drug, ...other.flatMap((names) => [names.said, names.generic])];
      if (names.some((name) => words(name).every((word) => said.has(word)))) continue;
      turns.set(drug, [...turns.get(drug) ?? [], id]);
    }
  }
  return [...turns].map(([drug, ids]) => ({ drug, turns: ids }));
}
