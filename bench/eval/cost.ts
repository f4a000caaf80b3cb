/** What an evaluation will cost, before it does, and what it did. */
import type { Usage } from "../../supabase/functions/generate-summary/core/domain.ts";
import type { Case } from "./cases.ts";

interface Prices {
  input: number;
  cached: number;
  output: number;
}

/** Dollars for a million tokens, https://ai.google.dev/gemini-api/docs/pricing, November 2026. */
const PRICES: Record<string, Prices> = {
  "gemini-3.8-flash": { input: 0.75, cached: 0.075, output: 3.75 },
  "gemini-3.6-flash": { input: 1.5, cached: 0.15, output: 7.5 },
  "gemini-3.5-flash-lite": { input: 0.3, cached: 0.03, output: 2.5 },
};
/** A model that is not here costs as much as the dearest. */
const DEAREST: Prices = PRICES["gemini-3.6-flash"];

export function dollarsOf(
  { input_tokens, cached_tokens, output_tokens }: Omit<Usage, "calls">,
  model: string,
): number {
  const { input, cached, output } = PRICES[model] ?? DEAREST;
  return ((input_tokens - cached_tokens) * input + cached_tokens * cached +
    output_tokens * output) / 1e6;
}

const CHARACTERS_PER_TOKEN = 4;
const AUDIO_TOKENS_PER_SECOND = 32;
/** Words that are heard, with their mentions, and thoughts. */
const OUTPUT_PER_SECOND = 10;
/** Instructions and schema of a call. */
const INSTRUCTIONS = 2000;
/** What a composition, a repair or a reading gives, thoughts included: seen of like models, rounded up. */
const [COMPOSED, REPAIRED, READ] = [4000, 2000, 3000];

/** Dollars at the most that is likely: every summary is repaired, and each fault is read about once. */
export function estimate(cases: Case[], model: string, faults: number): number {
  return cases.reduce((sum, { recordings }) => {
    const seconds = recordings.reduce((all, { audio }) => all + (audio?.seconds ?? 0), 0);
    const characters = JSON.stringify(recordings.map(({ segments }) => segments)).length;
    const said = characters / CHARACTERS_PER_TOKEN;
    const readings = 1 + faults;
    return sum + dollarsOf({
      input_tokens: seconds * AUDIO_TOKENS_PER_SECOND + (2 + readings) * (said + INSTRUCTIONS),
      audio_tokens: 0,
      cached_tokens: 0,
      output_tokens: seconds * OUTPUT_PER_SECOND + COMPOSED + REPAIRED + readings * READ,
    }, model);
  }, 0);
}
