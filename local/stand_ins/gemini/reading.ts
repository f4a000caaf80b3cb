/**
 * What the stand-in says as a second reader. It understands nothing: it compares words and numbers, and
 * is kind where they differ in wording alone.
 */
import { z } from "zod";
import type { ReadingLapse } from "./lapses.ts";

export const Reading = z.object({
  turns: z.array(z.object({ id: z.string(), text: z.string() })),
  statements: z.array(z.object({
    n: z.number(),
    text: z.string(),
    turns: z.array(z.string()),
  })),
  lacking: z.array(z.object({ drug: z.string(), turns: z.array(z.string()) })),
});
type Reading = z.infer<typeof Reading>;

export function read({ turns, statements, lacking }: Reading, lapse: ReadingLapse) {
  const texts = new Map(turns.map(({ id, text }) => [id, text]));
  const judged = statements.map((statement) => {
    const said = statement.turns.map((id) => texts.get(id) ?? "").join(" ");
    const { verdict, words } = compare(statement.text, said, lapse.says);
    return {
      n: lapse.strangers ? statement.n + statements.length : statement.n,
      words: lapse.misquotes ? ["words that stand nowhere"] : words,
      aspect: verdict === "supported" ? null : "finding",
      verdict,
    };
  });
  return {
    // As many as the schema asks for.
    verdicts: judged.map((verdict, index) =>
      index < judged.length - (lapse.skips ?? 0) ? verdict : judged[0]
    ),
    left_out: lacking.map(({ drug, turns: [turn] }) => ({
      turns: [lapse.invents ? `${turn}0000` : turn],
      // In the words that were used: it can't say it in fewer.
      text: `${drug}: ${texts.get(turn)}`,
    })),
  };
}

const DIGITS = "zero one two three four five six seven eight nine ten".split(" ");

/** "partly" where a number is not there, "not_said" where no word of any length is. */
function compare(text: string, said: string, says?: ReadingLapse["says"]) {
  const there = said.toLowerCase().replace(
    /\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b/g,
    (word) => `${DIGITS.indexOf(word)}`,
  );
  const numbers = text.match(/\d+(?:[.,]\d+)?/g) ?? [];
  const long = text.match(/\p{L}[\p{L}\p{M}]{3,}/gu) ?? [];
  const without = numbers.filter((number) => !there.includes(number));
  const known = long.filter((word) => there.includes(word.slice(0, 4).toLowerCase()));
  const verdict = says ??
    (long.length > 0 && known.length === 0
      ? "not_said"
      : without.length > 0 && /\d/.test(there)
      ? "partly"
      : "supported");
  const words = verdict === "supported" ? [] : without.length > 0 ? without : long.slice(0, 1);
  return { verdict, words };
}
