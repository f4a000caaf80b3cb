/** The summary as Markdown: what a doctor pastes into a record. */
import { languageOf } from "../checks/words/languages.ts";
import { type Warning, WARNINGS } from "../checks/warnings.ts";
import type { Section, Statement } from "./sections.ts";
import type { Template } from "./template.ts";

/**
 * Markdown of the sections that say something or carry a warning: a heading each, a list item each
 * statement, below it the fields of a structured prescription. What could not be verified is marked
 * `⚠`. Holds no segment ids, and nothing in the texts acts as Markdown, HTML or a direction control.
 */
export function renderMarkdown(sections: Section[], template: Pick<Template, "language">): string {
  const check = languageOf(template.language)?.check ?? "check";
  return sections
    .filter(({ statements, warnings }) => statements.length > 0 || warnings.length > 0)
    .map(({ heading, statements, warnings }) =>
      [`## ${plain(heading)}${mark(warnings, check)}`, ""].concat(
        statements.flatMap((statement) => item(statement, check)),
      ).join("\n").trimEnd()
    ).join("\n\n") + "\n";
}

function item({ text, medication, warnings }: Statement, check: string): string[] {
  const lines = [`- ${plain(text)}${mark(warnings, check)}`];
  if (medication) {
    const { drug, ...rest } = medication;
    const fields = [drug && `**${plain(drug)}**`, ...Object.values(rest).map((f) => f && plain(f))];
    if (fields.some(Boolean)) lines.push(`  - ${fields.filter(Boolean).join(" · ")}`);
  }
  return lines;
}

function mark(warnings: Warning[], check: string): string {
  if (warnings.length === 0) return "";
  const quoted = warnings.filter(({ code, detail }) => WARNINGS[code].quotable && detail)
    .map(({ detail }) => plain(detail));
  return ` ⚠ ${[check, [...new Set(quoted)].join(", ")].filter(Boolean).join(": ")}`;
}

/** One line in which nothing can become markup, and nothing is hidden. */
function plain(text: string): string {
  return text.toWellFormed()
    // Invisible characters and direction controls; joiners stay where Indic and Arabic letters need them.
    .replace(/(?![\u200c\u200d])\p{Cf}|(?<![\p{M}\p{Script=Arabic}])[\u200c\u200d]/gu, "")
    .replace(/[\s\p{Cc}\p{Z}]+/gu, " ").trim()
    .replace(/[\\`*_[\]{}|~$#]/g, "\\$&")
    .replace(/^[-+>]|(?<=^\d+)[.)]/, "\\$&")
    .replace(/&(?=[a-z][a-z0-9]*;)/gi, "&amp;")
    .replace(/<(?=[a-z/!?])/gi, "&lt;")
    // What GitHub-flavoured Markdown makes links of by itself.
    .replace(/:(?=\/\/)|(?<=www)\.|@/gi, "\\$&");
}
