/** Correcting a summary and approving it: for doctors, nurses and admins. */
import { type Summaries, SummariesError, type Summary } from "../clients/index.ts";

/**
 * Approves `text` in place of what was seen. Where somebody was faster it gives null: load the row
 * again, and show both texts. An approved one is final: its correction is a new summary.
 */
export async function approveText(
  summaries: Summaries,
  seen: Summary,
  text: string,
): Promise<Summary | null> {
  try {
    if (seen.review_status === "approved") {
      return await summaries.approve(await summaries.amend(seen), text);
    }
    return await summaries.approve(seen, text);
  } catch (error) {
    if (error instanceof SummariesError && error.code === "version_conflict") return null;
    throw error;
  }
}
