/** Makes warnings of what a second reader says, and mistrusts it: the summary itself stays as it is. */
import { words } from "../checks/words/text.ts";
import type { Warning } from "../checks/warnings.ts";
import { statementMaker } from "../compose/assemble.ts";
import { phrasesIn } from "../compose/phrases.ts";
import type { NumberedSegment, Section, Statement } from "../compose/sections.ts";
import type { Template } from "../compose/template.ts";
import { claimOf, statementsOf } from "./input.ts";
import type { ReadingAnswer } from "./prompt.ts";

type Verdict = ReadingAnswer["verdicts"][number];

/**
 * The sections with what he doubts as warnings, and with what was said and left out as a section of its
 * own at their end, which is checked as any other. A statement without a verdict is `unverified`; a
 * verdict about none, a quote that is not in its statement and an omission that nobody said are dropped.
 */
export function withVerdicts(
  sections: Section[],
  { verdicts, left_out }: ReadingAnswer,
  segments: NumberedSegment[],
  template: Template,
): Section[] {
  const byNumber = new Map<number, Verdict>();
  for (const verdict of verdicts) {
    const earlier = byNumber.get(verdict.n);
    // Of two, the one that doubts.
    if (!earlier || earlier.verdict === "supported") byNumber.set(verdict.n, verdict);
  }
  let n = 0;
  const judged = sections.map((section) => ({
    ...section,
    statements: section.statements.map((statement): Statement => ({
      ...statement,
      warnings: [...statement.warnings, ...doubts(statement, byNumber.get(++n))],
    })),
  }));
  const omitted = omissions(left_out, sections, segments, template);
  if (omitted.length === 0) return judged;
  const { leftOut: heading } = phrasesIn(template.language);
  const warnings: Warning[] = [{ code: "left_out", detail: "" }];
  return [...judged, { section: "left_out", heading, statements: omitted, warnings }];
}

function doubts(statement: Statement, verdict: Verdict | undefined): Warning[] {
  if (!verdict) return [{ code: "unverified", detail: "" }];
  if (verdict.verdict === "supported") return [];
  const claim = ` ${words(claimOf(statement)).join(" ")} `;
  const quotes = verdict.words.filter((quote) => {
    const quoted = words(quote).join(" ");
    return quoted && claim.includes(` ${quoted} `);
  });
  return [{
    code: `reader_${verdict.verdict}`,
    detail: quotes.map((quote) => quote.trim()).join(", "),
    aspect: verdict.aspect ?? "other",
  }];
}

function omissions(
  leftOut: ReadingAnswer["left_out"],
  sections: Section[],
  segments: NumberedSegment[],
  template: Template,
): Statement[] {
  const make = statementMaker(segments, template);
  const key = (text: string) => words(text).join(" ");
  const said = new Set(["", ...statementsOf(sections).map(({ text }) => key(text))]);
  const made = leftOut.map(({ turns, text }) => make({ text, evidence: turns, medication: null }));
  return made.filter(({ text, evidence }) => {
    const known = said.has(key(text));
    said.add(key(text));
    return !known && evidence.length > 0;
  });
}
