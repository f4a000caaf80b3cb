/** Sections missing, added, or out of order. */
import type { Warning } from "../checks/warnings.ts";
import type { Section } from "./sections.ts";

/**
 * The sections in the order asked for, those added at the end; one given twice is joined, a missing
 * one stands there empty. Each of these but the joining is a warning on its section.
 */
export function arrange(given: Omit<Section, "warnings">[], asked: string[]): Section[] {
  const joined = new Map<string, Section>();
  let furthest = -1;
  for (const { section, heading, statements } of given) {
    const first = joined.get(section);
    if (first) {
      first.statements.push(...statements);
      continue;
    }
    const place = asked.indexOf(section);
    const warnings: Warning[] = [];
    if (place === -1) warnings.push({ code: "section_added", detail: section });
    else if (place < furthest) warnings.push({ code: "section_out_of_order", detail: section });
    furthest = Math.max(furthest, place);
    joined.set(section, { section, heading: heading || named(section), statements, warnings });
  }
  const missing = (section: string): Section => ({
    section,
    heading: named(section),
    statements: [],
    warnings: [{ code: "section_missing", detail: section }],
  });
  return [
    ...asked.map((section) => joined.get(section) ?? missing(section)),
    ...[...joined.values()].filter(({ section }) => !asked.includes(section)),
  ];
}

/** `follow_up` → `Follow up`. */
function named(section: string): string {
  const words = section.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
