/** Implicit caching: a prompt that begins as an earlier one did costs less for what is equal. */
import { CHARACTERS_PER_TOKEN, type PromptPiece, sum, type TokenCount } from "./tokens.ts";

/** Tokens: a shorter beginning is not cached. */
const LEAST_TOKENS = 4096;

export class PromptCache {
  #seen: { model: string; prompt: PromptPiece[] }[] = [];

  /** The tokens, by what they are, of the longest beginning seen before; the prompt is seen now. */
  look(model: string, prompt: PromptPiece[]): TokenCount[] {
    let best: TokenCount[] = [];
    for (const earlier of this.#seen) {
      if (earlier.model !== model) continue;
      const common = beginning(prompt, earlier.prompt);
      if (sum(common) > sum(best)) best = common;
    }
    this.#seen.push({ model, prompt });
    return sum(best) >= LEAST_TOKENS ? best : [];
  }

  clear(): void {
    this.#seen = [];
  }
}

/** What two prompts have in common before they differ. */
function beginning(one: PromptPiece[], other: PromptPiece[]): TokenCount[] {
  const counts: TokenCount[] = [];
  for (const [index, { content, count }] of one.entries()) {
    const length = commonLength(content, other[index]?.content ?? "");
    const whole = length === content.length;
    if (count.modality === "TEXT") {
      counts.push({ modality: "TEXT", tokenCount: Math.floor(length / CHARACTERS_PER_TOKEN) });
    } else if (whole) counts.push(count);
    if (!whole) break;
  }
  return byModality(counts);
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** One count for each modality. */
function byModality(counts: TokenCount[]): TokenCount[] {
  return [...Map.groupBy(counts, ({ modality }) => modality)]
    .map(([modality, all]) => ({ modality, tokenCount: sum(all) }))
    .filter(({ tokenCount }) => tokenCount > 0);
}
