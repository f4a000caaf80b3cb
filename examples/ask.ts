/** Asking for a summary, and waiting for it. */
import { FunctionsHttpError, type SupabaseClient } from "@supabase/supabase-js";
import {
  type AcceptedAnswer,
  type ErrorAnswer,
  ERRORS,
  type SummaryAnswer,
} from "../clients/answers.ts";
import type { Database } from "../clients/types.ts";

/** `language` is any, in words: "Swedish". By default the consultation's or the clinic's. */
export async function askForSummary(
  supabase: SupabaseClient<Database>,
  consultationId: string,
  language?: string,
): Promise<SummaryAnswer | AcceptedAnswer> {
  const { data, error } = await supabase.functions.invoke("generate-summary", {
    body: {
      consultation_id: consultationId,
      ...(language ? { template_config: { language } } : {}),
    },
  });
  if (!error) return data;
  // Nobody answered: the network is away.
  if (!(error instanceof FunctionsHttpError)) throw error;
  const answer: ErrorAnswer = await error.context.json();
  const { code, message, request_id } = answer.error;
  const hint = ERRORS[code].retry ? " You may try again." : "";
  throw new Error(`${message}${hint} (${code}, ${request_id})`);
}
