/** An answer that was paid for: kept, so that whoever goes on pays only for what is to be done with it. */
import { z } from "zod";
import { Usage } from "../core/domain.ts";
import { PROMPT_VERSION } from "../core/prompt_version.ts";

export const StoredDraft = z.object({
  /** As `hashOf` gives it for the composition's input. */
  input: z.string(),
  /** The model's answer: JSON, clinical. */
  value: z.json(),
  /** The model that gave it. */
  model: z.string(),
  /** What it cost. */
  usage: Usage,
  /** Nothing is to be repaired any more: what is left is a second reader's. */
  settled: z.literal(true).optional(),
  /** What the second reader said of it, for himself to read again: JSON, clinical. */
  reading: z.json().optional(),
});
export type StoredDraft = z.infer<typeof StoredDraft>;

/** What something is the answer to: SHA-256 in hex, of the prompt's version and of these texts. */
export async function hashOf(...texts: string[]): Promise<string> {
  const bytes = new TextEncoder().encode([PROMPT_VERSION, ...texts].join("\n"));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The draft, when it is one and the answer to this input. */
export function fittingDraft(stored: unknown, input: string): StoredDraft | null {
  const { data } = StoredDraft.safeParse(stored);
  return data?.input === input ? data : null;
}
