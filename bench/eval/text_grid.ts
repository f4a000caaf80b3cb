/** Praat's TextGrid, as PriMock57 has it: one tier a file, intervals that are mostly silent. */
import type { Segment } from "../../supabase/functions/generate-summary/core/domain.ts";

export const spoken = (speaker: string, text: string, start: number | null): Segment => ({
  kind: "speech",
  speaker,
  start,
  text: text.replace(/\s+/g, " ").trim(),
  mentions: { drugs: [], quantities: [] },
});

/** What one speaker says. */
export interface Tier {
  speaker: string;
  seconds: number;
  turns: Segment[];
}

const INTERVAL =
  /intervals \[\d+\]:\s*xmin = ([\d.]+)\s*xmax = ([\d.]+)\s*text = "((?:[^"]|"")*)"/g;

export function tierOf(grid: string, speaker: string): Tier {
  const intervals = [...grid.matchAll(INTERVAL)];
  const turns = intervals.map(([, from, , text]) => spoken(speaker, cleaned(text), Number(from)))
    .filter(({ text }) => text);
  return { speaker, seconds: Number(intervals.at(-1)?.[2] ?? 0), turns };
}

/** `<UNSURE>` stands around words that may have been others, `<UNIN/>` for what nobody could make out. */
const cleaned = (text: string) =>
  text.replaceAll('""', '"').replace(/<UNIN\/>/g, "[unclear]").replace(/<\/?[A-Z_]+\/?>/g, "");

/** Both speakers' turns, in the order in which they begin. */
export function mergedTurns(tiers: Tier[]): Segment[] {
  return tiers.flatMap(({ turns }) => turns).sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
}
