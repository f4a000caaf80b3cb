/** Asking for a summary, waiting for it, and reading a refusal. */
import { type Summaries, SummariesError } from "../clients/index.ts";

/** `language` is any, in words: "Swedish". By default the consultation's or the clinic's. */
export async function textFor(
  summaries: Summaries,
  consultationId: string,
  language?: string,
): Promise<string> {
  try {
    const answer = await summaries.ask(consultationId, {
      ...(language && { template_config: { language } }),
    });
    return "summary" in answer ? answer.summary : `It is ${answer.status}: watch it.`;
  } catch (error) {
    if (!(error instanceof SummariesError)) throw error;
    const hint = error.retry ? " You may try again." : "";
    return `${error.message}${hint} (${error.code}, ${error.requestId})`;
  }
}
