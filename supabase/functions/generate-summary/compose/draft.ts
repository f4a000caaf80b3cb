/** An answer that was paid for and has faults: kept, so that whoever goes on pays for its repair only. */
import { z } from "zod";
import { Usage } from "../core/domain.ts";
import { PROMPT_VERSION } from "../core/prompt_version.ts";

export const StoredDraft = z.object({
  /** As `inputOf` gives it. */
  input: z.string(),
  /** The model's answer: JSON, clinical. */
  value: z.json(),
  /** The model that gave it. */
  model: z.string(),
  /** What it cost. */
  usage: Usage,
});
export type StoredDraft = z.infer<typeof StoredDraft>;

/** What a draft is the answer to: SHA-256 in hex, of the prompt's version and the composition's input. */
export async function inputOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${PROMPT_VERSION}\n${text}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The draft, when it is one and the answer to this input. */
export function fittingDraft(stored: unknown, input: string): StoredDraft | null {
  const { data } = StoredDraft.safeParse(stored);
  return data?.input === input ? data : null;
}
